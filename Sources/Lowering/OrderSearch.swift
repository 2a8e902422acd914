import GraphIR
import Support

/// Looks for an order of layers in which the values that are in use at one time take little memory.
///
/// A walk over sets of computed layers, one layer more at each step. Of all orders of a set only the one with the lowest
/// peak is pursued, and of the sets of a step the best few: exact where there are no more, as in chains and between
/// few branches.
struct OrderSearch {
  /// The layers in the order that was found, by their position in the order of the graph.
  private(set) var order: [Int]

  /// The most bytes of values that are in use at one time in this order.
  var peak: Int { peak(of: order) }

  private let uses: ValueUses
  private let layers: [Work]
  private var userCount: [ValueID: Int] = [:]
  /// The most sets that are pursued from each step.
  private let beam: Int

  /// What computing a layer changes.
  private struct Work {
    /// The values that it computes and reads, wholly or in part.
    var values: [ValueID] = []
    /// The layers that must come behind it.
    var followers: [Int] = []
    /// By whose sum a set of layers is known.
    let mark: UInt64
  }

  /// A set of computed layers, and the best order of these that is known.
  private struct State {
    var order: [Int] = []
    var mark: UInt64 = 0
    var peak: Int
    var live: Int
    /// Of each layer, the layers that must come before it and have not.
    var missing: [Int]
    /// Of each value in use, how many layers that compute or read it are still to come.
    var usersLeft: [ValueID: Int]
    var ready: [Int]
  }

  /// - Complexity: O(layers · beam · (layers + values)), which the beam keeps within some hundredths of a second.
  init(_ uses: ValueUses) {
    self.uses = uses
    var generator = SeededGenerator(seed: 1)
    var layers = (0..<uses.layerCount).map { _ in Work(mark: generator.next()) }
    for value in uses.values {
      let users = (uses.makers[value] ?? []) + (uses.readers[value] ?? [])
      userCount[value] = Set(users).count
      for user in Set(users) { layers[user].values.append(value) }
    }
    for (layer, producers) in uses.producers.enumerated() {
      for producer in producers { layers[producer].followers.append(layer) }
    }
    self.layers = layers
    beam = max(4, min(200, 40_000 / max(1, layers.count * layers.count)))
    order = Array(layers.indices)
    search()
  }

  private mutating func search() {
    var states = [start]
    for _ in layers.indices {
      var best: [UInt64: State] = [:]
      for state in states {
        for layer in state.ready {
          let next = step(state, layer)
          if let known = best[next.mark], !Self.precedes(next, known) { continue }
          best[next.mark] = next
        }
      }
      states = Array(best.values.sorted(by: Self.precedes).prefix(beam))
    }
    if let found = states.first { order = found.order }
  }

  /// The most bytes of values that are in use at one time in some order.
  func peak(of order: [Int]) -> Int { order.reduce(start) { step($0, $1) }.peak }

  private var start: State {
    let entries = uses.values.filter { uses.entries.contains($0) }
    let live = entries.reduce(0) { $0 + bytes($1) }
    return State(
      peak: live, live: live, missing: uses.producers.map(\.count),
      usersLeft: Dictionary(uniqueKeysWithValues: entries.map { ($0, userCount[$0] ?? 0) }),
      ready: layers.indices.filter { uses.producers[$0].isEmpty })
  }

  private func step(_ state: State, _ layer: Int) -> State {
    var next = state
    next.order.append(layer)
    next.mark &+= layers[layer].mark
    next.ready.removeAll { $0 == layer }
    for value in layers[layer].values where next.usersLeft[value] == nil {
      next.live += bytes(value)
      next.usersLeft[value] = userCount[value]
    }
    next.peak = max(next.peak, next.live)
    for value in layers[layer].values {
      next.usersLeft[value]? -= 1
      guard next.usersLeft[value] == 0, !uses.exits.contains(value) else { continue }
      next.live -= bytes(value)
      next.usersLeft[value] = nil
    }
    for follower in layers[layer].followers {
      next.missing[follower] -= 1
      if next.missing[follower] == 0 { next.ready.append(follower) }
    }
    next.ready.sort()
    return next
  }

  /// Where peaks are equal, less memory in use gives more freedom, and then the order of the graph counts.
  private static func precedes(_ a: State, _ b: State) -> Bool {
    if a.peak != b.peak { return a.peak < b.peak }
    if a.live != b.live { return a.live < b.live }
    return a.order.lexicographicallyPrecedes(b.order)
  }

  private func bytes(_ value: ValueID) -> Int { aligned(uses.byteCount[value] ?? 0) }
}
