import GraphIR
import Tensors

/// `y = −x`, of `f32`, `i8`, `i16`, `i32` or `i64` elements. Numbers are taken as they are stored, and the lowest stays.
public struct Negate: UnaryOperator {
  public static let name = "neg"

  public init() {}

  public func apply(_ x: Float) -> Float { -x }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in -x },
    .i8: form { (x: Int8) in 0 &- x },
    .i16: form { (x: Int16) in 0 &- x },
    .i32: form { (x: Int32) in 0 &- x },
    .i64: form { (x: Int64) in 0 &- x },
  ]

  public static let examples = [
    Example(
      Negate(),
      [Tensor(TensorType(.f32, [2]), numbers: [-2, 3])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -3])]),
    Example(
      Negate(),
      [Tensor(TensorType(.i8, [3]), numbers: [-2, 3, -128])],
      gives: [Tensor(TensorType(.i8, [3]), numbers: [2, -3, -128])]),
  ]
}
