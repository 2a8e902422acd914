import Foundation
import GraphIR
import Support

/// A scheme for each layer: the cheapest within a limit on what accuracy drops, or the most accurate within a budget.
public struct MixedPrecision: Sendable {
  /// The plan that was chosen.
  public let plan: QuantizationPlan
  /// The layers that had a choice, each with the scheme that it got.
  public let layers: [Layer]
  /// What the plan costs by the sum of its layers.
  public let predictedCost: Double
  /// What the whole network costs under the plan, as it was measured; nil where the sum of its layers is all there is.
  public let totalCost: Double?
  /// How many plans there were, each with the least cost for some error by the figures of single layers, or
  /// with one scheme for all.
  public let planCount: Int
  /// What accuracy drops by under the plan, in points, as it was measured.
  public let drop: Double
  /// By how much, as a fraction, another choice may be cheaper by the sum of its layers; 0 for the best there is, and nil where
  /// the cost of the whole network decided.
  public let relativeGap: Double?

  /// What was chosen for a layer.
  public struct Layer: Sendable {
    /// The name of its result, and its operator.
    public let name: String, kind: String
    /// By which the plan names it.
    public let pattern: String
    /// What it got.
    public let scheme: QuantizationScheme
    /// What it costs under that scheme, in the units of the search.
    public let cost: Double
    /// What it alone adds to the noise at the outputs, as a fraction of the signal's power.
    public let error: Double
  }

  /// What limits the choice.
  public enum Limit: Sendable {
    /// Accuracy may drop by so many points.
    case drop(Double)
    /// Layers may cost so much together.
    case cost(Double)
  }

  /// What there is to choose from.
  public struct Candidates: Sendable {
    /// The layers that are to choose.
    public let layers: [NodeID]
    /// What each of them can be.
    public let schemes: [QuantizationScheme]
    /// What a layer costs under a scheme; infinite where it cannot be computed so.
    public let cost: @Sendable (NodeID, QuantizationScheme) -> Double

    /// - Parameter cost: is asked for each layer and scheme once.
    public init(
      layers: [NodeID], schemes: [QuantizationScheme],
      cost: @escaping @Sendable (NodeID, QuantizationScheme) -> Double
    ) {
      self.layers = layers
      self.schemes = schemes
      self.cost = cost
    }
  }

  /// Chooses among the best plans for limits on the error that differ by a factor of the square root of two each, and those
  /// with one scheme for all layers.
  ///
  /// - Parameters:
  ///   - base: for layers that have no choice; its rules stay in force.
  ///   - total: measures what the whole network costs under a plan, which its layers do not tell where they need conversions
  ///     between them; nil to let the sum of layers decide.
  ///   - drop: measures by how many points accuracy drops under a plan.
  /// - Throws: a `Diagnostic` if no plan is within the limit.
  public init(
    _ graph: Graph, _ candidates: Candidates, _ sensitivity: Sensitivity, base: QuantizationPlan,
    within limit: Limit, total: ((QuantizationPlan) throws -> Double)? = nil,
    drop: (QuantizationPlan) throws -> Double
  ) throws {
    let options = candidates.layers.map { layer in
      candidates.schemes.map { scheme in
        PrecisionOption(
          cost: candidates.cost(layer, scheme),
          error: sensitivity.errors[layer]?[scheme] ?? .infinity)
      }
    }
    let trials = try Self.choices(options, hasUniform: total != nil).map { choice in
      let plan = Self.plan(choice, graph, candidates, base)
      return Trial(choice: choice, plan: plan, total: try total?(plan))
    }
    let (trial, measured) = try Self.best(of: trials, within: limit, drop: drop)
    plan = trial.plan
    self.drop = measured
    predictedCost = trial.choice.cost
    totalCost = trial.total
    planCount = trials.count
    relativeGap = total == nil ? trial.choice.relativeGap : nil
    layers = Self.layers(trial.choice, graph, candidates, options)
  }

  /// A plan that may be chosen.
  private struct Trial {
    let choice: PrecisionChoice
    let plan: QuantizationPlan
    let total: Double?

    var cost: Double { total ?? choice.cost }
  }

  /// The cheapest trial that drops accuracy by little enough, or of those within the budget the one with the least error.
  private static func best(
    of trials: [Trial], within limit: Limit, drop: (QuantizationPlan) throws -> Double
  ) throws -> (Trial, drop: Double) {
    switch limit {
    case .cost(let budget):
      let affordable = trials.filter { $0.cost <= budget }
      guard
        let best = affordable.min(by: {
          ($0.choice.error, $0.cost) < ($1.choice.error, $1.cost)
        })
      else { throw Diagnostic(.noPlan(limit, cheapest: trials.map(\.cost).min())) }
      return (best, try drop(best.plan))
    case .drop(let allowed):
      var least: Double?
      for trial in trials.sorted(by: { ($0.cost, $0.choice.error) < ($1.cost, $1.choice.error) }) {
        let measured = try drop(trial.plan)
        if measured <= allowed { return (trial, measured) }
        least = min(least ?? measured, measured)
      }
      throw Diagnostic(.noPlan(limit, least: least))
    }
  }

  private static func layers(
    _ choice: PrecisionChoice, _ graph: Graph, _ candidates: Candidates,
    _ options: [[PrecisionOption]]
  ) -> [Layer] {
    zip(candidates.layers, choice.options).enumerated().map { position, chosen in
      let option = options[position][chosen.1]
      return Layer(
        name: graph.layerName(chosen.0), kind: graph.nodes[chosen.0].kind,
        pattern: graph.rule(for: chosen.0, .float).pattern,
        scheme: candidates.schemes[chosen.1], cost: option.cost, error: option.error)
    }
  }

  /// The cheapest choices for falling limits on the error, each once; and those that are the same for all layers.
  private static func choices(
    _ options: [[PrecisionOption]], hasUniform: Bool
  ) -> [PrecisionChoice] {
    let found = choices(options)
    guard hasUniform, let count = options.first?.count else { return found }
    let uniform = (0..<count).map { scheme in
      PrecisionChoice(options.map { _ in scheme }, of: options)
    }
    return found
      + uniform.filter { choice in
        choice.cost.isFinite && choice.error.isFinite
          && !found.contains { $0.options == choice.options }
      }
  }

  /// The cheapest choices for falling limits on the error, cheapest first, each once.
  private static func choices(_ options: [[PrecisionOption]]) -> [PrecisionChoice] {
    let finite = options.map { $0.filter { $0.cost.isFinite && $0.error.isFinite } }
    let most = finite.map { $0.map(\.error).max() ?? 0 }.reduce(0, +)
    let least = finite.map { $0.map(\.error).min() ?? 0 }.reduce(0, +)
    var choices: [PrecisionChoice] = []
    var limit = most
    while true {
      if let choice = PrecisionChoice(options, errorLimit: max(limit, least)),
        choice.cost.isFinite, choices.last?.options != choice.options
      {
        choices.append(choice)
      }
      guard limit > least, choices.count < 64 else { return choices }
      limit /= 2.0.squareRoot()
      if limit < 1e-30 { limit = least }
    }
  }

  private static func plan(
    _ choice: PrecisionChoice, _ graph: Graph, _ candidates: Candidates, _ base: QuantizationPlan
  ) -> QuantizationPlan {
    var plan = base
    for (layer, option) in zip(candidates.layers, choice.options) {
      plan.rules.append(graph.rule(for: layer, candidates.schemes[option]))
    }
    return plan
  }
}

extension Diagnostic.Message {
  fileprivate static func noPlan(
    _ limit: MixedPrecision.Limit, least: Double? = nil, cheapest: Double? = nil
  ) -> Self {
    let wanted =
      switch limit {
      case .drop(let points): "drops accuracy by at most \(points) points"
      case .cost(let budget): "costs at most \(budget)"
      }
    let found =
      least.map { String(format: "; the least drop that was found is %.2f", $0) }
      ?? cheapest.map { String(format: "; the cheapest that was found costs %.0f", $0) } ?? ""
    return Self(id: "no-plan", .checkFailed, "there is no choice of schemes that \(wanted)\(found)")
  }
}
