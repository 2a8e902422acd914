import GraphIR
import Support
import Tensors

/// How far each layer of a model is from the same layer of another, usually its float original.
public struct LayerErrors: Sendable {
  /// In the order in which the model computes them; those that have no partner are missing.
  public let layers: [Layer]
  /// How many layers the model has, with those that have no partner.
  public let layerCount: Int

  /// One layer with its errors.
  public struct Layer: Sendable {
    /// The layer and its partner.
    public let pair: LayerPair
    /// The error of its result in a run, with all that the layers before it have done.
    public fileprivate(set) var run: ErrorSums
    /// The error of the layer alone: that of its result where its operands are the other model's, brought into its own
    /// types.
    public fileprivate(set) var own: ErrorSums
  }

  /// Runs both models on samples, and adds up the errors; memory does not grow with the number of samples.
  ///
  /// - Parameters:
  ///   - models: as they are run and as they were read.
  ///   - threads: that share the samples; sums do not depend on them.
  ///   - inputs: what each model gets for a sample. It may be called on several threads at once.
  /// - Throws: a `Diagnostic` if a model cannot be computed, or memory does not suffice.
  public init(
    _ models: LayerModels, samples: Int, threads: Int = 1, progress: ProgressLine = .silent,
    inputs: @Sendable (_ sample: Int) throws -> (model: [Tensor], other: [Tensor])
  ) throws {
    let pairs = models.pairs
    let first = try LayerMachine(models.graph, models.other, pairs)
    let machines =
      try [first]
      + (1..<max(1, min(threads, samples))).map { _ in
        try LayerMachine(sharing: first)
      }
    var layers = pairs.map { pair in
      let channels = models.graph.channels(of: pair.node)
      return Layer(
        pair: pair, run: ErrorSums(channels: channels), own: ErrorSums(channels: channels))
    }
    try SampleLoop.run(samples, on: machines, progress: progress) { machine, sample in
      try machine.errors(inputs(sample))
    } take: { errors in
      for (index, error) in errors.enumerated() {
        layers[index].run += error.run
        layers[index].own += error.own
      }
    }
    self.layers = layers
    layerCount = models.graph.layers.count
  }
}

/// Two models whose layers are compared.
public struct LayerModels: Sendable {
  /// The model that is judged, as it is run.
  public let graph: Graph
  /// The model that it is compared with, as it is run.
  public let other: Graph
  /// The layers that compute the same.
  public let pairs: [LayerPair]

  /// - Parameters:
  ///   - original, otherOriginal: the graphs as they were read, which know the names of all tensors.
  public init(_ graph: Graph, original: Graph, _ other: Graph, otherOriginal: Graph) {
    self.graph = graph
    self.other = other
    pairs = LayerPair.all(graph, original: original, other, otherOriginal: otherOriginal)
  }
}

extension Graph {
  /// The extent of the last axis of a node's first result, along which channels lie.
  func channels(of node: NodeID) -> Int { values[result(of: node)].type.shape.extents.last ?? 1 }
}
