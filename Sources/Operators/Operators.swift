import GraphIR

/// Every operator there is. A new one is a file, and a line here.
public enum Operators {
  /// Finds each by its name in the text form.
  public static let all = OperatorSet(families.flatMap { $0() })

  /// The operator of this name in the text form; nil if there is none.
  ///
  /// For those who ask for few, as all operators together take megabytes to tell about: families are looked at one by
  /// one, the common ones first.
  public static func named(_ name: String) -> (any Operator.Type)? {
    let likely: [Family] = [{ convolutions }, { elementwise }, { reductions }]
    for family in likely + families {
      if let found = family().first(where: { $0.name == name }) { return found }
    }
    return nil
  }

  private typealias Family = @Sendable () -> [any Operator.Type]

  private static let families: [Family] = [
    { convolutions }, { elementwise }, { arithmetic }, { activations }, { functions }, { logic },
    { reductions }, { signals }, { layout }, { blocks }, { indexing }, { sequences },
    { conversions }, { control }, { recurrent }, { images }, { transformers },
  ]

  private static let convolutions: [any Operator.Type] = [
    AveragePool2D.self, BatchMatMul.self, Conv2D.self, Conv3D.self, DepthwiseConv2D.self,
    FullyConnected.self, IntegerConv2D.self, IntegerMatMul.self, L2Pool2D.self, MaxPool2D.self,
    ResizeBilinear.self,
    ResizeNearestNeighbor.self, TransposeConv2D.self, TransposeConv3D.self,
  ]

  private static let elementwise: [any Operator.Type] = [
    Abs.self, Add.self, Ceil.self, Clip.self, Cos.self, Divide.self, ELU.self, Exp.self,
    Floor.self, HardSwish.self, LeakyReLU.self, Log.self, Logistic.self, Maximum.self,
    Minimum.self, Multiply.self, Negate.self, PReLU.self, ReLU.self, ReLU6.self,
    ReciprocalSquareRoot.self,
    Round.self, Select.self, Sin.self, Square.self, SquareRoot.self, SquaredDifference.self,
    Subtract.self, Tanh.self,
  ]

  private static let arithmetic: [any Operator.Type] = [
    AddN.self, ArcTangent2.self, BitwiseAnd.self, BitwiseNot.self, BitwiseOr.self,
    BitwiseXor.self, CumulativeProduct.self, CumulativeSum.self, FakeQuantize.self,
    FloorDivide.self, FloorModulo.self,
    LeftShift.self, Power.self, Remainder.self, RightShift.self, Sign.self,
  ]

  private static let activations: [any Operator.Type] = [
    CELU.self, GELU.self, HardSigmoid.self, Mish.self, ReLU0To1.self, ReLUN1To1.self, SELU.self,
    Shrink.self, Softplus.self, Softsign.self, Swish.self, ThresholdedReLU.self,
  ]

  private static let functions: [any Operator.Type] = [
    Acos.self, Acosh.self, Asin.self, Asinh.self, Atan.self, Atanh.self, Cosh.self, Erf.self,
    Reciprocal.self, Sinh.self, Tan.self,
  ]

  private static let signals: [any Operator.Type] = [
    DFT.self, Determinant.self, NegativeLogLikelihoodLoss.self, STFT.self, Triangle.self,
  ]

  private static let logic: [any Operator.Type] = [
    Equal.self, Greater.self, GreaterEqual.self, IsInfinite.self, IsNaN.self, Less.self,
    LessEqual.self, LogicalAnd.self, LogicalNot.self, LogicalOr.self, NotEqual.self,
  ]

  private static let reductions: [any Operator.Type] = [
    L2Normalization.self, LocalResponseNormalization.self, LogSoftmax.self, LogSumExp.self,
    Mean.self,
    ReduceAll.self, ReduceAny.self, ReduceMax.self, ReduceMin.self, ReduceProduct.self,
    Softmax.self, Sum.self,
  ]

  private static let layout: [any Operator.Type] = [
    BorderPad.self, Concatenation.self, MirrorPad.self, Pack.self, Pad.self, Reshape.self,
    ShapeOf.self,
    Split.self, StridedSlice.self, Repeat.self, Transpose.self, Unpack.self,
  ]

  private static let blocks: [any Operator.Type] = [
    BatchToSpace.self, DepthToSpace.self, MatrixDiagonal.self, MatrixSetDiagonal.self,
    SpaceToBatch.self, SpaceToDepth.self,
  ]

  private static let indexing: [any Operator.Type] = [
    ArgMax.self, ArgMin.self, CacheUpdate.self, DetectionPostProcess.self,
    DynamicUpdateSlice.self, EmbeddingLookup.self, Gather.self, GatherElements.self,
    GatherND.self, OneHot.self, ReverseSequence.self, ScatterElements.self, ScatterND.self,
    SegmentSum.self, SparseToDense.self, TermFrequencies.self, TopK.self,
    UnsortedSegmentMaximum.self, UnsortedSegmentMinimum.self, UnsortedSegmentProduct.self,
    UnsortedSegmentSum.self, UpdateND.self, Where.self,
  ]

  private static let recurrent: [any Operator.Type] = [
    BasicLSTM.self, BidirectionalLSTM.self, BidirectionalRNN.self, LSTM.self, RNN.self, SVDF.self,
    SequenceGRU.self, SequenceLSTM.self, SequenceRNN.self,
  ]

  private static let images: [any Operator.Type] = [
    ColumnsToImage.self, DeformablePatches.self, GridSample.self, GroupNormalization.self,
    LayerNormalization.self, LpNormalization.self, MaxPoolPlaces.self, MaxRoiPool.self,
    MaxUnpool.self, RMSNormalization.self, Resize.self, RoiAlign.self, WindowPool.self,
  ]

  private static let transformers: [any Operator.Type] = [Attention.self, RotaryEmbedding.self]

  private static let control: [any Operator.Type] = [
    If.self, While.self,
  ]

  private static let sequences: [any Operator.Type] = [
    ArithmeticSequence.self, BroadcastShape.self, BroadcastTo.self, RankOf.self, ZerosLike.self,
  ]

  private static let conversions: [any Operator.Type] = [
    Bitcast.self, Cast.self, Dequantize.self, DynamicQuantize.self, Quantize.self,
    RoundInBlocks.self,
  ]
}
