import GraphIR
import Tensors

/// `y = 1 / √x`, of `f32`, `i8`, `u8` or `i16` elements.
public struct ReciprocalSquareRoot: UnaryOperator {
  public static let name = "rsqrt"

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { 1 / x.squareRoot() }

  public static let examples = [
    Example(
      ReciprocalSquareRoot(),
      [Tensor(TensorType(.f32, [2]), numbers: [4, 0.25])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0.5, 2])])
  ]
}
