import GraphIR

/// An operator that can limit its own results: one with a fused activation.
public protocol ClampedOperator: Operator {
  /// What a fused activation does.
  var clamp: Clamp { get set }
}

extension Add: ClampedOperator {}
extension AveragePool2D: ClampedOperator {}
extension Conv2D: ClampedOperator {}
extension DepthwiseConv2D: ClampedOperator {}
extension FullyConnected: ClampedOperator {}
extension Multiply: ClampedOperator {}
extension Subtract: ClampedOperator {}
extension TransposeConv2D: ClampedOperator {}
