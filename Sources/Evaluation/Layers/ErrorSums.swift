import CKernels
import Foundation

/// How far one tensor is from what it should be, summed over samples.
///
/// Sums are in double precision, and there is one for each channel, the index of the last axis.
public struct ErrorSums: Hashable, Sendable {
  /// Of each channel `Σ expected²`.
  private var signals: [Double]
  /// Of each channel `Σ (found − expected)²`.
  private var noises: [Double]
  /// `Σ found²`.
  private var power = 0.0

  /// The sums over nothing.
  public init(channels: Int) {
    signals = Array(repeating: 0, count: channels)
    noises = signals
  }

  /// Adds the elements of one sample. What is not finite on either side is left out.
  ///
  /// - Precondition: both have the same count, a multiple of that of the channels.
  public mutating func add(
    found: UnsafeBufferPointer<Float>, expected: UnsafeBufferPointer<Float>
  ) {
    var sample = ErrorSums(channels: signals.count)
    sample.addFinite(found, expected)
    if !sample.isFinite {
      sample = ErrorSums(channels: signals.count)
      sample.addChecked(found, expected)
    }
    self += sample
  }

  /// Adds the sums of other samples.
  public static func += (sums: inout ErrorSums, other: ErrorSums) {
    for channel in sums.signals.indices {
      sums.signals[channel] += other.signals[channel]
      sums.noises[channel] += other.noises[channel]
    }
    sums.power += other.power
  }

  private var isFinite: Bool { (signal + noise + power).isFinite }
  private var signal: Double { signals.reduce(0, +) }
  private var noise: Double { noises.reduce(0, +) }

  private mutating func addFinite(
    _ found: UnsafeBufferPointer<Float>, _ expected: UnsafeBufferPointer<Float>
  ) {
    guard !signals.isEmpty else { return }
    var powers = Array(repeating: 0.0, count: signals.count)
    ck_add_errors(
      found.baseAddress, expected.baseAddress, Int64(found.count), Int64(signals.count), &signals,
      &noises, &powers)
    power += powers.reduce(0, +)
  }

  private mutating func addChecked(
    _ found: UnsafeBufferPointer<Float>, _ expected: UnsafeBufferPointer<Float>
  ) {
    for (index, pair) in zip(found, expected).enumerated()
    where pair.0.isFinite && pair.1.isFinite {
      let (x, y) = (Double(pair.0), Double(pair.1))
      signals[index % signals.count] += y * y
      noises[index % signals.count] += (x - y) * (x - y)
      power += x * x
    }
  }
}

extension ErrorSums {
  /// Whether there is no difference at all.
  public var isExact: Bool { noise == 0 }

  /// Signal to noise, `10 · log10(Σ expected² / Σ (found − expected)²)`; nil without noise, or without a signal.
  public var decibels: Double? { Self.decibels(signal, noise) }

  /// The cosine of the angle between both as vectors; nil if one is zero.
  public var cosine: Double? {
    guard signal > 0, power > 0 else { return nil }
    // |x − y|² = |x|² + |y|² − 2 x·y
    return max(-1, min(1, (signal + power - noise) / 2 / (signal * power).squareRoot()))
  }

  /// The channel with the lowest signal to noise, and that in dB; nil where none has both.
  public var worstChannel: (index: Int, decibels: Double)? {
    signals.indices.compactMap { channel in
      Self.decibels(signals[channel], noises[channel]).map { (index: channel, decibels: $0) }
    }.min { ($0.decibels, $0.index) < ($1.decibels, $1.index) }
  }

  private static func decibels(_ signal: Double, _ noise: Double) -> Double? {
    signal > 0 && noise > 0 ? 10 * log10(signal / noise) : nil
  }
}
