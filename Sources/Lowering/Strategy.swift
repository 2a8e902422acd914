/// A way to look for a schedule. An objective has several, of whose programs the best counts.
struct Strategy: Hashable {
  /// The schedule that is wanted; nil to look for the best.
  var choice: ScheduleChoice?
  /// The bytes of the memory for activations that may be used; nil for all.
  var capacity: Int?
  /// What a byte read from or written to each memory counts, before cycles do; nil where these alone count.
  var byteCosts: [Double]?
  /// How many layers ahead of their own constants may be copied: the first of these for which there is room. Without
  /// any, constants are read where they are kept.
  var leads = [16, 6, 2, 1, 0]
  /// Whether copies of constants may take all room that values leave, not only as much as is needed somewhere.
  var fillsMemory = false
  /// Whether values may lie within others, of which they are parts.
  var dividesValues = true
  /// Whether layers are computed in the order in which values take the least memory, not in that of the graph.
  var reorders = false
  /// Whether layers that do not wait for the host come before those that do.
  var overlapsHost = false
  /// Whether layers take turns without room for copies of their constants, in blocks as low as the array allows.
  var savesMemory = false
  /// Whether values may lie in a slow memory, if the target has one for them.
  var spillsValues = true
  /// Whether bytes of constants are kept, not only their sizes.
  var keepsConstants = true

  /// What is tried besides the fastest program, which fits.
  static func alternatives(for objective: Objective, to fastest: Lowering) throws -> [Strategy] {
    switch objective {
    case .latency: return []
    case .memory:
      let orders = fastest.gainsByOrder ? [false, true] : [false]
      let hasSlow = fastest.target.memory(holding: .spilledActivations) != nil
      return try (hasSlow ? [false, true] : [true]).flatMap { spills in
        try orders.flatMap { reorders in
          try [false, true].flatMap { saves in
            try leastMemory(
              Strategy(reorders: reorders, savesMemory: saves, spillsValues: spills), fastest)
          }
        }
      }
    case .traffic, .energy:
      // Least traffic may take less energy than the walk over places finds by the energy of bytes.
      let counted: [Objective] = objective == .energy ? [.energy, .traffic] : [.traffic]
      return ([nil] + counted.map { $0.byteCosts(on: fastest.target) }).flatMap { costs in
        [Strategy().leads, [0], []].map {
          Strategy(byteCosts: costs, leads: $0, fillsMemory: true)
        }
      }
    }
  }

  /// A strategy within the least memory for which it finds a schedule, with and without copies of constants.
  private static func leastMemory(_ strategy: Strategy, _ fastest: Lowering) throws -> [Strategy] {
    let plan = try Lowering(
      fastest.graph, fastest.target, strategy, fastest.encodings
    ).withPlaces()
    guard plan.fits, let least = FittingSearch(below: plan).leastBytes else { return [] }
    var within = strategy
    within.capacity = min(least, fastest.capacity)
    var direct = within
    direct.leads = []
    return [within, direct]
  }
}
