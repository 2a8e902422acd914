import Foundation
import GraphIR
import Tensors

/// `y = aᵇ`, with NumPy's broadcasting, of `f32` or `i32` elements.
///
/// Powers of integers are computed as `f64`, and clamped to what an `i32` can hold; fractions are dropped.
public struct Power: PairwiseOperator {
  public static let name = "pow"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .f32: form { (a: Float, b) in powf(a, b) },
    .i32: form { (a: Int32, b) in Int32(clamped(pow(Double(a), Double(b)))) },
  ]

  private static func clamped(_ power: Double) -> Double {
    min(max(power, Double(Int32.min)), Double(Int32.max))
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
        Tensor(TensorType(.f32, [2]), numbers: [3, 4]),
        Tensor(TensorType(.f32, [1]), numbers: [0.5]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1.732050808, 2])]),
  ]
}
