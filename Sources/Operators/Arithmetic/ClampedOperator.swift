import GraphIR

/// An operator that can limit its own results: one with a fused activation.
public protocol ClampedOperator: Operator {
  /// What a fused activation does.
  var clamp: Clamp { get set }
}

extension Add: ClampedOperator {}
extension AveragePool2D: ClampedOperator {}
extension Conv2D: ClampedOperator {}
extension Conv3D: ClampedOperator {}
extension DepthwiseConv2D: ClampedOperator {}
extension Divide: ClampedOperator {}
extension FullyConnected: ClampedOperator {}
extension L2Pool2D: ClampedOperator {}
extension MaxPool2D: ClampedOperator {}
extension Multiply: ClampedOperator {}
extension Subtract: ClampedOperator {}
extension TransposeConv2D: ClampedOperator {}
extension TransposeConv3D: ClampedOperator {}
