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
    /// Whether blocks of these heights fit.
    let isPossible: Bool

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
      isPossible = true
      return
    }
    guard search.mayFit(range), let members = search.members(range, flatness) else { return nil }
    let order = BandOrder(range, members)
    bands = order
    heights = members.map(\.blockHeight)
    bytes = search.bytes(of: range, order)
    isPossible = search.blocksFit(range, members)
  }
}

extension PlaceSearch {
  /// The layers of a group and who reads whom; nil if one of them reads another in another shape.
  func members(_ range: Range<Int>, _ flatness: GroupPlan.Flatness) -> [BandOrder.Member]? {
    var members: [BandOrder.Member] = []
    for layer in range {
      guard let blocks = layers[layer].blocks, let problem = sites[layer].problem else {
        return nil
      }
      var producers: [Int] = []
      for operand in sites[layer].operands {
        guard let maker = operand.makers.first(where: range.contains) else { continue }
        guard operand.isWhole else { return nil }
        producers.append(maker - range.lowerBound)
      }
      guard let height = height(of: blocks, problem, flatness) else { return nil }
      members.append(
        BandOrder.Member(
          rows: RowWindow(blocks.problem), blockHeight: height, producers: producers,
          isKept: sites[layer].isKept(in: range)))
    }
    // Layers that have nothing to do with each other gain nothing by taking turns.
    let connected = members.contains { $0.producers.contains { $0 < members.count - 1 } }
    return connected ? members : nil
  }

  /// Whether constants leave room for the group, as far as that is known before its rows are: what is asked for has
  /// to be looked at in any case.
  func mayFit(_ range: Range<Int>) -> Bool {
    guard choice == nil, !savesMemory else { return true }
    return range.reduce(0) { $0 + aligned(sites[$1].constantBytes) } <= limit
  }

  /// Whether blocks of the members' heights fit the buffer, wherever values lie.
  func blocksFit(_ range: Range<Int>, _ members: [BandOrder.Member]) -> Bool {
    zip(range, members).allSatisfy { layer, member in
      sites[layer].problem.flatMap {
        tilings.best($0, readsSlow: false, writesSlow: false, height: member.blockHeight)
      } != nil
    }
  }

  private func height(
    of blocks: LayerPlan.Blocks, _ problem: Int, _ flatness: GroupPlan.Flatness
  ) -> Int? {
    switch flatness {
    case .none: blocks.tiling.block.height
    case .flat: tilings.flatHeight(problem, pieces: 2)
    case .lowest: tilings.flatHeight(problem, pieces: 1)
    }
  }

  /// The bytes of rows that are kept, and of constants, which a group must have at hand all the time.
  func bytes(of range: Range<Int>, _ order: BandOrder) -> Int {
    var sum = 0
    for (position, layer) in range.enumerated() {
      if !savesMemory { sum += aligned(sites[layer].constantBytes) }
      guard let result = layers[layer].blocks?.problem.result, !sites[layer].isKept(in: range)
      else { continue }
      sum += aligned(order.keptRows[position] * result.width * result.depth)
    }
    return sum
  }
}
