import Support
import Testing

import Quantization

/// The solver against all choices there are.
struct PrecisionChoiceTests {
  /// Small whole numbers, so that sums are exact and many choices are equally good.
  private struct Problem {
    let layers: [[PrecisionOption]]
    let limit: Double

    init(seed: UInt64, size: Int = 6) {
      var generator = SeededGenerator(seed: seed)
      let count = Int.random(in: 1...size, using: &generator)
      layers = (0..<count).map { _ in
        (0..<3).map { _ in
          PrecisionOption(
            cost: Double(Int.random(in: 0...50, using: &generator)),
            error: Double(Int.random(in: 0...20, using: &generator)))
        }
      }
      limit = Double(Int.random(in: 0...(12 * count), using: &generator))
    }

    /// The least cost among all choices within the limit; nil if none is.
    var leastCost: Double? {
      var sums: [(cost: Double, error: Double)] = [(0, 0)]
      for options in layers {
        sums = sums.flatMap { sum in options.map { (sum.cost + $0.cost, sum.error + $0.error) } }
      }
      return sums.filter { $0.error <= limit }.map(\.cost).min()
    }

    /// Whether a choice is within the limit, and its sums are those of its options.
    func holds(_ choice: PrecisionChoice) -> Bool {
      let chosen = zip(layers, choice.options).map { $0[$1] }
      return choice.options.count == layers.count && choice.error <= limit
        && chosen.map(\.cost).reduce(0, +) == choice.cost
        && chosen.map(\.error).reduce(0, +) == choice.error
    }
  }

  @Test func choiceIsTheCheapestOfAll() {
    for seed in UInt64(0)..<200 {
      let problem = Problem(seed: seed)
      let choice = PrecisionChoice(problem.layers, errorLimit: problem.limit)
      #expect(choice?.cost == problem.leastCost, "seed \(seed)")
      guard let choice else { continue }
      #expect(problem.holds(choice) && choice.relativeGap == 0, "seed \(seed)")
    }
  }

  @Test(arguments: [1, 2, 3, 5, 20])
  func gapBoundsWhatThinningCosts(capacity: Int) throws {
    for seed in UInt64(0)..<200 {
      let problem = Problem(seed: seed)
      let found = PrecisionChoice(
        problem.layers, errorLimit: problem.limit, capacity: capacity)
      guard let least = problem.leastCost else {
        #expect(found == nil, "seed \(seed)")
        continue
      }
      let choice = try #require(found, "seed \(seed)")
      #expect(problem.holds(choice), "seed \(seed)")
      #expect(
        least >= choice.cost || choice.cost - least <= choice.relativeGap * choice.cost + 1e-9)
    }
  }

  @Test func nothingIsChosenWhereNothingIsWithinTheLimit() {
    let layers = [[PrecisionOption(cost: 1, error: 2)], [PrecisionOption(cost: 1, error: 2)]]
    #expect(PrecisionChoice(layers, errorLimit: 3.9) == nil)
    #expect(PrecisionChoice(layers, errorLimit: 4)?.cost == 2)
    #expect(PrecisionChoice([[]], errorLimit: 4) == nil)
    #expect(PrecisionChoice([], errorLimit: 0)?.options == [])
  }

  /// A layer that cannot be computed in some way costs infinitely much in it.
  @Test(arguments: [1, 2, 100])
  func infiniteCostsAreAvoided(capacity: Int) {
    let options = [
      PrecisionOption(cost: .infinity, error: 0), PrecisionOption(cost: 3, error: 1),
      PrecisionOption(cost: 1, error: 2), PrecisionOption(cost: 0.5, error: 3),
    ]
    let found = PrecisionChoice([options, options], errorLimit: 6, capacity: capacity)
    #expect(found?.cost.isFinite == true)
    let never = [PrecisionOption(cost: 1, error: .infinity)]
    #expect(PrecisionChoice([never, options], errorLimit: 6, capacity: capacity) == nil)
  }
}
