import GraphIR
import Tensors

/// Whether both of a pair hold, with NumPy's broadcasting, of `bool` elements.
public struct LogicalAnd: PairwiseOperator {
  public static let name = "logical_and"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .bool: form { (a: UInt8, b) in a != 0 && b != 0 ? 1 : 0 }
  ]

  public static let examples = [
    Example(
      LogicalAnd(),
      [
        Tensor(TensorType(.bool, [2]), numbers: [0, 1]),
        Tensor(TensorType(.bool, [1]), numbers: [1]),
      ],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [0, 1])])
  ]
}
