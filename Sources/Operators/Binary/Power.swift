import Foundation
import GraphIR
import Tensors

/// `y = aᵇ`, with NumPy's broadcasting, of `f32`, `f64`, `i32`, `i64` or `u64` elements.
///
/// Powers of `i32` are computed as `f64`, and clamped to what an `i32` can hold; those of `i64` and `u64`
/// wrap. Fractions are dropped.
public struct Power: PairwiseOperator {
  public static let name = "pow"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .f32: form { (a: Float, b) in powf(a, b) },
    .f64: form { (a: Double, b) in pow(a, b) },
    .i32: form { (a: Int32, b) in Int32(clamped(pow(Double(a), Double(b)))) },
    .i64: form { (a: Int64, b) in power(a, b) },
    .u64: form { (a: UInt64, b) in product(of: a, count: b) },
  ]

  private static func clamped(_ power: Double) -> Double {
    min(max(power, Double(Int32.min)), Double(Int32.max))
  }

  /// Of powers with a negative exponent, only those of 1 and −1 are not fractions; 0 gives 0.
  private static func power(_ base: Int64, _ exponent: Int64) -> Int64 {
    guard exponent >= 0 else { return base.magnitude == 1 ? power(base, exponent & 1) : 0 }
    return product(of: base, count: exponent)
  }

  /// So many factors, by squaring.
  private static func product<Integer: FixedWidthInteger>(
    of base: Integer, count: Integer
  ) -> Integer {
    var (result, square, rest) = (Integer(1), base, count)
    while rest > 0 {
      if rest & 1 == 1 { result = result &* square }
      square = square &* square
      rest >>= 1
    }
    return result
  }

  public static let examples = [
    Example(
      Power(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [3, -2]),
        Tensor(TensorType(.i32, [1]), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [27, -8])]),
    Example(
      Power(),
      [
        Tensor(TensorType(.i64, [3]), numbers: [3, -1, 2]),
        Tensor(TensorType(.i64, [3]), numbers: [31, -3, -1]),
      ],
      gives: [Tensor(TensorType(.i64, [3]), numbers: [617_673_396_283_947, -1, 0])]),
    // 3⁴⁰ is more than 2⁶³, and (2⁶³ + 1)² is 1 modulo 2⁶⁴.
    Example(
      Power(),
      [
        Tensor(TensorType(.u64, [2]), TensorData([3, 1 << 63 + 1] as [UInt64])),
        Tensor(TensorType(.u64, [2]), numbers: [40, 2]),
      ],
      gives: [
        Tensor(
          TensorType(.u64, [2]), TensorData([12_157_665_459_056_928_801, 1] as [UInt64]))
      ]),
    Example(
      Power(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [3, 4]),
        Tensor(TensorType(.f32, [1]), numbers: [0.5]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1.732050808, 2])]),
  ]
}
