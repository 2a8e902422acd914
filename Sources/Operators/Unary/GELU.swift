import Foundation
import GraphIR
import Tensors

/// `y = x · Φ(x)`, where Φ is the normal distribution, of `f32`, `f64`, `i8`, `u8` or `i16` elements.
///
/// `Φ(x) = (1 + erf(x / √2)) / 2`, or approximately `(1 + tanh(√(2 / π) · (x + 0.044715 · x³))) / 2`.
public struct GELU: UnaryOperator {
  public static let name = "gelu"
  /// Whether Φ is computed by the hyperbolic tangent.
  public var isApproximate: Bool

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() { self.init(isApproximate: false) }

  /// - Parameter isApproximate: takes the hyperbolic tangent in place of the error function.
  public init(isApproximate: Bool) { self.isApproximate = isApproximate }

  public func apply(_ x: Float) -> Float {
    guard isApproximate else { return 0.5 * x * (1 + erff(x * Float(0.5.squareRoot()))) }
    let argument = Float((2 / Double.pi).squareRoot()) * (x + 0.044715 * x * x * x)
    return 0.5 * x * (1 + tanhf(argument))
  }

  public var doubleForm: DoubleForm? {
    guard isApproximate else { return { x in 0.5 * x * (1 + erf(x * 0.5.squareRoot())) } }
    return { x in
      let argument = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
      return 0.5 * x * (1 + tanh(argument))
    }
  }

  public static let examples = [
    Example(
      GELU(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.15865525, 0, 0.84134475])]),
    Example(
      GELU(isApproximate: true),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.15880801, 0, 0.84119199])]),
  ]
}
