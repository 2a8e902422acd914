import Evaluation
import Foundation
import GraphIR
import Hardware
import Lowering
import Passes
import Quantization
import Reporting
import Simulation
import Support
import Tensors

/// A plan that was chosen, and what is told about it.
struct ChosenPlan {
  let choice: MixedPrecision
  let unit: String
  /// What the whole network costs on the target under the plan; nil without a target.
  let simulated: Int?

  /// The plan as a file, with what each layer costs and loses.
  func text(file: String) -> String {
    let remarks = Dictionary(
      choice.layers.map { ($0.name, remark($0)) }, uniquingKeysWith: { first, _ in first })
    let gap =
      choice.relativeGap == 0
      ? "the cheapest that there is by these figures"
      : "at most \(Figures.percent(choice.relativeGap)) above the cheapest by these figures"
    let total = simulated.map { "; simulated as a whole: \(Figures.grouped($0)) \(unit)" } ?? ""
    let heading = [
      "Which scheme each layer of \(Escaping.terminal(file)) is quantized by. To be read and edited by hand:",
      "`dovetail quantize MODEL --calibration DATA --plan THIS -o FILE` makes the model.",
      "Sum of layers: \(Figures.grouped(Int(choice.predictedCost))) \(unit), \(gap)\(total).",
      String(format: "Drop that was measured: %.2f points.", choice.drop),
    ]
    return choice.plan.text(heading: heading) { remarks[$0.pattern] }
  }

  private func remark(_ layer: MixedPrecision.Layer) -> String {
    let decibels = layer.error > 0 ? String(format: ", noise %.1f dB", 10 * log10(layer.error)) : ""
    return "\(layer.kind), \(Figures.grouped(Int(layer.cost))) \(unit)\(decibels)"
  }
}

extension QuantizationWork {
  /// Chooses a scheme for each layer with weights.
  func mixedPlan(_ options: MixedArguments) throws -> ChosenPlan {
    let schemes = try options.candidates.map { try QuantizationScheme($0) }
    let models = try schemes.map { scheme in
      var uniform = plan
      uniform.scheme = scheme
      return (scheme: scheme, model: try quantized(uniform))
    }
    let layers = models[0].model.weightedLayers
    let target = try options.target.map { try Target($0, options.variants.choice) }
    let costs = try models.map { try layerCosts($0.model, layers, target, options.minimize) }
    let progress = progress("trying layers", layers.count * schemes.count)
    let sensitivity = try Sensitivity(
      models, layers: layers, inputs, workers: Workers(count: command.threads)
    ) { progress.advance() }
    progress.finish()
    var base = plan
    base.scheme = schemes[0]
    let judge = try AccuracyDrop(self, options)
    let positions = Dictionary(uniqueKeysWithValues: zip(layers, 0...))
    let places = Dictionary(uniqueKeysWithValues: zip(schemes, 0...))
    let choice = try MixedPrecision(
      graph,
      MixedPrecision.Candidates(layers: layers, schemes: schemes) { layer, scheme in
        guard let place = places[scheme], let position = positions[layer] else { return .infinity }
        return costs[place][position]
      }, sensitivity, base: base, within: options.limit
    ) { try judge.drop(under: quantized($0)) }
    let simulated = try target.map {
      let profile = try profile(quantized(choice.plan), $0)
      return options.minimize.total(of: profile)
    }
    return ChosenPlan(
      choice: choice, unit: target == nil ? "bytes" : options.minimize.unit, simulated: simulated)
  }

  /// What each layer costs where the whole network is quantized alike.
  private func layerCosts(
    _ model: QuantizedModel, _ layers: [NodeID], _ target: Target?, _ cost: MixedCost
  ) throws -> [Double] {
    guard let target, cost != .size else {
      return layers.map { Double(model.weightBytes(of: $0)) }
    }
    let profile = try profile(model, target)
    // A layer of the profile may do the work of several of the network, which then share its cost.
    var readers: [Int: Int] = [:]
    for layer in layers {
      for source in graph.nodes[layer].sources { readers[source.index, default: 0] += 1 }
    }
    return layers.map { layer in
      let own = Set(graph.nodes[layer].sources.map(\.index))
      return profile.layers.filter { $0.sources.contains { own.contains($0.index) } }
        .map { part in
          let sharing = Set(part.sources.map(\.index)).filter { readers[$0] != nil }.count
          return Double(cost.total(of: part)) / Double(max(1, sharing / max(1, own.count)))
        }.reduce(0, +)
    }
  }

  private func profile(_ model: QuantizedModel, _ target: Target) throws -> Profile {
    var graph = try model.integerGraph(hasIntegerPorts: true)
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: target.description)
    return Profile(source, target, program, Timeline(of: program))
  }
}

extension MixedCost {
  func total(of layer: Profile.Layer) -> Int {
    self == .latency ? layer.latencyCycles : Self.bytes(layer.trafficBytes)
  }

  func total(of profile: Profile) -> Int {
    self == .latency ? profile.totals.latencyCycles : Self.bytes(profile.totals.trafficBytes)
  }

  private static func bytes(_ traffic: [String: Profile.Traffic]) -> Int {
    traffic.values.map { $0.read + $0.write }.reduce(0, +)
  }
}
