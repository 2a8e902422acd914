import GraphIR
import Tensors

/// `y = ⌊a / b⌋`, with NumPy's broadcasting, of `f32`, `i8`, `i16` or `i32` elements.
///
/// An integer divided by 0 gives 0, where LiteRT ends with an error; a quotient that is too large wraps.
public struct FloorDivide: PairwiseOperator {
  public static let name = "floor_div"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .f32: form { (a: Float, b) in Float((Double(a) / Double(b)).rounded(.down)) },
    .i8: form { (a: Int8, b) in floorQuotient(a, b) },
    .i16: form { (a: Int16, b) in floorQuotient(a, b) },
    .i32: form { (a: Int32, b) in floorQuotient(a, b) },
  ]

  private static func floorQuotient<Integer: FixedWidthInteger>(_ a: Integer, _ b: Integer)
    -> Integer
  {
    let quotient = a.dividedReportingOverflow(by: b)
    // The remainder would overflow with the quotient.
    guard b != 0, !quotient.overflow else { return b == 0 ? 0 : quotient.partialValue }
    let isInexact = a % b != 0
    return isInexact && (a < 0) != (b < 0) ? quotient.partialValue - 1 : quotient.partialValue
  }

  public static let examples = [
    Example(
      FloorDivide(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [7, -7]),
        Tensor(TensorType(.i32, [1]), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [3, -4])]),
    Example(
      FloorDivide(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [7, -7]),
        Tensor(TensorType(.f32, [1]), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [3, -4])]),
  ]
}
