import GraphIR

/// Every operator there is. A new one is a file, and a line here.
public enum Operators {
  /// Finds each by its name in the text form.
  public static let all = OperatorSet(
    convolutions + elementwise + reductions + layout + conversions)

  private static let convolutions: [any Operator.Type] = [
    AveragePool2D.self, BatchMatMul.self, Conv2D.self, Conv3D.self, DepthwiseConv2D.self,
    FullyConnected.self,
    MaxPool2D.self,
    ResizeBilinear.self, ResizeNearestNeighbor.self, TransposeConv2D.self,
  ]

  private static let elementwise: [any Operator.Type] = [
    Abs.self, Add.self, Ceil.self, Cos.self, Divide.self, ELU.self, Equal.self, Exp.self,
    Floor.self, HardSwish.self, LeakyReLU.self, Log.self, Logistic.self, Maximum.self,
    Minimum.self, Multiply.self, Negate.self, PReLU.self, ReLU.self, ReLU6.self,
    ReciprocalSquareRoot.self,
    Round.self, Select.self, Sin.self, Square.self, SquareRoot.self, SquaredDifference.self,
    Subtract.self, Tanh.self,
  ]

  private static let reductions: [any Operator.Type] = [
    L2Normalization.self, LocalResponseNormalization.self, LogSoftmax.self, Mean.self,
    ReduceAll.self, ReduceAny.self, ReduceMax.self, ReduceMin.self, ReduceProduct.self,
    Softmax.self, Sum.self,
  ]

  private static let layout: [any Operator.Type] = [
    Concatenation.self, MirrorPad.self, Pack.self, Pad.self, Reshape.self, ShapeOf.self,
    Split.self, StridedSlice.self, Transpose.self, Unpack.self,
  ]

  private static let conversions: [any Operator.Type] = [
    Cast.self, Dequantize.self, Quantize.self,
  ]
}
