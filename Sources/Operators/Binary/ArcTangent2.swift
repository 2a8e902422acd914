import Foundation
import GraphIR
import Tensors

/// The angle of the point `(b, a)`, in −π ... π, with NumPy's broadcasting, of `f32` elements.
///
/// TFLite: `ATAN2`.
public struct ArcTangent2: PairwiseOperator {
  public static let name = "atan2"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .f32: form { (a: Float, b) in atan2f(a, b) }
  ]

  public static let examples = [
    Example(
      ArcTangent2(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [1, -1]),
        Tensor(TensorType(.f32, [1]), numbers: [1]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0.785398163, -0.785398163])])
  ]
}
