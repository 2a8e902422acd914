import Evaluation
import GraphIR

/// How far each layer of a model is from the same layer of another: in the JSON of an evaluation, and in profiles.
public struct LayerAccuracyReport: Codable, Hashable, Sendable {
  /// How many layers the model has; those that the other model lacks are not among `layers`.
  public let layerCount: Int
  /// How many were found in the other model by the name of their result, and not by operator, shape and order.
  public let foundByName: Int
  /// The median of `alone.sqnrDecibels`; null where no layer has a figure.
  @ExplicitNull public var medianAloneDecibels: Double?
  /// The position among `layers` of the one that by itself is farthest below the median; null where none is below it.
  @ExplicitNull public var weakest: Int?
  /// In the order in which the model computes them.
  public let layers: [Layer]

  /// One layer.
  public struct Layer: Codable, Hashable, Sendable {
    /// The name of the layer's result, as in profiles.
    public let name: String
    /// The tensor of the model file by which both models' layers were found; left out where that was not by name.
    public let tensor: String?
    /// The operator's name in the text form.
    public let `operator`: String
    /// The operators of the model file whose work the layer does.
    public let sources: [Profile.Source]
    /// Of the layer's result in a run of the whole model.
    public let run: Figures
    /// Of the result where the operands are the other model's: what the layer adds by itself.
    public let alone: Figures

    /// By which the reports call the layer.
    var title: String { tensor ?? name }
  }

  /// How far a tensor is from what it should be.
  public struct Figures: Codable, Hashable, Sendable {
    /// Signal to noise, in dB; null where there is no noise, or no signal.
    @ExplicitNull public var sqnrDecibels: Double?
    /// Of both tensors taken as vectors; null if one is zero.
    @ExplicitNull public var cosine: Double?
    /// Whether there is no difference at all.
    public let isExact: Bool
    /// The index of the last axis with the lowest signal to noise, and that in dB; left out where none has both.
    public let worstChannel: Channel?
  }

  /// A channel and its signal to noise.
  public struct Channel: Codable, Hashable, Sendable {
    /// Along the last axis, from 0.
    public let index: Int
    /// In dB.
    public let sqnrDecibels: Double
  }
}

extension LayerAccuracyReport {
  /// - Parameter graph: of the model that was judged, as it was run.
  public init(_ errors: LayerErrors, of graph: Graph) {
    layerCount = errors.layerCount
    foundByName = errors.layers.count { $0.pair.tensor != nil }
    layers = errors.layers.map { Layer($0, graph) }
    let alone = layers.map(\.alone.sqnrDecibels)
    let known = alone.compactMap { $0 }.sorted()
    let median =
      known.isEmpty ? nil : (known[(known.count - 1) / 2] + known[known.count / 2]) / 2
    medianAloneDecibels = median
    weakest = layers.indices.filter { (alone[$0] ?? .infinity) < (median ?? -.infinity) }
      .min { (alone[$0] ?? 0, $0) < (alone[$1] ?? 0, $1) }
  }

  /// Positions of the layers that are worst by themselves, the worst first; those without noise are not among them.
  public var worst: [Int] {
    layers.indices.filter { layers[$0].alone.sqnrDecibels != nil }.sorted {
      (layers[$0].alone.sqnrDecibels ?? 0, $0) < (layers[$1].alone.sqnrDecibels ?? 0, $1)
    }
  }
}

extension LayerAccuracyReport.Layer {
  fileprivate init(_ layer: LayerErrors.Layer, _ graph: Graph) {
    let node = graph.nodes[layer.pair.node]
    name = graph.values[graph.result(of: layer.pair.node)].name
    tensor = layer.pair.tensor
    `operator` = node.kind
    sources = node.sources.map { Profile.Source(index: $0.index, operator: $0.kind) }
    run = LayerAccuracyReport.Figures(layer.run)
    alone = LayerAccuracyReport.Figures(layer.own)
  }
}

extension LayerAccuracyReport.Figures {
  fileprivate init(_ sums: ErrorSums) {
    let worst = sums.worstChannel.map {
      LayerAccuracyReport.Channel(index: $0.index, sqnrDecibels: $0.decibels)
    }
    self.init(
      sqnrDecibels: sums.decibels, cosine: sums.cosine, isExact: sums.isExact, worstChannel: worst)
  }
}
