import Foundation
import Quantization
import Support

/// Seeded numbers for calibration.
enum Numbers {
  /// With mean 0 and σ = 1, after Box and Muller.
  static func normal(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let (u, v) = (1 - Double(generator.unitFloat()), Double(generator.unitFloat()))
      return Float((-2 * log(u)).squareRoot() * cos(2 * .pi * v))
    }
  }
}

extension RangeObserver {
  /// An observer that has seen these samples.
  init(_ method: RangeMethod, _ samples: [[Float]]) throws {
    self.init(method)
    for sample in samples { try observe(sample) }
  }

  mutating func observe(_ sample: [Float]) throws {
    try sample.withUnsafeBufferPointer { try observe($0) }
  }
}
