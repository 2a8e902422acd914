import Evaluation
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
  /// By how much errors of outputs may grow before all that was fitted is given up: a few samples tell no smaller difference
  /// from chance.
  private static let tolerance = 1.1

  private var real: LayerRun
  private var quantized: LayerRun
  /// Of the samples, among all there are.
  private let indices: [Int]
  private let workers: Workers

  /// - Throws: what making the quantized graph, or running a sample, does.
  private init(_ model: QuantizedModel, _ layers: [NodeID], _ context: MethodContext) throws {
    let graph = try model.quantizedGraph()
    indices = Self.samples(context.inputs.count, [model.graph, graph], layers)
    let inputs = try indices.map(context.inputs.at)
    workers = context.workers
    real = LayerRun(model.graph, inputs)
    quantized = LayerRun(graph, inputs)
  }

  /// Calls `fit` for one layer after the other with the moments of its input; what it stores of the layer is what the
  /// next ones see.
  ///
  /// - Parameter hasProducts: whether second moments are wanted besides the sums.
  /// - Returns: whether the outputs are about as near to the real ones as before, or nearer, by samples that nothing was fitted to.
  package static func run(
    _ model: inout QuantizedModel, _ context: MethodContext, hasProducts: Bool,
    fit: (inout QuantizedModel, NodeID, LayerMoments) throws -> Void
  ) throws -> Bool {
    let plain = try model.quantizedGraph()
    let layers = model.weightedLayers.filter { model.canBeFitted($0, hasProducts: hasProducts) }
    guard !layers.isEmpty, context.inputs.count > 0 else { return true }
    var walk = try LayerWalk(model, layers, context)
    for layer in layers {
      try walk.advance(to: layer)
      guard let moments = walk.moments(of: layer, hasProducts: hasProducts) else { continue }
      try fit(&model, layer, moments)
      try walk.quantized.graph.restoreWeights(of: layer, in: model)
    }
    return try walk.isAsNear(as: plain, context)
  }

  /// Whether outputs are about as near to the real ones as those of another graph, or nearer, in all samples that are held out.
  private mutating func isAsNear(as plain: Graph, _ context: MethodContext) throws -> Bool {
    try advance(to: nil)
    let evaluator = try Evaluator(plain)
    let judged = indices.indices.filter {
      indices.count < LayerSamples.heldOutStride || LayerSamples.isHeldOut(sample: $0)
    }
    var (found, before) = (0.0, 0.0)
    for sample in judged {
      evaluator.reset()
      try evaluator.run(context.inputs.at(indices[sample]), workers: workers)
      let wanted = real.outputs(sample)
      found += quantized.outputs(sample).error(from: wanted)
      before += plain.outputs.map(evaluator.value).error(from: wanted)
    }
    return found <= Self.tolerance * before
  }

  /// Samples that are spread evenly, as many as there is room for.
  private static func samples(_ count: Int, _ graphs: [Graph], _ layers: [NodeID]) -> [Int] {
    let cuts = graphs.map(GraphCuts.init)
    let bytes =
      layers.map { layer in
        cuts.map { $0.byteCount(before: layer) }.reduce(0, +)
      }.max() ?? 0
    let kept = min(count, max(1, byteLimit / max(1, bytes)))
    return (0..<kept).map { $0 * count / kept }
  }

  private mutating func advance(to layer: NodeID?) throws {
    try real.advance(to: layer, workers)
    try quantized.advance(to: layer, workers)
  }

  /// The moments of what a layer reads; nil if that is constant, or too little.
  private func moments(of layer: NodeID, hasProducts: Bool) -> LayerMoments? {
    let value = real.graph.nodes[layer].inputs[0]
    let stored = quantized.graph.nodes[layer].inputs[0]
    let x = real.samples.compactMap { $0[value] }
    let y = quantized.samples.compactMap { $0[stored] }
    guard let columns = LayerColumns(real.graph, layer), !x.isEmpty,
      x.count == real.samples.count, y.count == x.count
    else { return nil }
    return LayerSamples(columns, real: x, quantized: y, hasProducts: hasProducts).moments(workers)
  }
}

/// A graph on its way through its layers, for several samples.
private struct LayerRun {
  package var graph: Graph
  /// What is known of each sample.
  private(set) var samples: [[ValueID: Tensor]]
  private var place: NodeID?

  package init(_ graph: Graph, _ inputs: [[Tensor]]) {
    self.graph = graph
    let states = graph.states.map { state in
      (state.current, state.initial.map { Tensor(graph.values[state.current].type, $0) })
    }
    samples = inputs.map { tensors in
      var known = Dictionary(uniqueKeysWithValues: zip(graph.inputs, tensors))
      for (value, tensor) in states { known[value] = tensor }
      return known
    }
  }

  /// The graph's outputs, when all is computed.
  package func outputs(_ sample: Int) -> [Tensor] {
    graph.outputs.compactMap { samples[sample][$0] }
  }

  /// Computes all before a node, or everything.
  package mutating func advance(to node: NodeID?, _ workers: Workers) throws {
    let segment = try GraphSegment(graph, from: place, to: node)
    let first = try Evaluator(segment.graph)
    let machines =
      try [first]
      + (1..<max(1, min(workers.count, samples.count))).map { _ in
        try Evaluator(sharing: first)
      }
    let before = samples
    samples = []
    try SampleLoop.run(before.count, on: machines) { evaluator, index in
      try evaluator.run(segment.before.compactMap { before[index][$0] })
      return Dictionary(
        uniqueKeysWithValues: zip(segment.after, segment.graph.outputs.map(evaluator.value)))
    } take: {
      samples.append($0)
    }
    place = node
  }
}

extension Graph {
  /// Lets a node of a quantized graph read the weights and the bias that a model stores by now.
  fileprivate mutating func restoreWeights(of node: NodeID, in model: QuantizedModel) throws {
    var writer = StoredFormWriter(self)
    try model.writeWeights(of: node, &writer)
    self = writer.graph
  }
}

extension [Tensor] {
  /// The squares of errors, those of each tensor as a part of its own squares.
  fileprivate func error(from wanted: [Tensor]) -> Double {
    zip(self, wanted).reduce(0) { sum, pair in
      guard pair.0.type.element == .f32, pair.1.type.element == .f32 else { return sum }
      var (error, energy) = (0.0, 0x1p-100)
      for (a, b) in zip(pair.0.data.elements(as: Float.self), pair.1.data.elements(as: Float.self))
      {
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
