import GraphIR
import Hardware

/// Chooses groups of layers that take turns, and which values lie in the slow memory, so that the fast one suffices and
/// the program is estimated to be fastest.
///
/// A walk over the cuts between layers: at each cut it knows the best way there for every choice of which of the values
/// that cross it lie in the slow memory, and tries every group that may come next. The estimate adds up groups, each
/// of which takes as long as its engines or its slow memory need.
struct PlaceSearch {
  private let graph: Graph
  private let layers: [LayerPlan]
  private let uses: ValueUses
  private let limit: Int
  private let fast: Int
  /// The memory for values that the fast one has no room for; nil if there is none.
  private let slow: Int?
  private var tilings: TilingSearch
  /// Values with memory of their own that cross each cut, which is before the layer of that position.
  private let crossing: [[ValueID]]

  /// The longest group: rows of more layers than that are rarely in use together.
  private static let longestGroup = 12
  /// How many choices are pursued from each cut.
  private static let beam = 6

  init(
    _ graph: Graph, _ layers: [LayerPlan], _ uses: ValueUses, _ tilings: TilingSearch,
    limit: Int
  ) {
    self.graph = graph
    self.layers = layers
    self.uses = uses
    self.tilings = tilings
    self.limit = limit
    fast = tilings.fast
    slow = tilings.slow
    var crossing = Array(repeating: [ValueID](), count: layers.count + 1)
    for value in uses.values {
      let first = uses.maker[value].map { $0 + 1 } ?? 0
      let last = uses.exits.contains(value) ? layers.count : uses.readers[value]?.last ?? -1
      guard first <= last else { continue }
      for cut in first...last { crossing[cut].append(value) }
    }
    self.crossing = crossing
  }

  /// A way from the beginning to a cut.
  private struct Way {
    var cost: Double
    /// Of the values that cross the cut, those in the slow memory.
    var slowValues: [ValueID]
    var groups: [GroupChoice]
  }

  private struct GroupChoice {
    let range: Range<Int>
    let tilings: [Tiling?]
    let bands: BandOrder?
    /// Values made here that lie in the slow memory.
    let spilled: [ValueID]
  }

  /// The best schedule that fits; nil if none does.
  mutating func schedule() -> Schedule? {
    var ways: [[Way]] = Array(repeating: [], count: layers.count + 1)
    let entries = slow == nil ? [] : uses.values.filter { uses.entries.contains($0) }
    ways[0] = [Way(cost: 0, slowValues: entries, groups: [])]
    for cut in layers.indices {
      let kept = ways[cut].sorted { $0.cost < $1.cost }.prefix(Self.beam)
      guard !kept.isEmpty else { continue }
      for range in groups(from: cut) {
        let plans = [false, true].map { GroupPlan(range, isFlat: $0, self) }
        for way in kept { extend(way, plans.compactMap { $0 }, range, &ways) }
      }
    }
    return ways[layers.count].min { $0.cost < $1.cost }.map(schedule(of:))
  }

  /// Groups that may begin at a layer: itself, and as many after it as have rows.
  private func groups(from first: Int) -> [Range<Int>] {
    var ranges = [first..<first + 1]
    guard layers[first].hasRows else { return ranges }
    var end = first + 1
    while end < layers.count, end - first < Self.longestGroup, layers[end].hasRows {
      end += 1
      ranges.append(first..<end)
    }
    return ranges
  }

  private mutating func extend(
    _ way: Way, _ plans: [GroupPlan], _ range: Range<Int>, _ ways: inout [[Way]]
  ) {
    let results = crossing[range.upperBound].filter { uses.maker[$0].map(range.contains) ?? false }
    for spilled in spills(of: results) {
      let slowValues = Set(way.slowValues + spilled)
      let through = crossing[range.lowerBound].filter { !slowValues.contains($0) }
      let held = (through + results.filter { !slowValues.contains($0) })
        .reduce(0) { $0 + aligned(uses.byteCount[$1] ?? 0) }
      for plan in plans where held + plan.bytes <= limit {
        guard let (cost, chosen) = cost(plan, slowValues) else { continue }
        let next = crossing[range.upperBound].filter(slowValues.contains)
        let choice = GroupChoice(
          range: range, tilings: chosen, bands: plan.bands, spilled: spilled)
        add(
          Way(cost: way.cost + cost, slowValues: next, groups: way.groups + [choice]),
          to: &ways[range.upperBound])
        break
      }
    }
  }

  /// Which of a group's results may lie in the slow memory: those that leave the network do.
  private func spills(of results: [ValueID]) -> [[ValueID]] {
    guard slow != nil else { return [[]] }
    let fixed = results.filter { uses.exits.contains($0) }
    let free = results.filter { !uses.exits.contains($0) }
    if free.count > 2 { return [fixed, fixed + free] }
    return free.reduce([fixed]) { choices, value in choices + choices.map { $0 + [value] } }
  }

  private func add(_ way: Way, to ways: inout [Way]) {
    if let known = ways.firstIndex(where: { $0.slowValues == way.slowValues }) {
      if way.cost < ways[known].cost { ways[known] = way }
    } else {
      ways.append(way)
    }
  }

  /// The estimated cycles of a group, and the blocks of its layers, where some values are in the slow memory.
  private mutating func cost(_ plan: GroupPlan, _ slowValues: Set<ValueID>) -> (
    Double, [Tiling?]
  )? {
    var (cycles, slowBytes) = (0.0, 0)
    var chosen: [Tiling?] = []
    for (position, layer) in plan.range.enumerated() {
      let node = graph.nodes[layers[layer].node]
      let reads = node.inputs.map { tilings.root($0) }.filter(slowValues.contains)
      let writes = node.results.filter(slowValues.contains)
      guard let problem = layers[layer].blocks?.problem else {
        cycles += tilings.otherCycles(layers[layer].node)
        slowBytes += (reads + writes).reduce(0) { $0 + (uses.byteCount[$1] ?? 0) }
        chosen.append(nil)
        continue
      }
      guard
        let choice = tilings.best(
          problem, readsSlow: !reads.isEmpty, writesSlow: !writes.isEmpty,
          height: plan.heights?[position])
      else { return nil }
      chosen.append(choice.tiling)
      cycles += choice.cycles
      slowBytes += reads.isEmpty ? 0 : choice.readBytes * reads.count / problem.operandCount
      slowBytes += writes.reduce(0) { $0 + (uses.byteCount[$1] ?? 0) }
    }
    let constants = plan.range.reduce(0) { $0 + layers[$1].estimatedConstantBytes }
    let port = Double(slowBytes) / tilings.slowBytesPerCycle
    let all = port + Double(constants) / tilings.constantBytesPerCycle
    return (max(cycles, all) + port / 8, chosen)
  }

  private func schedule(of way: Way) -> Schedule {
    var schedule = Schedule(groups: way.groups.map(\.range), tilings: [])
    if let slow {
      for entry in uses.entries { schedule.elsewhere[entry] = slow }
      for value in way.groups.flatMap(\.spilled) { schedule.elsewhere[value] = slow }
    }
    for group in way.groups {
      schedule.tilings += group.tilings
      guard let bands = group.bands else { continue }
      schedule.bands[group.range.lowerBound] = bands
      for (position, layer) in group.range.enumerated() {
        let result = graph.nodes[layers[layer].node].results[0]
        guard let height = layers[layer].blocks?.problem.result.height,
          bands.keptRows[position] < height
        else { continue }
        schedule.rows[result] = bands.keptRows[position]
      }
    }
    return schedule
  }

  /// What a group of layers needs of the fast memory, besides the values that cross its ends.
  fileprivate struct GroupPlan {
    let range: Range<Int>
    let bands: BandOrder?
    /// The heights of blocks, where they are bound by the order of bands; nil for a single layer.
    let heights: [Int]?
    let bytes: Int
  }

  fileprivate func isKept(_ value: ValueID, in range: Range<Int>) -> Bool {
    uses.exits.contains(value) || uses.reshaped.contains(value)
      || !(uses.readers[value] ?? []).allSatisfy(range.contains)
  }
}

extension PlaceSearch.GroupPlan {
  /// Nil where the group cannot be: blocks of its layers do not fit, or nothing is gained by it.
  ///
  /// - Parameter isFlat: whether blocks are as low as the array allows, so that fewer rows must be kept.
  fileprivate init?(_ range: Range<Int>, isFlat: Bool, _ search: PlaceSearch) {
    self.range = range
    guard range.count > 1 else {
      guard !isFlat else { return nil }
      bands = nil
      heights = nil
      bytes = search.leastConstantBytes(of: range.lowerBound)
      return
    }
    guard let members = search.members(range, isFlat: isFlat) else { return nil }
    let order = BandOrder(range, members)
    bands = order
    heights = members.map(\.blockHeight)
    bytes = search.bytes(of: range, order)
  }
}

extension PlaceSearch {
  /// The layers of a group and who reads whom; nil if one of them reads another in another shape.
  fileprivate func members(_ range: Range<Int>, isFlat: Bool) -> [BandOrder.Member]? {
    var members: [BandOrder.Member] = []
    for layer in range {
      guard let blocks = layers[layer].blocks else { return nil }
      let node = graph.nodes[layers[layer].node]
      var producers: [Int] = []
      for operand in node.inputs {
        guard let maker = uses.maker[tilings.root(operand)], range.contains(maker) else { continue }
        guard tilings.root(operand) == operand else { return nil }
        producers.append(maker - range.lowerBound)
      }
      let height = isFlat ? tilings.flatHeight(blocks.problem) : blocks.tiling.block.height
      guard let height else { return nil }
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

  /// The bytes of rows that are kept, and of constants, which a group must have at hand all the time.
  fileprivate func bytes(of range: Range<Int>, _ order: BandOrder) -> Int {
    range.enumerated().reduce(0) { sum, member in
      let (position, layer) = member
      let result = graph.nodes[layers[layer].node].results[0]
      let constants = aligned(layers[layer].estimatedConstantBytes)
      guard let problem = layers[layer].blocks?.problem, !isKept(result, in: range) else {
        return sum + constants
      }
      let row = problem.result.width * problem.result.depth
      return sum + constants + aligned(order.keptRows[position] * row)
    }
  }

  /// The room that a layer by itself wants for constants.
  fileprivate func leastConstantBytes(of layer: Int) -> Int {
    guard let blocks = layers[layer].blocks, let weights = blocks.weights,
      blocks.tiling.blockCount > weights.blocks
    else { return 0 }
    let all = layers[layer].estimatedConstantBytes
    guard weights.blocks > 2 else { return aligned(all) }
    return aligned(min(all, 2 * dividedUp(all, weights.blocks)))
  }
}
