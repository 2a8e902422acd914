import Foundation
import GraphIR
import Support
import Tensors

/// `y[c] = x[c] · (bias + alpha · Σ x²)^(−beta)`, the sum over the channels from `c − radius` up to, but without,
/// `c + radius`, as the TFLite reference kernel has it; of `f32` or `f64` elements.
///
/// Given a `reach`, it counts so many channels below and above instead, as ONNX has it.
///
/// Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", NIPS 2012, section 3.3.
public struct LocalResponseNormalization: Operator {
  public static let name = "local_response_normalization"
  public static let elements: [ElementType] = [.f32, .f64]
  /// How many channels below count, and one more than above; not negative.
  public var radius: Int
  /// What the sum is added to.
  public var bias: Float
  /// The factor of the sum.
  public var alpha: Float
  /// The exponent.
  public var beta: Float
  /// How many channels below and how many above count, neither negative; empty for what the radius says.
  public var reach: [Int]

  public init() { self.init(radius: 5, bias: 1, alpha: 1, beta: 0.5) }

  /// - Parameters:
  ///   - radius: not negative.
  ///   - reach: in place of the radius.
  public init(radius: Int, bias: Float, alpha: Float, beta: Float, reach: [Int] = []) {
    self.radius = radius
    self.bias = bias
    self.alpha = alpha
    self.beta = beta
    self.reach = reach
  }

  /// How many channels below count, and how many from the channel itself on.
  private func counts(_ depth: Int) -> (below: Int, above: Int) {
    let (below, above) = reach.isEmpty ? (radius, radius) : (reach[0], min(reach[1], depth) + 1)
    return (min(below, depth), min(above, depth))
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard radius >= 0, reach.isEmpty || reach.count == 2, reach.allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic(.badRadius(radius, reach))
    }
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  /// Works on pixels in parallel, each sum from the first channel to the last; its power is double, as in TFLite.
  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .f64
      ? kernel(site, of: Double.self) : kernel(site, of: Float.self)
  }

  private func kernel<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    _ site: Site, of number: Number.Type
  ) -> Kernel {
    let depth = RowKernel.extents(site.operands[0]).depth
    let (below, above) = counts(depth)
    return RowKernel.make(site) {
      (x: UnsafePointer<Number>, rows, y: UnsafeMutablePointer<Number>) in
      for start in stride(from: 0, to: Int(rows) * depth, by: depth) {
        for channel in 0..<depth {
          var sum: Number = 0
          for other in max(0, channel - below)..<min(depth, channel + above) {
            sum += x[start + other] * x[start + other]
          }
          let scale = pow(Double(bias) + Double(alpha) * Double(sum), -Double(beta))
          y[start + channel] = x[start + channel] * Number(scale)
        }
      }
    }
  }

  /// Squares and sums of a whole neighbourhood, as if none were cut off.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let (below, above) = counts(RowKernel.extents(operands[0]).depth)
    return Work(elementOperations: Work.product(below + above, results[0].elementCount))
  }

  public static let examples = [
    // 1 / √(4 + 1), 2 / √(4 + 1 + 4), 4 / √(4 + 4 + 16).
    Example(
      LocalResponseNormalization(radius: 1, bias: 4, alpha: 1, beta: 0.5),
      [Tensor(TensorType(.f32, [1, 1, 1, 3]), numbers: [1, 2, 4])],
      gives: [
        Tensor(TensorType(.f32, [1, 1, 1, 3]), numbers: [0.447213595, 0.666666667, 0.816496581])
      ]),
    // 1 / √(4 + 1 + 4), 2 / √(4 + 4 + 16), 4 / √(4 + 16).
    Example(
      LocalResponseNormalization(radius: 0, bias: 4, alpha: 1, beta: 0.5, reach: [0, 1]),
      [Tensor(TensorType(.f32, [1, 1, 1, 3]), numbers: [1, 2, 4])],
      gives: [
        Tensor(TensorType(.f32, [1, 1, 1, 3]), numbers: [0.333333333, 0.40824829, 0.894427191])
      ]),
    // (1 + 2⁻⁴⁰) / √4.
    Example(
      LocalResponseNormalization(radius: 0, bias: 4, alpha: 1, beta: 0.5),
      [Tensor(TensorType(.f64, [1, 1]), numbers: [1 + 0x1p-40])],
      gives: [Tensor(TensorType(.f64, [1, 1]), numbers: [0.5 + 0x1p-41])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badRadius(_ radius: Int, _ reach: [Int]) -> Self {
    let found =
      reach.isEmpty
      ? "radius of `local_response_normalization` is \(radius)"
      : "reach of `local_response_normalization` is \(reach)"
    return Self(id: "bad-radius", .malformed, "the \(found)")
  }
}
