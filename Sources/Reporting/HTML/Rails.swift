/// Lines beside a list of layers. Results that the next layer reads go straight down; others take a rail to the left
/// of it, one rail for each result, up to its last reader.
struct Rails {
  private let producers: [[Int]]
  /// Of each layer the last that reads its result.
  private let lastReader: [Int]
  /// Of each layer the rail that its result takes; nil if only the next layer reads it, or there is no rail left.
  private let columns: [Int?]
  /// The layers whose results take a rail.
  private let railed: [Int]

  /// More would leave no room for the list.
  private static let limit = 10
  private static let height = 22.0
  private static let step = 9.0
  /// Where the straight way down is.
  private let trunk: Double

  init(_ producers: [[Int]]) {
    self.producers = producers
    var last = Array(producers.indices)
    for (reader, sources) in producers.enumerated() {
      for source in sources where source < reader { last[source] = max(last[source], reader) }
    }
    lastReader = last
    columns = Self.columns(last)
    railed = columns.indices.filter { [columns] in columns[$0] != nil }
    trunk = Double((columns.compactMap { $0 }.max() ?? -1) + 1) * Self.step + 8
  }

  /// The nearest rail that is free from a layer to the last reader of its result.
  private static func columns(_ last: [Int]) -> [Int?] {
    var freeFrom: [Int] = []
    return last.indices.map { layer in
      guard last[layer] > layer + 1 else { return nil }
      if let free = freeFrom.firstIndex(where: { $0 <= layer }) {
        freeFrom[free] = last[layer]
        return free
      }
      guard freeFrom.count < limit else { return nil }
      freeFrom.append(last[layer])
      return freeFrom.count - 1
    }
  }

  /// A row for a layer: what passes, what begins, what ends.
  func drawing(_ layer: Int, heat: Int) -> HTMLText {
    let row = layer...layer
    let lines =
      trunkLines(row) + railed.flatMap { passing($0, row) + ending($0, row) + beginning($0, row) }
    return svg("rails", [SVG.path(nil, lines), dot(heat)])
  }

  /// A row for a folded block. Rails from or to the block beside it say no more than the way straight down, if that is
  /// folded too: they are apart, so that the style sheet can hide them.
  ///
  /// - Parameters:
  ///   - previous: the layers of the block above; nil if there is none.
  ///   - next: the layers of the block below.
  func drawing(
    folded block: ClosedRange<Int>, after previous: ClosedRange<Int>?,
    before next: ClosedRange<Int>?, heat: Int
  ) -> HTMLText {
    let isNear = { (source: Int) in previous?.contains(source) ?? false }
    let staysNear = { (source: Int) in next?.contains(lastReader[source]) ?? false }
    let far = railed.flatMap {
      passing($0, block) + (isNear($0) ? [] : ending($0, block))
        + (staysNear($0) ? [] : beginning($0, block))
    }
    let above = railed.filter(isNear).flatMap { ending($0, block) }
    let below = railed.filter(staysNear).flatMap { beginning($0, block) }
    return svg(
      "rails folded",
      [
        SVG.path(nil, trunkLines(block) + far), SVG.path("above", above),
        SVG.path("below", below), dot(heat),
      ])
  }

  /// A row in which nothing happens: what passes above a layer.
  func passage(before layer: Int) -> HTMLText {
    var lines: [PathStep] = []
    if layer > 0, producers[layer].contains(layer - 1) { lines += down(trunk) }
    for source in railed where source < layer && lastReader[source] >= layer {
      if let x = x(source) { lines += down(x) }
    }
    return svg("rails open", [SVG.path(nil, lines)])
  }

  /// What the style sheet needs to know of the list's lines.
  var style: HTMLText { "--trunk:\(.number(trunk))px" }

  /// Where it is and how large, the style sheet says, for there are hundreds.
  private func dot(_ heat: Int) -> HTMLText { "<circle class=\"dot heat-\(heat)\"/>" }

  private func svg(_ kind: String, _ shapes: [HTMLText]) -> HTMLText {
    "<svg class=\"\(kind)\" aria-hidden=\"true\">\(shapes)</svg>"
  }

  private func x(_ source: Int) -> Double? {
    columns[source].map { trunk - Double($0 + 1) * Self.step }
  }

  private func down(_ x: Double) -> [PathStep] { [.move(x, 0), .line(x, Self.height)] }

  private func trunkLines(_ layers: ClosedRange<Int>) -> [PathStep] {
    let middle = Self.height / 2
    let (first, next) = (layers.lowerBound, layers.upperBound + 1)
    let comesDown = first > 0 && producers[first].contains(first - 1)
    let goesDown = next < producers.count && producers[next].contains(next - 1)
    guard comesDown || goesDown else { return [] }
    return [
      .move(trunk, comesDown ? 0 : middle), .line(trunk, goesDown ? Self.height : middle),
    ]
  }

  /// A result's rail beside layers that come after its producer and before its last reader.
  private func passing(_ source: Int, _ layers: ClosedRange<Int>) -> [PathStep] {
    guard let x = x(source), source < layers.lowerBound, lastReader[source] > layers.upperBound
    else { return [] }
    return down(x)
  }

  /// From a result's rail to layers that read it.
  private func ending(_ source: Int, _ layers: ClosedRange<Int>) -> [PathStep] {
    guard let x = x(source), source < layers.lowerBound, lastReader[source] >= layers.lowerBound,
      // To the next layer it goes straight down; the rail is for those that come later.
      layers.contains(where: { $0 != source + 1 && producers[$0].contains(source) })
    else { return [] }
    let middle = Self.height / 2
    return [.move(x, 0), .curve(x, middle, trunk, 0, trunk, middle)]
  }

  /// From layers to the rail of a result that later ones read.
  private func beginning(_ source: Int, _ layers: ClosedRange<Int>) -> [PathStep] {
    guard let x = x(source), layers.contains(source), lastReader[source] > layers.upperBound
    else { return [] }
    let (middle, height) = (Self.height / 2, Self.height)
    return [.move(trunk, middle), .curve(trunk, height, x, middle, x, height)]
  }
}
