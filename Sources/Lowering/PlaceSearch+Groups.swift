import GraphIR
import Hardware

/// What groups need of the fast memory.
extension PlaceSearch {
  /// What a group of layers needs of the fast memory, besides the values that cross its ends.
  struct GroupPlan {
    let range: Range<Int>
    let bands: BandOrder?
    /// The heights of blocks, where they are bound by the order of bands; nil for a single layer.
    let heights: [Int]?
    let bytes: Int

    /// How low blocks are, so that fewer rows must be kept.
    enum Flatness: CaseIterable {
      /// As high as is fastest.
      case none
      /// A few rows.
      case flat
      /// As low as the array allows; only where memory is to be saved.
      case lowest
    }
  }

  func isKept(_ value: ValueID, in range: Range<Int>) -> Bool {
    let value = tilings.root(value)
    return uses.divided.contains(value) || uses.exits.contains(value)
      || uses.reshaped.contains(value)
      || !(uses.readers[value] ?? []).allSatisfy(range.contains)
  }
}

extension PlaceSearch.GroupPlan {
  /// Nil where the group cannot be: blocks of its layers do not fit, or nothing is gained by it.
  ///
  init?(_ range: Range<Int>, _ flatness: Flatness, _ search: PlaceSearch) {
    self.range = range
    guard flatness != .lowest || search.savesMemory else { return nil }
    guard range.count > 1 else {
      guard flatness == .none else { return nil }
      bands = nil
      heights = nil
      bytes = 0
      return
    }
    guard let members = search.members(range, flatness) else { return nil }
    let order = BandOrder(range, members)
    bands = order
    heights = members.map(\.blockHeight)
    bytes = search.bytes(of: range, order)
  }
}

extension PlaceSearch {
  /// The layers of a group and who reads whom; nil if one of them reads another in another shape.
  func members(_ range: Range<Int>, _ flatness: GroupPlan.Flatness) -> [BandOrder.Member]? {
    var members: [BandOrder.Member] = []
    for layer in range {
      guard let blocks = layers[layer].blocks else { return nil }
      let node = graph.nodes[layers[layer].node]
      var producers: [Int] = []
      for operand in node.inputs {
        let makers = (uses.makers[tilings.root(operand)] ?? []).filter(range.contains)
        guard let maker = makers.first else { continue }
        guard tilings.root(operand) == operand, !uses.divided.contains(operand) else { return nil }
        producers.append(maker - range.lowerBound)
      }
      guard let height = height(of: blocks, flatness) else { return nil }
      members.append(
        BandOrder.Member(
          problem: blocks.problem, blockHeight: height, producers: producers,
          isKept: isKept(node.results[0], in: range)))
    }
    // Layers that have nothing to do with each other gain nothing by taking turns.
    let connected = members.indices.dropLast().contains { position in
      members.contains { $0.producers.contains(position) }
    }
    return connected ? members : nil
  }

  private func height(of blocks: LayerPlan.Blocks, _ flatness: GroupPlan.Flatness) -> Int? {
    switch flatness {
    case .none: blocks.tiling.block.height
    case .flat: tilings.flatHeight(blocks.problem, pieces: 2)
    case .lowest: tilings.flatHeight(blocks.problem, pieces: 1)
    }
  }

  /// The bytes of rows that are kept, and of constants, which a group must have at hand all the time.
  func bytes(of range: Range<Int>, _ order: BandOrder) -> Int {
    range.enumerated().reduce(0) { sum, member in
      let (position, layer) = member
      let result = graph.nodes[layers[layer].node].results[0]
      let constants = savesMemory ? 0 : aligned(layers[layer].estimatedConstantBytes)
      guard let problem = layers[layer].blocks?.problem, !isKept(result, in: range) else {
        return sum + constants
      }
      let row = problem.result.width * problem.result.depth
      return sum + constants + aligned(order.keptRows[position] * row)
    }
  }
}
