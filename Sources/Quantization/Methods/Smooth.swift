import GraphIR
import Support
import Tensors

extension QuantizationMethod {
  /// Moves what makes a few channels of an activation large into the weights of the layers that read it.
  ///
  /// `W · x = (W · diag(s)) · (x / s)`: with `s[j] = max |x[j]|^α / max |W[·, j]|^(1−α)` channels of both
  /// come near each other, and the one scale that an activation has is not spent on its outliers. `x / s`
  /// costs nothing where it folds into what is before: factors and offsets of a normalization, a product with
  /// constants, a layer with weights up to functions that positive factors pass (`ChannelSink`). Otherwise,
  /// or if others than layers read the value, it stays as it is; with the choice `insert` a division by `s`
  /// is put before the layers, if an operator that computes with real numbers in any case gives the value,
  /// such as a normalization that is read by a sum too, or the quotient of one that is written out.
  ///
  /// For each activation `α` is that of 0, 0.1 … 1 with which the sums of its readers are nearest to those of
  /// the real network, with inputs and weights rounded, on some columns of the samples (`LayerTrial`); none,
  /// if that takes less than a fifth of the noise away. What is chosen so is taken back if the outputs of the
  /// whole network do not come 5 % nearer to the real ones by power (`OutputNoise`). With `smooth:0.5` the
  /// number is `α` for all layers, and nothing is tried.
  ///
  /// Only with a number for `α` do layers with weights take factors in. What they give may be quiet on the
  /// samples and loud on other data, which is clipped then (VWW, int8: from 31.0 dB down to 21.6); rows that
  /// were normalized are alike. Layers whose weights have one scale for all never do: their channels are the
  /// business of `equalize`.
  ///
  /// Measured by `Scripts/benchmark quantization` on the transformer with seeded weights, in which two
  /// channels are 30 times as large behind normalizations and two others 10 times as large in the stream;
  /// SQNR of the scores in dB and agreement without and with it: int8 7.8 and 10.4, 71.8 % and 78.0 %, w4a8
  /// 5.8 and 8.1, int16x8 24.6 and 26.9. What is left in int8 is the stream, for which there is `rotate`.
  /// Networks of convolutions stay as they are.
  ///
  /// Source: Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models", 2022
  /// (arXiv 2211.10438).
  public static let smooth = smooth(SmoothingChoice(), nil)

  private static func smooth(_ choice: SmoothingChoice, _ text: String?) -> QuantizationMethod {
    QuantizationMethod(
      "smooth", "outliers of activations move into the weights that read them", chosen: text,
      choice: Choice(summary: SmoothingChoice.summary) { text in
        SmoothingChoice(text).map { smooth($0, text) }
      },
      .network { graph, context in
        guard let work = try Smoothing(graph, context, choice) else { return }
        graph = try work.smoothed(graph)
      })
  }
}

/// What can be said of `smooth`.
struct SmoothingChoice: Sendable {
  /// How much of a range goes from activations to weights; nil lets each layer have its own.
  var alpha: Double?
  /// Whether divisions are inserted where factors cannot be folded.
  var inserts = false

  static let summary = """
    behind `smooth:` stands a number from 0 to 1, `insert`, or both: smooth:0.5, smooth:insert, \
    smooth:0.5,insert
    """

  init() {}

  /// - Returns: nil for any text but `ALPHA`, `insert` and `ALPHA,insert`.
  init?(_ text: String) {
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      if word == "insert", !inserts {
        inserts = true
      } else if let number = Double(word), 0...1 ~= number, alpha == nil, !inserts {
        alpha = number
      } else {
        return nil
      }
    }
  }
}

/// The smoothing of all activations of a network that layers with weights read.
struct Smoothing {
  private let values: [SmoothedValue]
  private let statistics: [ValueID: ChannelStatistics]
  private let columns: [NodeID: [Float]]
  private let context: MethodContext
  private let choice: SmoothingChoice
  /// Of the noise without factors, what has to be left for factors to be worth it.
  private static let largestPart = 0.8
  /// The same for the noise of all outputs.
  private static let largestPartOfOutputs = 0.95

  /// - Returns: nil if there is nothing that could be smoothed.
  init?(_ graph: Graph, _ context: MethodContext, _ choice: SmoothingChoice) throws {
    let schemes = try context.plan.schemes(for: graph)
    values = graph.order.flatMap { graph.nodes[$0].results }.compactMap {
      SmoothedValue($0, in: graph, schemes, choice)
    }
    guard !values.isEmpty, context.inputs.count > 0 else { return nil }
    (self.context, self.choice) = (context, choice)
    statistics = try ChannelStatistics.observing(values.map(\.value), of: graph, context)
    columns =
      choice.alpha == nil
      ? try LayerInputs.columns(of: values.flatMap(\.readers), in: graph, context) : [:]
  }

  /// The network with factors where they are worth it.
  func smoothed(_ graph: Graph) throws -> Graph {
    var smoothed = graph
    var isChanged = false
    for value in values {
      guard let statistics = statistics[value.value],
        let factors = try factors(for: value, statistics, in: smoothed)
      else { continue }
      isChanged = try value.apply(factors, to: &smoothed) || isChanged
    }
    guard isChanged, choice.alpha == nil else { return smoothed }
    let noise = try OutputNoise(graph, context)
    let limit = Self.largestPartOfOutputs * (try noise.power(of: graph))
    return try noise.power(of: smoothed) < limit ? smoothed : graph
  }

  private func factors(
    for value: SmoothedValue, _ statistics: ChannelStatistics, in graph: Graph
  ) throws -> [Double]? {
    let layers = value.readers.compactMap { ScaledLayer($0, in: graph) }
    guard layers.count == value.readers.count else { return nil }
    let ranges = SmoothedRanges(statistics, layers)
    if let alpha = choice.alpha { return ranges.factors(alpha) }
    let trials = layers.compactMap { layer in
      LayerTrial(
        layer, in: graph, value.schemes[layer.node] ?? .float, columns[layer.node] ?? [],
        statistics, context)
    }
    guard trials.count == layers.count else { return nil }
    func noise(_ factors: [Double]?) throws -> Double {
      try trials.reduce(0) { try $0 + $1.noise(factors) }
    }
    let candidates = (0...10).map { ranges.factors(Double($0) / 10) }
    let powers = try candidates.map { try noise($0) }
    guard let best = powers.indices.min(by: { (powers[$0], $0) < (powers[$1], $1) }),
      powers[best] < Self.largestPart * (try noise(nil))
    else { return nil }
    return candidates[best]
  }
}
