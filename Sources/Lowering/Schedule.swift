import GraphIR
import Hardware

/// In which groups layers are computed, and in which memory values lie.
struct Schedule {
  /// Consecutive layers that take turns, rows by rows; most groups are of one layer.
  var groups: [Range<Int>]
  /// The order of bands in groups of several layers, by their first layer.
  var bands: [Int: BandOrder] = [:]
  /// The blocks of each layer; nil on the host, and for a softmax.
  var tilings: [Tiling?]
  /// Values outside the memory for activations, with the memory in which they lie.
  var elsewhere: [ValueID: Int] = [:]
  /// Results that take over the bytes of an operand, which nobody reads after them.
  var inPlace: [ValueID: ValueID] = [:]
  /// Values of which only some rows exist at a time, with the number of rows.
  var rows: [ValueID: Int] = [:]
}

extension Schedule {
  /// Every layer by itself.
  init(_ layers: [LayerPlan]) {
    self.init(
      groups: layers.indices.map { $0..<$0 + 1 }, tilings: layers.map { $0.blocks?.tiling })
  }

  /// The value in whose bytes a value lies: itself, unless it takes over those of others.
  func owner(of value: ValueID) -> ValueID {
    var owner = value
    while let next = inPlace[owner] { owner = next }
    return owner
  }

  /// Of each layer, the group that it is in.
  var groupOfLayer: [Range<Int>] { groups.flatMap { group in group.map { _ in group } } }
}

/// What values are to a schedule: their sizes, and which layers make and read them.
struct ValueUses {
  /// Values with memory of their own, in the order of their ids.
  private(set) var values: [ValueID]
  private(set) var byteCount: [ValueID: Int] = [:]
  /// The layer that computes a value; none for what a run starts from.
  private(set) var maker: [ValueID: Int] = [:]
  private(set) var readers: [ValueID: [Int]] = [:]
  /// Values that must be there when the run ends.
  let exits: Set<ValueID>
  /// Values that are there when it begins.
  let entries: Set<ValueID>
  /// Values that some layer sees in another shape.
  private(set) var reshaped: Set<ValueID> = []
  let layerCount: Int

  init(_ graph: Graph, _ layers: [LayerPlan], _ roots: [ValueID: ValueID]) {
    entries = Set(graph.entries)
    exits = Set(graph.exits.map { roots[$0] ?? $0 })
    layerCount = layers.count
    values = graph.entries
    for (layer, plan) in layers.enumerated() {
      for result in graph.nodes[plan.node].results {
        values.append(result)
        maker[result] = layer
      }
    }
    for value in values { byteCount[value] = graph.values[value].type.byteCount }
    for (layer, plan) in layers.enumerated() {
      for operand in graph.nodes[plan.node].inputs {
        let root = roots[operand] ?? operand
        guard byteCount[root] != nil else { continue }
        if readers[root]?.last != layer { readers[root, default: []].append(layer) }
        if root != operand { reshaped.insert(root) }
      }
    }
    values.sort()
  }

  /// The layers during which a value must be kept, if each layer is computed with its whole group.
  func life(_ value: ValueID, _ groupOfLayer: [Range<Int>]) -> ClosedRange<Int> {
    let last = max(0, layerCount - 1)
    let start = maker[value].map { groupOfLayer[$0].lowerBound } ?? 0
    if exits.contains(value) { return start...last }
    let end = readers[value]?.last.map { groupOfLayer[$0].upperBound - 1 }
    return start...max(start, end ?? maker[value].map { groupOfLayer[$0].upperBound - 1 } ?? 0)
  }

  /// Whether a value is part of what a run starts from or leaves behind.
  func isInterface(_ value: ValueID) -> Bool { entries.contains(value) || exits.contains(value) }
}
