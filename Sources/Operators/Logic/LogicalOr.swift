import GraphIR
import Tensors

/// Whether one of a pair holds, or both do, with NumPy's broadcasting, of `bool` elements.
public struct LogicalOr: PairwiseOperator {
  public static let name = "logical_or"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .bool: form { (a: UInt8, b) in a != 0 || b != 0 ? 1 : 0 }
  ]

  public static let examples = [
    Example(
      LogicalOr(),
      [
        Tensor(TensorType(.bool, [2]), numbers: [0, 1]),
        Tensor(TensorType(.bool, [1]), numbers: [0]),
      ],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [0, 1])])
  ]
}
