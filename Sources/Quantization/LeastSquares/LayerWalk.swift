import Evaluation
import Foundation
import GraphIR
import Support
import Tensors

/// Computes a network layer by layer for all samples at once, and its quantized form beside it, so that what is stored of a
/// layer can be fitted to what the layers before it give after they were fitted.
///
/// Each layer is computed once. Between layers the values that later ones read are kept for all samples that there is
/// room for.
package struct LayerWalk {
  /// Bytes for values between layers; there are as many samples as they suffice for.
  package static let byteLimit = 1 << 29
  /// Bytes that the moments of one layer may take; larger layers stay as they are.
  package static let momentByteLimit = 1 << 30
  private var real: LayerRun
  private var quantized: LayerRun
  /// Of the samples, among all there are.
  private let indices: [Int]
  private let workers: Workers

  /// - Throws: what making the quantized graph, or running a sample, does.
  private init(
    _ model: QuantizedModel, _ graph: Graph, _ layers: [NodeID], _ context: MethodContext
  ) throws {
    indices = Self.samples(context.inputs.count, [model.graph, graph], layers)
    let inputs = try indices.map(context.inputs.at)
    workers = context.workers
    let pool = ValueMemory.Pool()
    real = LayerRun(model.graph, inputs, pool)
    quantized = LayerRun(graph, inputs, pool)
  }

  /// Calls `fit` for one layer after the other with the moments of its input; what it stores of the layer is what the
  /// next ones see.
  ///
  /// - Parameter hasProducts: whether second moments are wanted besides the sums.
  /// - Returns: how far outputs are from the real ones then, on samples that nothing was fitted to.
  package static func run(
    _ model: inout QuantizedModel, _ context: MethodContext, hasProducts: Bool,
    fit: (inout QuantizedModel, NodeID, LayerMoments) throws -> Void
  ) throws -> OutputError {
    let plain = try model.quantizedGraph()
    let layers = model.weightedLayers.filter { model.canBeFitted($0, hasProducts: hasProducts) }
    guard !layers.isEmpty, context.inputs.count > 0 else { return OutputError() }
    var walk = try LayerWalk(model, plain, layers, context)
    for layer in layers {
      try walk.advance(to: layer)
      guard let moments = walk.moments(of: layer, hasProducts: hasProducts) else { continue }
      try fit(&model, layer, moments)
      try walk.quantized.graph.restoreWeights(of: layer, in: model)
    }
    return try walk.error(beside: plain, context)
  }

  /// How far outputs are from the real ones, and those of another graph, in all samples that are held out.
  private mutating func error(
    beside plain: Graph, _ context: MethodContext
  ) throws -> OutputError {
    try advance(to: nil)
    // As a segment, weights are packed once; states are inputs of it.
    let segment = try GraphSegment(plain, from: nil, to: nil).graph
    let evaluator = try Evaluator(segment)
    let states = plain.initialStates
    let judged = indices.indices.filter {
      indices.count < LayerSamples.heldOutStride || LayerSamples.isHeldOut(sample: $0)
    }
    var error = OutputError()
    for sample in judged {
      try evaluator.run(context.inputs.at(indices[sample]) + states, workers: workers)
      let wanted = real.outputs(sample).map(\.bytes)
      let types = real.graph.types(of: real.graph.outputs)
      error.add(
        quantized.outputs(sample).map(\.bytes).error(from: wanted, types),
        before: segment.outputs.map { evaluator.bytes(of: $0) }.error(from: wanted, types))
    }
    return error
  }

  /// Samples that are spread evenly, as many as there is time and room for.
  private static func samples(_ count: Int, _ graphs: [Graph], _ layers: [NodeID]) -> [Int] {
    let affordable = graphs[0].representativeSamples(of: count)
    let cuts = graphs.map(GraphCuts.init)
    let bytes =
      layers.map { layer in
        cuts.map { $0.byteCount(before: layer) }.reduce(0, +)
      }.max() ?? 0
    let kept = min(affordable.count, max(1, byteLimit / max(1, bytes)))
    return (0..<kept).map { affordable[$0 * affordable.count / kept] }
  }

  private mutating func advance(to layer: NodeID?) throws {
    try real.advance(to: layer, workers)
    try quantized.advance(to: layer, workers)
  }

  /// The moments of what a layer reads; nil if that is constant, or too little.
  private func moments(of layer: NodeID, hasProducts: Bool) -> LayerMoments? {
    let x = real.values(real.graph.nodes[layer].inputs[0])
    let y = quantized.values(quantized.graph.nodes[layer].inputs[0])
    guard let columns = LayerColumns(real.graph, layer), !x.isEmpty, x.count == indices.count,
      y.count == x.count
    else { return nil }
    return LayerSamples(columns, real: x, quantized: y, hasProducts: hasProducts).moments(workers)
  }
}

/// The squares of errors of outputs, as parts of the outputs' own squares.
package struct OutputError {
  /// With weights that were fitted.
  package private(set) var found = 0.0
  /// With each weight stored as the number nearest to it.
  package private(set) var before = 0.0
  /// Samples whose outputs came nearer to the real ones by fits, less those whose outputs went further from them.
  private var majority = 0

  package init() {}

  /// Adds the errors of a sample.
  package mutating func add(_ found: Double, before: Double) {
    self.found += found
    self.before += before
    majority += (found < before ? 1 : 0) - (found > before ? 1 : 0)
  }

  /// Whether fits did harm; a few samples tell no smaller difference from chance.
  ///
  /// Of a softmax, one answer that is in doubt has more error than all others. It alone decides nothing where fits have helped most
  /// of them (visual wake words, `int8`: 34.6 dB with fits and 30.9 without; one of 25 samples says otherwise).
  package var isMuchLarger: Bool {
    !(found <= 1.1 * before) && (majority <= 0 || !found.isFinite)
  }

  /// By how much outputs came nearer to the real ones; nil if there was nothing to be gained.
  package var gainDecibels: Double? { found > 0 && before > 0 ? 10 * log10(before / found) : nil }
}

extension Graph {
  /// What states hold when a sample begins.
  fileprivate var initialStates: [Tensor] {
    states.compactMap { state in state.initial.map { Tensor(values[state.current].type, $0) } }
  }

  /// Lets a node of a quantized graph read the weights and the bias that a model stores by now.
  fileprivate mutating func restoreWeights(of node: NodeID, in model: QuantizedModel) throws {
    var writer = StoredFormWriter(self)
    try model.writeWeights(of: node, &writer)
    self = writer.graph
  }
}

extension [UnsafeRawBufferPointer] {
  /// The squares of errors, those of each output as a part of its own squares.
  fileprivate func error(from wanted: Self, _ types: [TensorType]) -> Double {
    zip(zip(self, wanted), types).reduce(0) { sum, output in
      guard output.1.element == .f32 else { return sum }
      let (found, real) = output.0
      var (error, energy) = (0.0, 0x1p-100)
      for (a, b) in zip(found.bindMemory(to: Float.self), real.bindMemory(to: Float.self)) {
        error += Double((a - b) * (a - b))
        energy += Double(b * b)
      }
      return sum + error / energy
    }
  }
}

extension QuantizedModel {
  /// Whether a layer has integers for weights, and the form that least squares are found for.
  fileprivate func canBeFitted(_ node: NodeID, hasProducts: Bool) -> Bool {
    guard let stored = weights[node], let columns = LayerColumns(graph, node) else { return false }
    return !hasProducts
      || stored.bounds(scale: 0) != nil
        && 2 * InputMoments.byteCount(columns) <= LayerWalk.momentByteLimit
  }
}
