import GraphIR
import Hardware

/// Chooses groups of layers that take turns, and which values lie in the slow memory, so that the fast one suffices and
/// the program is estimated to be fastest.
///
/// A walk over the cuts between layers: at each cut it knows the best way there for every choice of which of the values
/// that cross it lie in the slow memory, and tries every group that may come next. The estimate adds up groups, each
/// of which takes as long as its engines or its slow memory need.
struct PlaceSearch {
  let graph: Graph
  let layers: [LayerPlan]
  let uses: ValueUses
  private let limit: Int
  /// Whether layers take turns without room for copies of their constants, and in the lowest blocks.
  let savesMemory: Bool
  /// The schedule that is wanted; nil to look for the best.
  private let choice: ScheduleChoice?
  private let fast: Int
  /// The memory for values that the fast one has no room for; nil if there is none.
  private let slow: Int?
  let tilings: TilingSearch
  /// Values with memory of their own that cross each cut, which is before the layer of that position.
  private let crossing: [[ValueID]]

  /// The longest group: rows of more layers than that are rarely in use together.
  private static let longestGroup = 12
  /// How many choices are pursued from each cut.
  private static let beam = 6

  init(
    _ graph: Graph, _ layers: [LayerPlan], _ uses: ValueUses, _ tilings: TilingSearch,
    limit: Int, savesMemory: Bool, choice: ScheduleChoice?
  ) {
    self.graph = graph
    self.layers = layers
    self.uses = uses
    self.tilings = tilings
    self.limit = limit
    self.savesMemory = savesMemory
    self.choice = choice
    fast = tilings.fast
    slow = tilings.slow
    var crossing = Array(repeating: [ValueID](), count: layers.count + 1)
    for value in uses.values {
      let first = uses.maker(value).map { $0 + 1 } ?? 0
      let last = uses.exits.contains(value) ? layers.count : uses.lastUser(value) ?? -1
      guard first <= last else { continue }
      for cut in first...last { crossing[cut].append(value) }
    }
    self.crossing = crossing
  }

  /// What is added up on the way: what the bytes count that are read and written, and then cycles.
  struct Cost: Comparable {
    var bytes: Double
    var cycles: Double

    static func + (a: Cost, b: Cost) -> Cost {
      Cost(bytes: a.bytes + b.bytes, cycles: a.cycles + b.cycles)
    }

    static func < (a: Cost, b: Cost) -> Bool { (a.bytes, a.cycles) < (b.bytes, b.cycles) }
  }

  /// A way from the beginning to a cut.
  private struct Way {
    var cost: Cost
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
    ways[0] = [Way(cost: Cost(bytes: 0, cycles: 0), slowValues: entries, groups: [])]
    for cut in layers.indices {
      let kept = ways[cut].sorted { $0.cost < $1.cost }.prefix(Self.beam)
      guard !kept.isEmpty else { continue }
      for range in groups(from: cut) {
        let plans = flatnesses.map { GroupPlan(range, $0, self) }
        let possible = plans.compactMap { $0 }
        // Where low blocks are wanted, none other may take their place.
        let wanted = choice?.isFlat ?? false ? Array(possible.suffix(1)) : possible
        for way in kept { extend(way, wanted, range, &ways) }
      }
    }
    return ways[layers.count].min { $0.cost < $1.cost }.map(schedule(of:))
  }

  private var flatnesses: [GroupPlan.Flatness] {
    guard let choice, !choice.groups.isEmpty else { return GroupPlan.Flatness.allCases }
    return choice.isFlat ? [.none, .flat] : [.none]
  }

  /// Groups that may begin at a layer: itself, and as many after it as have rows.
  private func groups(from first: Int) -> [Range<Int>] {
    if let choice {
      return [choice.groups.first { $0.lowerBound == first } ?? first..<first + 1]
    }
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
    let results = crossing[range.upperBound].filter { uses.maker($0).map(range.contains) ?? false }
    for spilled in spills(of: results) {
      let slowValues = Set(way.slowValues + spilled)
      let through = crossing[range.lowerBound].filter { !slowValues.contains($0) }
      let held = (through + results.filter { !slowValues.contains($0) })
        .reduce(0) { $0 + aligned(uses.byteCount[$1] ?? 0) }
      for plan in plans where held + plan.bytes <= limit {
        guard let (cost, chosen) = cost(plan, slowValues, room: limit - held) else { continue }
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
    if let choice { return [fixed + free.filter(choice.spilled.contains)] }
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
  ///
  /// - Parameter room: the bytes of the fast memory that are left for constants.
  private mutating func cost(_ plan: GroupPlan, _ slowValues: Set<ValueID>, room: Int) -> (
    Cost, [Tiling?]
  )? {
    var (cycles, slowBytes, byteCost) = (0.0, 0, 0.0)
    var constants = 0
    var chosen: [Tiling?] = []
    for (position, layer) in plan.range.enumerated() {
      let node = graph.nodes[layers[layer].node]
      let reads = node.inputs.filter { slowValues.contains(tilings.root($0)) }
      let writes = node.results.filter { slowValues.contains(tilings.root($0)) }
      guard let problem = layers[layer].blocks?.problem else {
        cycles += tilings.otherCycles(layers[layer].node)
        slowBytes += (reads + writes).reduce(0) { $0 + bytes($1) }
        byteCost += self.byteCost(of: layer, slowValues, nil)
        chosen.append(nil)
        constants += layers[layer].estimatedConstantBytes
        continue
      }
      guard
        let choice = tilings.best(
          problem, readsSlow: !reads.isEmpty, writesSlow: !writes.isEmpty,
          height: plan.heights?[position])
      else { return nil }
      chosen.append(choice.tiling)
      constants += constantTraffic(layer, choice.tiling, room: plan.bands == nil ? room : .max)
      cycles += choice.cycles + choice.turnCycles * (plan.bands?.turns(of: layer) ?? 0)
      byteCost += self.byteCost(of: layer, slowValues, choice)
      slowBytes += reads.isEmpty ? 0 : choice.readBytes * reads.count / problem.operandCount
      slowBytes += writes.reduce(0) { $0 + bytes($1) }
    }
    let port = Double(slowBytes) / tilings.slowBytesPerCycle
    let all = port + Double(constants) / tilings.constantBytesPerCycle
    return (Cost(bytes: byteCost, cycles: max(cycles, all) + port / 8), chosen)
  }

  /// The bytes of constants that are read from where they are kept: again for each block if there is no room for them.
  private func constantTraffic(_ layer: Int, _ tiling: Tiling, room: Int) -> Int {
    var plan = layers[layer]
    plan.blocks?.tiling = tiling
    let isStaged = savesMemory || plan.leastConstantBytes <= room
    return plan.estimatedConstantBytes * (isStaged ? 1 : plan.constantReadCount)
  }

  /// What the bytes count that a layer reads and writes; 0 where these do not count.
  private func byteCost(
    of layer: Int, _ slowValues: Set<ValueID>, _ choice: BlockSearch.Choice?
  ) -> Double {
    guard let costs = tilings.byteCosts else { return 0 }
    func cost(_ value: ValueID) -> Double {
      costs[slowValues.contains(tilings.root(value)) ? slow ?? fast : fast]
    }
    let node = graph.nodes[layers[layer].node]
    let operands = node.inputs.filter { uses.byteCount[tilings.root($0)] != nil }
    let blockBytes = choice.map { Double($0.readBytes / layers[layer].operandCount) }
    let read = operands.reduce(0) { $0 + cost($1) * (blockBytes ?? Double(bytes($1))) }
    let written = node.results.reduce(0) { $0 + cost($1) * Double(bytes($1)) }
    return read + written
  }

  private func bytes(_ value: ValueID) -> Int { graph.values[value].type.byteCount }

  private func schedule(of way: Way) -> Schedule {
    var schedule = Schedule(groups: way.groups.map(\.range), tilings: [])
    schedule.cost = way.cost
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
}
