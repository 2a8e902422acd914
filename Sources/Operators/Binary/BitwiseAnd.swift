import GraphIR
import Tensors

/// `y = a AND b`, bit by bit, with NumPy's broadcasting, of `i8`, `u8`, `i16`, `i32`, `u32` or `i64` elements.
public struct BitwiseAnd: PairwiseOperator {
  public static let name = "bitwise_and"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .i8: form { (a: Int8, b) in a & b },
    .u8: form { (a: UInt8, b) in a & b },
    .i16: form { (a: Int16, b) in a & b },
    .i32: form { (a: Int32, b) in a & b },
    .u32: form { (a: UInt32, b) in a & b },
    .i64: form { (a: Int64, b) in a & b },
  ]

  public static let examples = [
    Example(
      BitwiseAnd(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [6, -1]),
        Tensor(TensorType(.i32, [1]), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [2, 3])])
  ]
}
