import GraphIR
import Support
import Tensors

extension QuantizedModel {
  /// What is seen of all values whose ranges plans need, so that several plans take one run of the samples.
  ///
  /// - Parameter graph: as `init` takes it; where methods change the network, it calibrates anew.
  /// - Throws: what `init` does.
  public static func calibration(
    of graph: Graph, for plans: [QuantizationPlan], _ context: MethodContext
  ) throws -> Calibration {
    try Calibration(
      graph, context, of: plans.map { ActivationForms(graph, try $0.schemes(for: graph)).observed })
  }

  /// Finds the ranges of values again, as after a change of weights.
  mutating func calibrate(_ context: MethodContext) throws {
    let observed = forms.observed
    guard !observed.isEmpty else { return }
    let calibration =
      if let seen = context.seen, seen.covers(observed.keys) { seen } else {
        try Calibration(graph, context, of: [observed])
      }
    ranges = [:]
    for (value, range) in calibration.ranges(for: observed) {
      let group = forms.groups[value] ?? value
      ranges[group] = ranges[group].map { $0.union(range) } ?? range
    }
  }
}

extension Calibration {
  fileprivate init(
    _ graph: Graph, _ context: MethodContext, of observed: [[ValueID: TensorScheme]]
  ) throws {
    let scaled = observed.flatMap { $0.filter(\.value.format.hasScale).keys }
    try self.init(
      graph, context.inputs, of: Set(observed.flatMap(\.keys)), scaled: Set(scaled),
      context.ranges, workers: context.workers, progress: context.progress)
  }
}

extension ActivationForms {
  /// The values whose ranges data decide, with the schemes that they are stored by.
  var observed: [ValueID: TensorScheme] {
    schemes.merging(reads) { stored, _ in stored }.filter { value, scheme in
      (scheme.format.hasScale || scheme.format.largest != nil) && !graph.isConstant(value)
        && fixedQuantization(of: value) == nil
    }
  }
}
