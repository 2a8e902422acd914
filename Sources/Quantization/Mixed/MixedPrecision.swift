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
  /// What accuracy drops by under the plan, in points, as it was measured.
  public let drop: Double
  /// By how much, as a fraction, another choice may be cheaper by these costs; 0 for the best there is.
  public let relativeGap: Double

  /// What was chosen for a layer.
  public struct Layer: Sendable {
    /// The name of its result, and its operator.
    public let name: String, kind: String
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

  /// Chooses among the best plans for limits on the error that differ by a factor of the square root of two each.
  ///
  /// - Parameters:
  ///   - base: for layers that have no choice; its rules stay in force.
  ///   - drop: measures by how many points accuracy drops under a plan.
  /// - Throws: a `Diagnostic` if no plan is within the limit.
  public init(
    _ graph: Graph, _ candidates: Candidates, _ sensitivity: Sensitivity, base: QuantizationPlan,
    within limit: Limit, drop: (QuantizationPlan) throws -> Double
  ) throws {
    let options = candidates.layers.map { layer in
      candidates.schemes.map { scheme in
        PrecisionOption(
          cost: candidates.cost(layer, scheme),
          error: sensitivity.errors[layer]?[scheme] ?? .infinity)
      }
    }
    var found: (choice: PrecisionChoice, plan: QuantizationPlan, drop: Double)?
    var least: Double?
    for choice in Self.choices(options) {
      if case .cost(let budget) = limit, choice.cost > budget { continue }
      let plan = Self.plan(choice, graph, candidates, base)
      let measured = try drop(plan)
      least = min(least ?? measured, measured)
      guard case .drop(let allowed) = limit else {
        // Choices come cheapest first: the last within the budget has the least error.
        found = (choice, plan, measured)
        continue
      }
      if measured <= allowed {
        found = (choice, plan, measured)
        break
      }
    }
    guard let found else { throw Diagnostic(.noPlan(limit, least)) }
    self.init(found.choice, found.plan, found.drop, graph, candidates, options)
  }

  private init(
    _ choice: PrecisionChoice, _ plan: QuantizationPlan, _ drop: Double, _ graph: Graph,
    _ candidates: Candidates, _ options: [[PrecisionOption]]
  ) {
    self.plan = plan
    self.drop = drop
    predictedCost = choice.cost
    relativeGap = choice.relativeGap
    layers = zip(candidates.layers, choice.options).enumerated().map { position, chosen in
      let option = options[position][chosen.1]
      return Layer(
        name: graph.layerName(chosen.0), kind: graph.nodes[chosen.0].kind,
        scheme: candidates.schemes[chosen.1], cost: option.cost, error: option.error)
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
      plan.rules.append(.init(exactly: graph.layerName(layer), candidates.schemes[option]))
    }
    return plan
  }
}

extension Diagnostic.Message {
  fileprivate static func noPlan(_ limit: MixedPrecision.Limit, _ least: Double?) -> Self {
    let wanted =
      switch limit {
      case .drop(let points): "drops accuracy by at most \(points) points"
      case .cost(let budget): "costs at most \(budget)"
      }
    let found = least.map { String(format: "; the least drop that was found is %.2f", $0) } ?? ""
    return Self(id: "no-plan", .checkFailed, "there is no choice of schemes that \(wanted)\(found)")
  }
}
