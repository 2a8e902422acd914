import Evaluation
import GraphIR
import Hardware
import Quantization
import Reporting
import Support

extension QuantizationWork {
  /// Chooses a scheme for each layer with weights.
  func mixedPlan(_ options: MixedArguments) throws -> ChosenPlan {
    let mixed = try MixedWork(self, options)
    let sensitivity = try mixed.sensitivity()
    let costs = try mixed.costs()
    let judge = try AccuracyDrop(self, options)
    let choice = try MixedPrecision(
      mixed.models[0].graph,
      MixedPrecision.Candidates(layers: mixed.layers, schemes: mixed.schemes) { layer, scheme in
        costs[layer]?[scheme] ?? .infinity
      }, sensitivity, base: mixed.uniform(mixed.schemes[0]), within: options.limit,
      total: mixed.simulated.map { simulated in
        { try simulated.bill(of: mixed.quantized($0)).total }
      }
    ) { try judge.drop(under: mixed.quantized($0)) }
    return ChosenPlan(choice: choice, unit: options.cost.unit)
  }
}

/// A network under each of the schemes that its layers choose from.
private struct MixedWork {
  let work: QuantizationWork
  let schemes: [QuantizationScheme]
  /// All layers by one scheme; one for each.
  let models: [QuantizedModel]
  /// Those that choose: with weights that some scheme stores, and of which the user says nothing.
  let layers: [NodeID]
  /// Nil where bytes of weights are counted.
  let simulated: SimulatedCost?
  private let calibration: Calibration

  init(_ work: QuantizationWork, _ options: MixedArguments) throws {
    self.work = work
    simulated = try options.target.map {
      try SimulatedCost(
        Target($0, options.variants.choice), options.cost, options.variants.chosenObjective)
    }
    var schemes: [QuantizationScheme] = []
    for scheme in try options.candidates.map({ try QuantizationScheme($0) })
    where !schemes.contains(scheme) { schemes.append(scheme) }
    self.schemes = schemes
    let plans = schemes.map { Self.uniform($0, work.plan) }
    let calibration = try work.calibration(for: plans)
    self.calibration = calibration
    models = try plans.map { try work.quantized($0, calibration) }
    let stored = Set(models.flatMap(\.weightedLayers))
    let graph = models[0].graph
    layers = graph.order.filter { stored.contains($0) && !work.plan.names($0, in: graph) }
    guard !layers.isEmpty else {
      throw Diagnostic(
        .nothingToChoose(),
        help:
          "leave layers with weights to `--mixed`, which keeps what `--plan`, `--keep-float` and "
          + "`--scheme-for` say, and offer schemes that store weights with `--candidates`")
    }
  }

  /// What was asked for, but for layers of which nothing is said.
  func uniform(_ scheme: QuantizationScheme) -> QuantizationPlan { Self.uniform(scheme, work.plan) }

  private static func uniform(
    _ scheme: QuantizationScheme, _ plan: QuantizationPlan
  ) -> QuantizationPlan {
    QuantizationPlan(scheme, rules: plan.rules)
  }

  func quantized(_ plan: QuantizationPlan) throws -> QuantizedModel {
    try work.quantized(plan, calibration)
  }

  /// The error that each layer adds by itself.
  func sensitivity() throws -> Sensitivity {
    let progress = work.progress("trying layers", layers.count * schemes.count)
    defer { progress.finish() }
    return try Sensitivity(
      Array(zip(schemes, models)), layers: layers, work.inputs,
      workers: Workers(count: work.command.threads)
    ) { progress.advance() }
  }

  /// What each layer costs under each scheme.
  func costs() throws -> [NodeID: [QuantizationScheme: Double]] {
    guard let simulated, simulated.cost != .size else {
      return byLayer { _, layer, place in Double(models[place].weightBytes(of: layer)) }
    }
    let base = try simulated.bill(of: models[0])
    let own = shares(of: base)
    let progress = work.progress("simulating layers", layers.count * (schemes.count - 1))
    defer { progress.finish() }
    return try byLayer { position, layer, place in
      if place == 0 { return own[position] }
      defer { progress.advance() }
      // Other layers as they are: so it pays for conversions, and for leaving the NPU.
      var plan = uniform(schemes[0])
      plan.rules.append(models[0].graph.rule(for: layer, schemes[place]))
      let total = try simulated.bill(of: work.quantized(plan, calibration, methods: [])).total
      return max(0, own[position] + total - base.total)
    }
  }

  private func byLayer(
    _ cost: (_ position: Int, NodeID, _ place: Int) throws -> Double
  ) rethrows -> [NodeID: [QuantizationScheme: Double]] {
    try layers.enumerated().reduce(into: [:]) { costs, entry in
      for place in schemes.indices {
        costs[entry.element, default: [:]][schemes[place]] =
          try cost(entry.offset, entry.element, place)
      }
    }
  }

  /// What each layer costs of a program. A layer of the program may do the work of several, which then share its cost.
  private func shares(of bill: SimulatedCost.Bill) -> [Double] {
    let graph = models[0].graph
    let sources = layers.map { Set(graph.nodes[$0].sources.map(\.index)) }
    return sources.map { own in
      bill.layers.filter { !$0.sources.isDisjoint(with: own) }.map { part in
        part.cost / Double(sources.count { !$0.isDisjoint(with: part.sources) })
      }.reduce(0, +)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func nothingToChoose() -> Self {
    Self(id: "no-plan", .usage, "there is no layer with weights for which a scheme could be chosen")
  }
}
