import GraphIR
import Tensors

/// −1, 0 or 1, as an element is negative, zero or positive, of `f32`, `f64`, `i32`, `i64` or `u64` elements. Of NaN it is 0.
public struct Sign: UnaryOperator {
  public static let name = "sign"

  public init() {}

  public func apply(_ x: Float) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x > 0 ? 1 : x < 0 ? -1 : 0 },
    .i32: form { (x: Int32) in x.signum() },
    .i64: form { (x: Int64) in x.signum() },
    .u64: form { (x: UInt64) in x.signum() },
  ]

  public static let examples = [
    Example(
      Sign(),
      [Tensor(TensorType(.f32, [3]), numbers: [-2.5, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])]),
    Example(
      Sign(),
      [Tensor(TensorType(.i32, [3]), numbers: [-2, 0, 3])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [-1, 0, 1])]),
  ]
}
