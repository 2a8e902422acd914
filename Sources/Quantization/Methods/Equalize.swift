import GraphIR
import Support
import Tensors

extension QuantizationMethod {
  /// Lets the channels between two layers have like ranges: what one layer gives is multiplied by a number
  /// for each channel, and the weights of the next are divided by it.
  ///
  /// `f(k · x) = k · f(x)` holds for `k > 0` if `f` is nothing, or a ReLU, so that the network computes the
  /// same up to rounding. It is done where the value between is read once, also through pools, means over
  /// positions, padding with zeros and reshapes; chains such as those through depthwise convolutions are gone
  /// through until nothing changes. Behind a ReLU6 channels cannot be scaled, as its limit is the same for
  /// all.
  ///
  /// Of several choices of `k`, among them that of the paper, the one with the least expected noise is taken
  /// (`PairNoise`), and none if it gains less than 1 %. Only layers whose weights have one scale for all are
  /// touched, on either side: with scales per channel little is left to gain but a finer stepping of quiet
  /// activations, and in other data than the samples these are not as quiet (VWW, int8, 32 samples: from 23.7
  /// dB down to 21.0).
  ///
  /// Measured by `Scripts/benchmark quantization` with `int8,weights=tensor`, SQNR of the scores in dB
  /// without and with it: VWW 18.8 and 22.8, ResNet-8 25.3 and 25.9, MNIST 36.7 and 37.1; EfficientNet-Lite0,
  /// all of whose activations are ReLU6, 4.5 and 4.6 (32 samples).
  ///
  /// Biases are not absorbed into the next layer: that is exact only for what never is below 0 before a ReLU.
  ///
  /// Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019 (arXiv 1906.04721),
  /// section 4.1.
  public static let equalize = QuantizationMethod(
    "equalize", "channels get like ranges, one layer making up for the factors of another",
    .network { graph, context in
      guard var work = try Equalization(graph, context) else { return }
      work.run()
      work.write(to: &graph)
    })
}

/// The equalization of all pairs of layers of a network.
struct Equalization {
  private let pairs: [EqualizedPair]
  private var layers: [NodeID: ScaledLayer] = [:]
  private let schemes: [NodeID: QuantizationScheme]
  /// What is seen of the layers' operands and results.
  private var inputs: [NodeID: ChannelStatistics] = [:]
  private var results: [NodeID: ChannelStatistics] = [:]
  private static let maximumRounds = 12
  /// Factors beyond it, in one go, stand for channels in which nothing happens.
  private static let largestFactor = 64.0

  /// - Returns: nil if no layers are joined so that they can be equalized.
  init?(_ graph: Graph, _ context: MethodContext) throws {
    let schemes = try context.plan.schemes(for: graph)
    self.schemes = schemes
    var pairs: [EqualizedPair] = []
    for node in graph.order {
      guard let second = ScaledLayer(node, in: graph),
        let pair = EqualizedPair(to: node, in: graph),
        let first = layers[pair.first] ?? ScaledLayer(pair.first, in: graph),
        [pair.first, node].contains(where: { schemes[$0]?.weights?.granularity == .tensor }),
        second.layout.inputs % first.layout.outputs == 0
      else { continue }
      pairs.append(pair)
      layers[pair.first] = first
      layers[node] = second
    }
    guard !pairs.isEmpty, context.inputs.count > 0 else { return nil }
    self.pairs = pairs
    let operands = pairs.map { graph.nodes[$0.first].inputs[0] }
    let seen = try ChannelStatistics.observing(
      Array(Set(operands + pairs.map(\.value))).sorted(), of: graph, context)
    for (pair, operand) in zip(pairs, operands) {
      inputs[pair.first] = seen[operand]
      results[pair.first] = seen[pair.value]
    }
  }

  /// Goes through all pairs until none gains any more.
  mutating func run() {
    for _ in 0..<Self.maximumRounds {
      var hasChanged = false
      for pair in pairs where equalize(pair) { hasChanged = true }
      if !hasChanged { return }
    }
  }

  /// Scales the channels between two layers; false if that gains nothing.
  private mutating func equalize(_ pair: EqualizedPair) -> Bool {
    guard var first = layers[pair.first], var second = layers[pair.second],
      let input = inputs[pair.first], let result = results[pair.first]
    else { return false }
    let noise = PairNoise(
      first, second, input: input, between: result, schemes[pair.first] ?? .float,
      schemes[pair.second] ?? .float)
    guard let factors = best(noise, result.widths) else { return false }
    first.scaleOutputs(by: factors)
    second.unscaleInputs(by: factors)
    guard first.isFinite, second.isFinite else { return false }
    layers[pair.first] = first
    layers[pair.second] = second
    results[pair.first]?.scale(by: factors)
    inputs[pair.second]?.scale(by: factors)
    return true
  }

  private func best(_ noise: PairNoise, _ widths: [Double]) -> [Double]? {
    let candidates = noise.candidates.map { limited($0, widths) }
    let powers = candidates.map(noise.power)
    guard let index = powers.indices.min(by: { (powers[$0], $0) < (powers[$1], $1) }),
      powers[index] < 0.99 * noise.power(widths.map { _ in 1 })
    else { return nil }
    return candidates[index]
  }

  /// Factors that keep the largest range as it is, and none beyond it.
  private func limited(_ factors: [Double], _ widths: [Double]) -> [Double] {
    let (before, after) = (
      widths.max() ?? 0, zip(widths, factors).map { $0 * $1 }.max() ?? 0
    )
    let common = after > 0 && before > 0 ? before / after : 1
    return factors.indices.map { channel in
      let factor = (factors[channel] * common).clamped(
        to: 1 / Self.largestFactor...Self.largestFactor)
      return min(factor, max(1, before / max(widths[channel], 0x1p-100)))
    }
  }

  /// Gives the network the weights and biases as they have become.
  func write(to graph: inout Graph) {
    for layer in layers.values.sorted(by: { $0.node < $1.node }) { layer.write(to: &graph) }
  }
}
