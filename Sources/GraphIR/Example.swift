import Tensors

/// Operands and the results that an operator must give for them.
public struct Example: Sendable {
  /// With the attributes that the example is about.
  public let op: any Operator
  /// In the operator's order; `evaluate` hands them to the kernel as constants.
  public let operands: [Tensor]
  /// What the kernel must give; floats to within a millionth.
  public let results: [Tensor]

  /// - Parameter results: with the types, quantization included, that the node is declared with.
  public init(_ op: any Operator, _ operands: [Tensor], gives results: [Tensor]) {
    self.op = op
    self.operands = operands
    self.results = results
  }
}
