import Foundation
import Tensors

/// The noise that rounding of two layers adds to the sums of the second, by their power, as far as factors of
/// the channels between them change it.
///
/// Each number that is rounded to a step `Δ` gets noise of the power `Δ² / 12`. Where channel `c` between the
/// layers is multiplied by `k[c]`, and `g[c] = Σ w² / s[o]` over the second layer's weights of that channel
/// and the power `s[o]` of their outputs, noise is to signal, but for the 12, as
///
///     Σ_c (Δ₁[c]² · energy₁[c] + Δ_x²) · g[c] / k[c]²  +  Σ_o Δ₂[o]² / s[o] · Σ_c k[c]² · energy_x[c]
///
/// with the steps of the first layer's weights, of the values between and of the second layer's weights, which follow from the
/// largest number that shares the step: `Δ₂[o] = max |w[o, c]| / k[c]` in steps of its format, and so on.
struct PairNoise {
  /// The channels between.
  let channels: Int
  /// Of the first layer's weights by output channel: the largest, and the squares of what they are multiplied by.
  private let firstPeaks: [Double]
  private let firstEnergies: [Double]
  /// Of what is between the layers.
  private let widths: [Double]
  private let energies: [Double]
  /// Of the second layer: the largest weights [output][channels], and Σ w² of each channel.
  private let secondPeaks: [Double]
  private let gains: [Double]
  /// The power of each output of the second layer.
  private let signals: [Double]
  /// Steps in the largest number; nil for what is not rounded to steps.
  private let steps: (first: Double?, values: Double?, second: Double?)
  private let shares: (first: Bool, second: Bool)

  /// - Parameters:
  ///   - input, between: what is seen of the first layer's operand, and of its result.
  init(
    _ first: ScaledLayer, _ second: ScaledLayer, input: ChannelStatistics,
    between: ChannelStatistics, _ firstScheme: QuantizationScheme,
    _ secondScheme: QuantizationScheme
  ) {
    channels = first.layout.outputs
    (firstPeaks, firstEnergies) = Self.outputs(of: first, input)
    signals = Self.signals(of: second, between)
    (secondPeaks, gains) = Self.inputs(of: second, channels: channels, signals)
    widths = between.widths
    let taps = Double(second.taps)
    energies = between.meanSquares.map { $0 * taps }
    steps = (
      firstScheme.weights?.largestSteps, firstScheme.activations?.rangeSteps,
      secondScheme.weights?.largestSteps
    )
    shares = (
      firstScheme.weights?.granularity == .tensor, secondScheme.weights?.granularity == .tensor
    )
  }

  private static func outputs(
    of layer: ScaledLayer, _ input: ChannelStatistics
  ) -> (peaks: [Double], energies: [Double]) {
    var peaks = [Double](repeating: 0, count: layer.layout.outputs)
    var energies = peaks
    for (index, weight) in layer.weights.enumerated() {
      let output = layer.layout.output(of: index)
      peaks[output] = max(peaks[output], Double(abs(weight)))
      energies[output] += input.meanSquares[layer.layout.input(of: index) % input.meanSquares.count]
    }
    return (peaks, energies)
  }

  /// The power of each output of the second layer, as if its channels had nothing to do with each other, and no less than a
  /// thousandth of the mean, so that those in which nothing happens do not count most.
  private static func signals(of layer: ScaledLayer, _ between: ChannelStatistics) -> [Double] {
    var signals = [Double](repeating: 0, count: layer.layout.outputs)
    for (index, weight) in layer.weights.enumerated() {
      let energy = between.meanSquares[layer.layout.input(of: index) % between.meanSquares.count]
      signals[layer.layout.output(of: index)] += Double(weight) * Double(weight) * energy
    }
    let mean = signals.reduce(0, +) / Double(max(1, signals.count))
    return signals.map { max($0, mean / 1000, 0x1p-200) }
  }

  private static func inputs(
    of layer: ScaledLayer, channels: Int, _ signals: [Double]
  ) -> (peaks: [Double], gains: [Double]) {
    var peaks = [Double](repeating: 0, count: layer.layout.outputs * channels)
    var gains = [Double](repeating: 0, count: channels)
    for (index, weight) in layer.weights.enumerated() {
      let channel = layer.layout.input(of: index) % channels
      let output = layer.layout.output(of: index)
      let place = output * channels + channel
      peaks[place] = max(peaks[place], Double(abs(weight)))
      gains[channel] += Double(weight) * Double(weight) / signals[output]
    }
    return (peaks, gains)
  }

  /// The power of the noise with these factors.
  func power(_ factors: [Double]) -> Double {
    let step = steps.values.map { peak(widths, factors) / $0 } ?? 0
    let first = firstSteps(factors)
    var power = 0.0
    for channel in 0..<channels {
      let rounding = first[channel] * first[channel] * firstEnergies[channel] + step * step
      power += rounding * gains[channel] / (factors[channel] * factors[channel])
    }
    return power + secondPower(factors)
  }

  private func firstSteps(_ factors: [Double]) -> [Double] {
    guard let steps = steps.first else { return factors.map { _ in 0 } }
    guard shares.first else { return zip(firstPeaks, factors).map { $0 * $1 / steps } }
    return factors.map { [all = peak(firstPeaks, factors)] _ in all / steps }
  }

  private func secondPower(_ factors: [Double]) -> Double {
    guard let steps = steps.second else { return 0 }
    let inverses = factors.map { 1 / $0 }
    var peaks = [Double](repeating: 0, count: secondPeaks.count / max(1, channels))
    for output in peaks.indices {
      for channel in 0..<channels {
        peaks[output] = max(
          peaks[output], secondPeaks[output * channels + channel] * inverses[channel])
      }
    }
    let largest = peaks.max() ?? 0
    var power = 0.0
    for output in peaks.indices {
      let step = (shares.second ? largest : peaks[output]) / steps
      power += step * step * energy(of: output, factors) / signals[output]
    }
    return power
  }

  /// Σ k² · energy of the channels that an output reads.
  private func energy(of output: Int, _ factors: [Double]) -> Double {
    (0..<channels).reduce(0) { sum, channel in
      guard secondPeaks[output * channels + channel] > 0 else { return sum }
      return sum + factors[channel] * factors[channel] * energies[channel]
    }
  }

  private func peak(_ numbers: [Double], _ factors: [Double]) -> Double {
    zip(numbers, factors).reduce(0) { max($0, $1.0 * $1.1) }
  }

  /// Factors to try: `k = r₂^(1−α) / r₁^α`, where `r₁` is the range of a channel before, in weights, values,
  /// or both, and `r₂` that of the second layer's weights for it. With α = ½ and weights alone they are those
  /// of the paper.
  var candidates: [[Double]] {
    let second = secondRanges
    let both = zip(relative(firstPeaks), relative(widths)).map { ($0 * $1).squareRoot() }
    return [relative(firstPeaks), relative(widths), both].flatMap { first in
      [0.25, 0.5, 0.75, 1].map { alpha in
        first.indices.map { channel in
          // Channels that are always 0 stay.
          guard first[channel] > 0, second[channel] > 0 else { return 1 }
          return pow(second[channel], 1 - alpha) / pow(first[channel], alpha)
        }
      }
    }
  }

  /// The largest weight for each channel, as a part of the largest that shares its scale.
  private var secondRanges: [Double] {
    var ranges = [Double](repeating: 0, count: channels)
    for start in stride(from: 0, to: secondPeaks.count, by: max(1, channels)) {
      let row = secondPeaks[start..<start + channels]
      let largest = shares.second ? 1 : row.max() ?? 0
      guard largest > 0 else { continue }
      for channel in 0..<channels {
        ranges[channel] = max(ranges[channel], secondPeaks[start + channel] / largest)
      }
    }
    return relative(ranges)
  }

  private func relative(_ numbers: [Double]) -> [Double] {
    let largest = numbers.max() ?? 0
    return largest > 0 ? numbers.map { $0 / largest } : numbers
  }
}

extension TensorScheme {
  /// Steps from 0 to the largest number of weights; nil for what is not rounded to even steps.
  fileprivate var largestSteps: Double? {
    format.levels(isSymmetric: isSymmetric).map { Double($0.count) / 2 }
  }

  /// Steps in the whole range of activations.
  fileprivate var rangeSteps: Double? {
    format.levels(isSymmetric: isSymmetric).map { Double($0.count - 1) }
  }
}
