import GraphIR
import Hardware

/// What a search for places asks again and again of a layer.
struct LayerSite {
  /// The number of what is cut into blocks, by which a `TilingSearch` knows it; nil if nothing is.
  let problem: Int?
  /// The cycles of a layer that is not cut into blocks.
  let otherCycles: Double
  /// The bytes of weights and parameters.
  let constantBytes: Int
  let operands: [Place]
  let results: [Place]
  /// The layers that read the result, from the first to the last; nil if none does.
  private let readers: ClosedRange<Int>?
  /// Whether all of the result must exist in the end, whoever reads it.
  private let isWhole: Bool

  /// An operand or a result.
  struct Place {
    /// The value in whose bytes it lies.
    let root: ValueID
    let byteCount: Int
    /// Whether its root is a value with bytes of its own, and no constant.
    let isValue: Bool
    /// The layers that make its root or a part of it.
    let makers: [Int]
    /// Whether it is all of its root, and its root has no other parts.
    let isWhole: Bool
  }

  init(_ layer: LayerPlan, _ graph: Graph, _ uses: ValueUses, _ tilings: TilingSearch) {
    let node = graph.nodes[layer.node]
    problem = layer.blocks.map { tilings.number(of: $0.problem) }
    otherCycles = problem == nil ? tilings.otherCycles(layer.node) : 0
    constantBytes = layer.estimatedConstantBytes
    func place(_ value: ValueID) -> Place {
      let root = tilings.root(value)
      return Place(
        root: root, byteCount: graph.values[value].type.byteCount,
        isValue: uses.byteCount[root] != nil, makers: uses.makers[root] ?? [],
        isWhole: root == value && !uses.divided.contains(value))
    }
    operands = node.inputs.map(place)
    results = node.results.map(place)
    let result = results[0].root
    readers = uses.readers[result].flatMap { all in
      all.min().flatMap { first in all.max().map { first...$0 } }
    }
    isWhole =
      uses.divided.contains(result) || uses.exits.contains(result)
      || uses.reshaped.contains(result)
  }

  /// Whether others than the layers of a group need the result, so that all of it must exist in the end.
  func isKept(in range: Range<Int>) -> Bool {
    guard !isWhole, let readers else { return isWhole }
    return readers.lowerBound < range.lowerBound || readers.upperBound >= range.upperBound
  }
}
