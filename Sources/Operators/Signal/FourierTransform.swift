import Foundation
import GraphIR
import Tensors

/// The discrete Fourier transform of rows of one length: `y[k] = Σ x[n] · exp(−2πi · k · n / length)`, in double precision.
///
/// The inverse has the sign of the exponent reversed; neither is scaled.
///
/// It is computed by Cooley and Tukey's recursion over the prime factors of the length (Mathematics of Computation 19, 1965).
struct FourierTransform: Sendable {
  /// Real and imaginary part.
  typealias Complex = SIMD2<Double>

  /// The numbers in a row.
  let length: Int
  /// The powers of `exp(∓2πi / length)`.
  private let roots: [Complex]
  /// The prime factors of the length, the smallest first.
  private let factors: [Int]

  /// - Parameter length: 1 or more.
  init(length: Int, isInverse: Bool) {
    self.length = length
    let sign = isInverse ? 1.0 : -1.0
    roots = (0..<length).map { power in
      let angle = sign * 2 * .pi * Double(power) / Double(length)
      return Complex(cos(angle), sin(angle))
    }
    factors = Self.primeFactors(of: length)
  }

  /// The transform of a row.
  func callAsFunction(_ row: [Complex]) -> [Complex] {
    var result = [Complex](repeating: .zero, count: length)
    row.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { y in
        if let x = x.baseAddress, let y = y.baseAddress { transform(x, 1, length, 0, into: y) }
      }
    }
    return result
  }

  /// The transform of `count` numbers that lie `stride` apart, with the factors that are left from `level` on.
  private func transform(
    _ x: UnsafePointer<Complex>, _ stride: Int, _ count: Int, _ level: Int,
    into y: UnsafeMutablePointer<Complex>
  ) {
    guard level < factors.count else { return y[0] = x[0] }
    let factor = factors[level]
    let part = count / factor
    for index in 0..<factor {
      transform(x + index * stride, stride * factor, part, level + 1, into: y + index * part)
    }
    combine(y, factor, part, stride)
  }

  /// Makes one transform of `factor` transforms, which lie one behind the other.
  private func combine(
    _ y: UnsafeMutablePointer<Complex>, _ factor: Int, _ part: Int, _ stride: Int
  ) {
    var terms = [Complex](repeating: .zero, count: factor)
    for place in 0..<part {
      for index in 0..<factor { terms[index] = y[index * part + place] }
      for block in 0..<factor {
        let target = block * part + place
        var sum = terms[0]
        for index in 1..<factor {
          sum += Self.product(terms[index], roots[index * target * stride % length])
        }
        y[target] = sum
      }
    }
  }

  private static func product(_ a: Complex, _ b: Complex) -> Complex {
    Complex(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
  }

  private static func primeFactors(of number: Int) -> [Int] {
    var (factors, rest, factor) = ([Int](), number, 2)
    while factor * factor <= rest {
      while rest % factor == 0 {
        factors.append(factor)
        rest /= factor
      }
      factor += 1
    }
    return rest > 1 ? factors + [rest] : factors
  }

  /// A complex product for each number and each prime factor's terms.
  static func work(length: Int, rows: Int) -> Work {
    Work(macs: Work.product(4, rows, length, primeFactors(of: length).reduce(1, +)))
  }
}
