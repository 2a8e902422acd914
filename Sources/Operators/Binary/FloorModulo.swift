import GraphIR
import Tensors

/// `y = a − ⌊a / b⌋ · b`, which has the sign of `b`, with NumPy's broadcasting, of `f32`, `i8`, `i16`, `i32`, `i64` or `u64`
/// elements.
///
/// An integer modulo 0 gives 0, where LiteRT ends with an error.
public struct FloorModulo: PairwiseOperator {
  public static let name = "floor_mod"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .f32: form { (a: Float, b) in
      let remainder = a.truncatingRemainder(dividingBy: b)
      return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
    },
    .i8: form { (a: Int8, b) in floorRemainder(a, b) },
    .i16: form { (a: Int16, b) in floorRemainder(a, b) },
    .i32: form { (a: Int32, b) in floorRemainder(a, b) },
    .i64: form { (a: Int64, b) in floorRemainder(a, b) },
    .u64: form { (a: UInt64, b) in floorRemainder(a, b) },
  ]

  private static func floorRemainder<Integer: FixedWidthInteger>(_ a: Integer, _ b: Integer)
    -> Integer
  {
    guard b != 0 else { return 0 }
    let remainder = a.remainderReportingOverflow(dividingBy: b).partialValue
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
  }

  public static let examples = [
    Example(
      FloorModulo(),
      [
        Tensor(TensorType(.u64, [2]), TensorData([1 << 63 + 4, 7] as [UInt64])),
        Tensor(TensorType(.u64, [2]), TensorData([10, 1 << 63] as [UInt64])),
      ],
      gives: [Tensor(TensorType(.u64, [2]), numbers: [2, 7])]),
    Example(
      FloorModulo(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [7, -7]),
        Tensor(TensorType(.i32, [1]), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [1, 2])]),
    Example(
      FloorModulo(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [7, -7]),
        Tensor(TensorType(.f32, [1]), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1, 2])]),
  ]
}
