/// In which order the axes of a value lie in the file: axis `k` there is axis `axes[k]` of the graph's value.
struct AxisOrder: Hashable, Sendable {
  let axes: [Int]

  /// - Precondition: each axis stands in the list once.
  init(_ axes: [Int]) { self.axes = axes }

  /// As in the graph.
  static func plain(_ rank: Int) -> Self { Self(Array(0..<rank)) }

  /// The last axis behind the first, which is where ONNX has channels.
  static func channelsFirst(_ rank: Int) -> Self {
    rank < 3 ? plain(rank) : Self([0, rank - 1] + (1..<rank - 1))
  }

  /// The inverse of `channelsFirst`.
  static func channelsLast(_ rank: Int) -> Self {
    rank < 3 ? plain(rank) : Self([0] + (2..<rank) + [1])
  }

  /// The orders of images, in which values are handed on as they are.
  static func common(_ rank: Int) -> [Self] {
    rank < 3 ? [plain(rank)] : [plain(rank), channelsFirst(rank), channelsLast(rank)]
  }

  var isPlain: Bool { axes == Array(axes.indices) }

  /// Where an axis of the graph's value lies; a negative one counts from the back.
  func place(of axis: Int) -> Int {
    guard let place = axes.firstIndex(of: axis < 0 ? axis + axes.count : axis) else {
      preconditionFailure("an order holds every axis")
    }
    return place
  }

  /// A list with an entry for each axis of the graph's value, in the order of the file.
  func arranged<Entry>(_ list: [Entry]) -> [Entry] { axes.map { list[$0] } }

  /// The same order, seen from the operand of a transpose whose result has this one.
  func before(_ permutation: [Int]) -> Self { Self(axes.map { permutation[$0] }) }

  /// The permutation by which a transpose brings a tensor from another order to this one.
  func permutation(from other: Self) -> [Int] { axes.map { other.place(of: $0) } }

  /// What is left of the order when axes vanish.
  func without(_ vanishing: Set<Int>) -> Self {
    let kept = axes.filter { !vanishing.contains($0) }
    let places = kept.sorted()
    return Self(kept.map { places.firstIndex(of: $0) ?? 0 })
  }
}
