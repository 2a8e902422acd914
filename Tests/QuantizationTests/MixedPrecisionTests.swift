import Evaluation
import GraphIR
import Support
import Testing

import Quantization

/// The error of single layers, and a scheme for each.
struct MixedPrecisionTests {
  private struct Setting {
    let graph: Graph
    let layers: [NodeID]
    let schemes: [QuantizationScheme]
    let sensitivity: Sensitivity
    let models: [QuantizedModel]

    init(_ text: String = Networks.residual, workers: Workers = .one) throws {
      let names = ["int8", "int16x8", "w3a8"]
      let models = try names.map { try QuantizedModel(text, $0, workers: workers) }
      graph = models[0].graph
      schemes = try names.map { try QuantizationScheme($0) }
      layers = models[0].weightedLayers
      sensitivity = try Sensitivity(
        zip(schemes, models).map { (scheme: $0, model: $1) }, layers: layers, graph.samples(),
        workers: workers)
      self.models = models
    }

    /// Bytes of weights and a little for activations.
    func cost(_ layer: NodeID, _ scheme: QuantizationScheme) -> Double {
      let place = schemes.firstIndex(of: scheme) ?? 0
      return Double(models[place].weightBytes(of: layer))
        + Double(scheme.bitWidths.activations) / 8
    }

    var candidates: MixedPrecision.Candidates {
      MixedPrecision.Candidates(layers: layers, schemes: schemes) { cost($0, $1) }
    }

    func choice(
      _ limit: MixedPrecision.Limit, total: ((QuantizationPlan) throws -> Double)? = nil,
      drop: (QuantizationPlan) throws -> Double
    ) throws -> MixedPrecision {
      try MixedPrecision(
        graph, candidates, sensitivity, base: QuantizationPlan(schemes[0]), within: limit,
        total: total, drop: drop)
    }
  }

  @Test func fewerBitsAreMoreSensitive() throws {
    let setting = try Setting()
    #expect(setting.layers.count == 2)
    for layer in setting.layers {
      let errors = try #require(setting.sensitivity.errors[layer])
      let (bytes, words, three) = (
        errors[setting.schemes[0]] ?? 0, errors[setting.schemes[1]] ?? 0,
        errors[setting.schemes[2]] ?? 0
      )
      #expect(0 < words && words < bytes && bytes < three && three < 1)
    }
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let (one, two) = (try Setting(), try Setting(workers: Workers(count: 2)))
    #expect(one.sensitivity.errors == two.sensitivity.errors)
    #expect(one.models[0].ranges == two.models[0].ranges)
    #expect(try one.models[0].quantizedGraph() == two.models[0].quantizedGraph())
    #expect(try one.models[0].integerGraph() == two.models[0].integerGraph())
  }

  /// Where everything is allowed, each layer has its cheapest scheme: the fewest bits.
  @Test func cheapestPlanWithinTheDropIsChosen() throws {
    let setting = try Setting()
    let free = try setting.choice(.drop(100)) { _ in 0 }
    #expect(free.layers.allSatisfy { $0.scheme == setting.schemes[2] })
    #expect(free.plan.rules.count == 2 && free.relativeGap == 0)
    #expect(free.predictedCost == free.layers.map(\.cost).reduce(0, +))
  }

  /// A drop that grows as bits are saved: what is refused is not chosen, and the plan is what was measured.
  @Test func refusedPlansAreNotChosen() throws {
    let setting = try Setting()
    let three = setting.schemes[2]
    let found = try setting.choice(.drop(1)) { plan in
      Double(plan.rules.count { $0.scheme == three })
    }
    #expect(found.drop <= 1)
    #expect(found.layers.count { $0.scheme == three } <= 1)
    #expect(found.layers.map(\.name) == setting.layers.map(setting.graph.layerName))
  }

  @Test func budgetsAreKept() throws {
    let setting = try Setting()
    let all = try setting.choice(.cost(.infinity)) { _ in 0 }
    let words = setting.schemes[1]
    #expect(all.layers.allSatisfy { $0.scheme == words }, "the least error is that of 16 bits")
    let less = try setting.choice(.cost(all.predictedCost - 0.5)) { _ in 0 }
    #expect(less.predictedCost < all.predictedCost)
  }

  /// Conversions between layers make a mixture dear: a plan with one scheme for all is tried, too, and wins.
  @Test func costOfTheWholeDecides() throws {
    let setting = try Setting()
    let found = try setting.choice(.drop(1)) { plan in
      let schemes = Set(plan.rules.map(\.scheme))
      return schemes == [setting.schemes[0]] ? 5 : 1000
    } drop: { _ in
      0
    }
    #expect(found.layers.allSatisfy { $0.scheme == setting.schemes[0] })
    #expect(found.totalCost == 5 && found.relativeGap == nil && found.planCount >= 3)
  }

  /// The network runs once for all plans, and each finds what it would have found by itself.
  @Test func oneCalibrationServesAllPlans() throws {
    let graph = try Graph.parsed(Networks.residual)
    var plans = try ["int8", "int16x8", "w3a8", "fp8"].map {
      QuantizationPlan(try QuantizationScheme($0))
    }
    let context = MethodContext(plan: plans[0], inputs: graph.samples(), ranges: .entropy)
    let seen = try QuantizedModel.calibration(of: graph, for: plans, context)
    plans[0].rules.append(.init("second", try QuantizationScheme("int16x8")))
    plans[1].rules.append(.init("first", .float))
    let again = MethodContext(plan: plans[0], inputs: graph.samples(), ranges: .entropy) {
      Issue.record("the network runs once more")
    }
    for plan in plans {
      let own = try QuantizedModel(graph, context.with(plan))
      let reused = try QuantizedModel(graph, again.with(plan).reusing(seen))
      #expect(own.ranges == reused.ranges && !own.ranges.isEmpty)
    }
  }

  /// Of what stays in real numbers, all bytes are counted.
  @Test func realWeightsHaveBytes() throws {
    let model = try QuantizedModel(
      Networks.residual, "int8", rules: [(pattern: "first", scheme: "float")])
    let first = try #require(model.graph.order.first)
    #expect(model.weightedLayers.count == 1 && model.weightBytes(of: first) == 4 * 64)
  }

  @Test func limitsThatNothingMeetsAreToldOf() throws {
    let setting = try Setting()
    #expect(diagnosticID { try setting.choice(.drop(1)) { _ in 5 } } == "no-plan")
    #expect(diagnosticID { try setting.choice(.cost(1)) { _ in 0 } } == "no-plan")
  }
}
