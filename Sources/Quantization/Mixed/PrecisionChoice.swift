/// What a layer costs, and what it adds to the error, under one of the schemes that it can have.
public struct PrecisionOption: Hashable, Sendable {
  /// In units that all layers share: cycles, bytes or microjoules.
  public let cost: Double
  /// In units that all layers share, and that add up: noise power at the network's output.
  public let error: Double

  /// Neither is negative.
  public init(cost: Double, error: Double) {
    self.cost = cost
    self.error = error
  }
}

/// For each layer one of its options, so that the sum of costs is least within a limit on the sum of errors.
///
/// This is the multiple-choice knapsack problem. The solver goes from layer to layer and keeps of all partial choices those
/// that no other beats in both sums, which is exact. Where they become more than `capacity`, of those within a small
/// fraction of the cost the one with the least error is kept; `relativeGap` then bounds what that may have cost.
public struct PrecisionChoice: Hashable, Sendable {
  /// For each layer the index of its option.
  public let options: [Int]
  /// The sum of the options' costs.
  public let cost: Double
  /// The sum of the options' errors.
  public let error: Double
  /// By how much, as a fraction of the cost, the best choice may be cheaper; 0 if this one is known to be the best.
  public let relativeGap: Double

  /// Partial choices that are kept at most.
  public static let capacity = 1 << 14

  /// A choice for some of the layers, in a chain that leads back to the first.
  private struct Partial {
    let cost: Double
    let error: Double
    let option: Int
    let parent: Int
  }

  /// The cheapest choice within a limit on the error; nil if none is, or all of them cost infinitely much.
  ///
  /// - Parameter capacity: partial choices that are kept at most.
  public init?(
    _ layers: [[PrecisionOption]], errorLimit: Double, capacity: Int = PrecisionChoice.capacity
  ) {
    // What the layers to come add at least, so that choices without a future are dropped at once.
    let least = layers.map { $0.map(\.error).min() ?? 0 }
    var rest = least.reduce(0, +)
    var rounds: [[Partial]] = [[Partial(cost: 0, error: 0, option: 0, parent: 0)]]
    var slack = 0.0
    for (layer, options) in layers.enumerated() {
      rest -= least[layer]
      let extended = rounds[layer].enumerated().flatMap { index, partial in
        options.enumerated().map { option, added in
          Partial(
            cost: partial.cost + added.cost, error: partial.error + added.error, option: option,
            parent: index)
        }
      }
      // Sums in another order differ in their last digits.
      let limit = errorLimit * (1 + 1e-12) - rest
      let front = Self.front(extended.filter { $0.error <= limit && $0.cost < .infinity })
      let (kept, loss) = Self.thinned(front, to: capacity)
      slack += loss
      rounds.append(kept)
    }
    guard let best = rounds[layers.count].indices.first else { return nil }
    self.init(rounds, best, slack: slack)
  }

  /// A choice that somebody else made, of which it is not known whether another is cheaper.
  init(_ options: [Int], of layers: [[PrecisionOption]]) {
    self.options = options
    let chosen = zip(layers, options).map { $0[$1] }
    cost = chosen.map(\.cost).reduce(0, +)
    error = chosen.map(\.error).reduce(0, +)
    relativeGap = .infinity
  }

  private init(_ rounds: [[Partial]], _ best: Int, slack: Double) {
    var options: [Int] = []
    var index = best
    for round in rounds.dropFirst().reversed() {
      options.append(round[index].option)
      index = round[index].parent
    }
    self.options = options.reversed()
    let last = rounds[rounds.count - 1][best]
    cost = last.cost
    error = last.error
    relativeGap = last.cost > 0 ? slack / last.cost : 0
  }

  /// The partial choices that no other beats in cost and error, cheapest first.
  private static func front(_ partials: [Partial]) -> [Partial] {
    var front: [Partial] = []
    for partial in partials.sorted(by: {
      ($0.cost, $0.error, $0.parent, $0.option) < ($1.cost, $1.error, $1.parent, $1.option)
    }) {
      if let last = front.last, partial.error >= last.error { continue }
      front.append(partial)
    }
    return front
  }

  /// As many of a front as there is room for, and what their cost may be too high by.
  private static func thinned(_ front: [Partial], to capacity: Int) -> ([Partial], loss: Double) {
    guard front.count > capacity, let first = front.first, let last = front.last else {
      return (front, 0)
    }
    let width = (last.cost - first.cost) / Double(capacity - 1)
    var kept: [Partial] = []
    var bucket = -1
    for partial in front {
      let place = Int((partial.cost - first.cost) / width)
      // The last of a bucket has its least error.
      if place == bucket { kept[kept.count - 1] = partial } else { kept.append(partial) }
      bucket = place
    }
    return (kept, width)
  }
}
