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
  let layers: [LayerPlan]
  private let uses: ValueUses
  /// What the walk asks again and again of each layer.
  let sites: [LayerSite]
  let limit: Int
  /// Whether layers take turns without room for copies of their constants, and in the lowest blocks.
  let savesMemory: Bool
  /// The schedule that is wanted; nil to look for the best.
  let choice: ScheduleChoice?
  private let fast: Int
  /// The memory for values that the fast one has no room for; nil if there is none.
  private let slow: Int?
  let tilings: TilingSearch
  /// Values with memory of their own that cross each cut, which is before the layer of that position.
  private var crossing: [[Resident]]
  /// The groups at the ends of all ways.
  private var steps: [Step] = []

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
    sites = layers.map { LayerSite($0, graph, uses, tilings) }
    crossing = Array(repeating: [], count: layers.count + 1)
    for value in uses.values {
      let maker = uses.maker(value)
      let leaves = uses.exits.contains(value)
      let first = maker.map { $0 + 1 } ?? 0
      let last = leaves ? layers.count : uses.lastUser(value) ?? -1
      guard first <= last else { continue }
      let resident = Resident(
        value: value, byteCount: aligned(uses.byteCount[value] ?? 0), maker: maker ?? -1,
        leaves: leaves)
      for cut in first...last { crossing[cut].append(resident) }
    }
  }

  /// A value that crosses a cut.
  private struct Resident {
    let value: ValueID
    /// Of the memory that it takes.
    let byteCount: Int
    /// The layer that makes it; negative for what a run starts from.
    let maker: Int
    /// Whether it leaves the network.
    let leaves: Bool
  }

  /// A way from the beginning to a cut.
  private struct Way {
    var cost: Cost
    /// Of the values that cross the cut, those in the slow memory.
    var slowValues: [ValueID]
    /// The index of its last step; negative if there is none.
    var lastStep: Int
  }

  /// The last group of a way.
  private struct Step {
    let plan: GroupPlan
    /// The values in the slow memory of those that cross its ends.
    let slowValues: [ValueID]
    /// Values made here that lie in the slow memory.
    let spilled: [ValueID]
    /// The index of the step before it; negative if there is none.
    let previous: Int
  }

  /// The best schedule that fits; nil if none does.
  mutating func schedule() -> Schedule? {
    var ways: [[Way]] = Array(repeating: [], count: layers.count + 1)
    let entries = slow == nil ? [] : uses.values.filter { uses.entries.contains($0) }
    ways[0] = [Way(cost: Cost(bytes: 0, cycles: 0), slowValues: entries, lastStep: -1)]
    for cut in layers.indices {
      let kept = ways[cut].sorted { $0.cost < $1.cost }.prefix(Self.beam)
      guard !kept.isEmpty else { continue }
      for range in groups(from: cut) {
        let plans = flatnesses.map { GroupPlan(range, $0, self) }
        let possible = plans.compactMap { $0 }
        // Where low blocks are wanted, none other may take their place.
        let wanted = choice?.isFlat ?? false ? Array(possible.suffix(1)) : possible
        extend(kept, wanted, range, &ways[range.upperBound])
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

  /// Goes on from a cut by one group, in each way and with each choice of values for the slow memory, unless another way
  /// to the group's end is known that is as good.
  private mutating func extend(
    _ known: ArraySlice<Way>, _ plans: [GroupPlan], _ range: Range<Int>, _ ways: inout [Way]
  ) {
    let results = crossing[range.upperBound].filter { range.contains($0.maker) }
    let residents = crossing[range.lowerBound] + results
    let spills = spills(of: results)
    for way in known {
      for spilled in spills {
        let slowValues = way.slowValues + spilled
        let held = residents.reduce(0) {
          $0 + (slowValues.contains($1.value) ? 0 : $1.byteCount)
        }
        let plan = plans.firstIndex { $0.isPossible && held + $0.bytes <= limit }
        guard let plan else { continue }
        let next = part(of: slowValues, crossing: range.upperBound)
        let known = ways.firstIndex { $0.slowValues == next }
        let cost = cost(
          plans[plan], slowValues, room: limit - held, after: way.cost,
          below: known.map { ways[$0].cost })
        guard let cost else { continue }
        steps.append(
          Step(
            plan: plans[plan], slowValues: slowValues, spilled: spilled, previous: way.lastStep))
        let longer = Way(cost: cost, slowValues: next, lastStep: steps.count - 1)
        if let known { ways[known] = longer } else { ways.append(longer) }
      }
    }
  }

  /// Those of some values that cross a cut.
  private func part(of values: [ValueID], crossing cut: Int) -> [ValueID] {
    values.isEmpty ? [] : crossing[cut].map(\.value).filter(values.contains)
  }

  /// Which of a group's results may lie in the slow memory: those that leave the network do.
  private func spills(of results: [Resident]) -> [[ValueID]] {
    guard slow != nil else { return [[]] }
    let fixed = results.filter(\.leaves).map(\.value)
    let free = results.filter { !$0.leaves }.map(\.value)
    if let choice { return [fixed + free.filter(choice.spilled.contains)] }
    if free.count > 2 { return [fixed, fixed + free] }
    return free.reduce([fixed]) { choices, value in choices + choices.map { $0 + [value] } }
  }

  /// The estimated cost of a way with one more group, where some values are in the slow memory; nil if it is not below
  /// a bound. As nothing that is added up is negative, that may be known before all of it is.
  ///
  /// - Parameter room: the bytes of the fast memory that are left for constants.
  private func cost(
    _ plan: GroupPlan, _ slowValues: [ValueID], room: Int, after way: Cost, below bound: Cost?
  ) -> Cost? {
    var (cycles, slowBytes, byteCost, constants) = (0.0, 0, 0.0, 0)
    let isGrowing = plan.bands?.hasAllLayers ?? true
    for (position, layer) in plan.range.enumerated() {
      if let bound, isGrowing, !(way + Cost(bytes: byteCost, cycles: cycles) < bound) { return nil }
      let site = sites[layer]
      let reads = site.operands.count { slowValues.contains($0.root) }
      let written = site.results.reduce(0) {
        $0 + (slowValues.contains($1.root) ? $1.byteCount : 0)
      }
      slowBytes += written
      let choice = blocks(plan, position, slowValues)
      byteCost += self.byteCost(of: layer, slowValues, choice)
      guard let choice else {
        cycles += site.otherCycles
        slowBytes += site.operands.reduce(0) {
          $0 + (slowValues.contains($1.root) ? $1.byteCount : 0)
        }
        constants += site.constantBytes
        continue
      }
      constants += constantTraffic(layer, choice.tiling, room: plan.bands == nil ? room : .max)
      cycles += choice.cycles + choice.turnCycles * (plan.bands?.turns(of: layer) ?? 0)
      slowBytes += reads == 0 ? 0 : choice.readBytes * reads / layers[layer].operandCount
    }
    let port = Double(slowBytes) / tilings.slowBytesPerCycle
    let all = port + Double(constants) / tilings.constantBytesPerCycle
    let cost = way + Cost(bytes: byteCost, cycles: max(cycles, all) + port / 8)
    return bound.map { cost < $0 } ?? true ? cost : nil
  }

  /// The blocks of a layer of a group, where some values are in the slow memory; nil if it is not cut into blocks.
  private func blocks(
    _ plan: GroupPlan, _ position: Int, _ slowValues: [ValueID]
  ) -> BlockSearch.Choice? {
    let site = sites[plan.range.lowerBound + position]
    guard let problem = site.problem else { return nil }
    return tilings.best(
      problem, readsSlow: site.operands.contains { slowValues.contains($0.root) },
      writesSlow: site.results.contains { slowValues.contains($0.root) },
      height: plan.heights?[position])
  }

  /// The bytes of constants that are read from where they are kept: again for each block if there is no room for them.
  private func constantTraffic(_ layer: Int, _ tiling: Tiling, room: Int) -> Int {
    let bytes = sites[layer].constantBytes
    guard bytes > 0, !savesMemory else { return bytes }
    let isStaged = layers[layer].leastConstantBytes(tiling) <= room
    return bytes * (isStaged ? 1 : layers[layer].constantReadCount(tiling))
  }

  /// What the bytes count that a layer reads and writes; 0 where these do not count.
  private func byteCost(
    of layer: Int, _ slowValues: [ValueID], _ choice: BlockSearch.Choice?
  ) -> Double {
    guard let costs = tilings.byteCosts else { return 0 }
    func cost(_ value: ValueID) -> Double {
      costs[slowValues.contains(value) ? slow ?? fast : fast]
    }
    let site = sites[layer]
    let operands = site.operands.filter(\.isValue)
    let blockBytes = choice.map { Double($0.readBytes / layers[layer].operandCount) }
    let read = operands.reduce(0) { $0 + cost($1.root) * (blockBytes ?? Double($1.byteCount)) }
    let written = site.results.reduce(0) { $0 + cost($1.root) * Double($1.byteCount) }
    return read + written
  }

  /// The steps of a way, from the first to the last.
  private func steps(of way: Way) -> [Step] {
    var found: [Step] = []
    var last = way.lastStep
    while last >= 0 {
      found.append(steps[last])
      last = steps[last].previous
    }
    return found.reversed()
  }

  private func schedule(of way: Way) -> Schedule {
    let steps = steps(of: way)
    var schedule = Schedule(groups: steps.map(\.plan.range), tilings: [])
    schedule.cost = way.cost
    if let slow {
      for entry in uses.entries { schedule.elsewhere[entry] = slow }
      for value in steps.flatMap(\.spilled) { schedule.elsewhere[value] = slow }
    }
    for step in steps { add(step, to: &schedule) }
    return schedule
  }

  private func add(_ step: Step, to schedule: inout Schedule) {
    let range = step.plan.range
    schedule.tilings += range.indices.map {
      blocks(step.plan, $0 - range.lowerBound, step.slowValues)?.tiling
    }
    guard let bands = step.plan.bands else { return }
    schedule.bands[range.lowerBound] = bands
    for (position, layer) in range.enumerated() {
      let result = graph.nodes[layers[layer].node].results[0]
      guard let height = layers[layer].blocks?.problem.result.height,
        bands.keptRows[position] < height
      else { continue }
      schedule.rows[result] = bands.keptRows[position]
    }
  }
}
