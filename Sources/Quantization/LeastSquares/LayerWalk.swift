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
  /// Columns of a layer's input that are looked at, of all samples together.
  package static let columnLimit = 4096
  /// Bytes that the moments of one layer may take; larger layers stay as they are.
  package static let momentByteLimit = 1 << 30

  private var real: LayerRun
  private var quantized: LayerRun
  private let workers: Workers

  /// - Throws: what making the quantized graph, or running a sample, does.
  private init(_ model: QuantizedModel, _ layers: [NodeID], _ context: MethodContext) throws {
    let graph = try model.quantizedGraph()
    let indices = Self.samples(context.inputs.count, [model.graph, graph], layers)
    let inputs = try indices.map(context.inputs.at)
    workers = context.workers
    real = LayerRun(model.graph, inputs)
    quantized = LayerRun(graph, inputs)
  }

  /// Calls `fit` for one layer after the other with the moments of its input; what it stores of the layer is what the
  /// next ones see.
  package static func run(
    _ model: inout QuantizedModel, _ context: MethodContext,
    fit: (inout QuantizedModel, NodeID, InputMoments) throws -> Void
  ) throws {
    let layers = model.weightedLayers.filter(model.canBeFitted)
    guard !layers.isEmpty, context.inputs.count > 0 else { return }
    var walk = try LayerWalk(model, layers, context)
    for layer in layers {
      try walk.advance(to: layer)
      guard let moments = walk.moments(of: layer) else { continue }
      try fit(&model, layer, moments)
      try walk.quantized.graph.restoreWeights(of: layer, in: model)
    }
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

  private mutating func advance(to layer: NodeID) throws {
    try real.advance(to: layer, workers)
    try quantized.advance(to: layer, workers)
  }

  /// The moments of what a layer reads; nil if that is constant.
  private func moments(of layer: NodeID) -> InputMoments? {
    let value = real.graph.nodes[layer].inputs[0]
    let stored = quantized.graph.nodes[layer].inputs[0]
    guard let columns = LayerColumns(real.graph, layer) else { return nil }
    var moments = InputMoments(columns)
    let limit = (Self.columnLimit - 1) / real.samples.count + 1
    for (index, sample) in real.samples.enumerated() {
      guard let x = sample[value], let y = quantized.samples[index][stored] else { return nil }
      let positions = Self.positions(columns.positions, limit, sample: index)
      moments.add(
        real: columns.columns(positions, of: x.data.bytes.bindMemory(to: Float.self)),
        quantized: columns.columns(positions, of: y.data.bytes.bindMemory(to: Float.self)), workers)
    }
    return moments
  }

  /// Positions that are spread evenly, other ones for each sample.
  package static func positions(_ count: Int, _ limit: Int, sample: Int) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    // Multiples of the golden ratio are spread evenly too.
    let shift = (Double(sample) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
    return (0..<limit).map { Int((Double($0) + shift) * Double(count) / Double(limit)) }
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

  /// Computes all before a node.
  package mutating func advance(to node: NodeID, _ workers: Workers) throws {
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

extension QuantizedModel {
  /// Whether a layer has integers for weights, and the form that least squares are found for.
  fileprivate func canBeFitted(_ node: NodeID) -> Bool {
    guard let stored = weights[node], stored.bounds(scale: 0) != nil,
      let columns = LayerColumns(graph, node)
    else { return false }
    return InputMoments.byteCount(columns) <= LayerWalk.momentByteLimit
  }
}
