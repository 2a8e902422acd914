import GraphIR
import Operators
import Tensors

/// How an operator takes part in quantization; operators without a role stay in `f32`.
enum OperatorRole: Hashable {
  /// It multiplies activations by weights, which are its second operand, and may add a bias, its third.
  case weighted(channelAxis: Int)
  /// Its results are elements of its operands, so that all of them share scale and zero point.
  case choosing
  /// Its results lie within bounds that do not depend on data.
  case bounded(FixedRange)
  /// Its results have a range of their own.
  case computing

  /// Bounds for which integer kernels have tables, and the scales that they expect.
  ///
  /// Source: TFLite's quantization specification.
  enum FixedRange: Hashable { case zeroToOne, minusOneToOne, minusSixteenToZero }
}

extension OperatorRole.FixedRange {
  /// Scale and zero point of integers; nil for bits that no kernel has.
  func quantization(bits: Int) -> Quantization? {
    switch (self, bits) {
    case (.zeroToOne, 8): Quantization(scale: 1 / 256, zeroPoint: -128)
    case (.minusOneToOne, 8): Quantization(scale: 1 / 128)
    case (.minusSixteenToZero, 8): Quantization(scale: 16 / 256, zeroPoint: 127)
    case (.zeroToOne, 16), (.minusOneToOne, 16): Quantization(scale: 1 / 32768)
    default: nil
    }
  }

  /// The bounds as a range, for formats without a fixed scale.
  var range: ClosedRange<Float> {
    switch self {
    case .zeroToOne: 0...1
    case .minusOneToOne: -1...1
    case .minusSixteenToZero: -16...0
    }
  }
}

extension Graph {
  /// How a node takes part in quantization; nil if it stays as it is.
  ///
  /// Nodes that compute on anything but `f32` have none.
  func role(of node: NodeID) -> OperatorRole? {
    let types = types(of: Array(nodes[node].inputs.prefix(1)) + nodes[node].results)
    guard types.allSatisfy({ $0.element == .f32 }) else { return nil }
    switch nodes[node].op {
    case is any ConvolutionOperator:
      guard let axis = (type(of: nodes[node].op) as? any ConvolutionOperator.Type)?.channelAxis
      else { return nil }
      return isConstant(nodes[node].inputs[1]) ? .weighted(channelAxis: axis) : nil
    case is FullyConnected:
      return isConstant(nodes[node].inputs[1]) ? .weighted(channelAxis: 0) : .computing
    case let pool as AveragePool2D:
      let image = self.types(of: nodes[node].inputs)[0].shape
      // The mean of a whole image varies much less than its elements.
      return pool.kernel == Array(image.extents[1...2]) ? .computing : .choosing
    case let op: return Self.roles.first { $0.kinds.contains { $0 == type(of: op) } }?.role
    }
  }

  /// The roles of operators without weights.
  private static let roles: [(role: OperatorRole, kinds: [any Operator.Type])] = [
    (
      .choosing,
      [
        BroadcastTo.self, Concatenation.self, DepthToSpace.self, MaxPool2D.self, MirrorPad.self,
        Pack.self, Pad.self, ReduceMax.self, ReduceMin.self, Repeat.self, Reshape.self,
        ResizeNearestNeighbor.self, SpaceToDepth.self, Split.self, StridedSlice.self,
        Transpose.self, Unpack.self, Gather.self, ResizeBilinear.self,
        Maximum.self, Minimum.self, BatchToSpace.self, SpaceToBatch.self,
      ]
    ),
    (.bounded(.zeroToOne), [Softmax.self, Logistic.self]),
    (.bounded(.minusOneToOne), [Tanh.self, L2Normalization.self]),
    (.bounded(.minusSixteenToZero), [LogSoftmax.self]),
    (
      .computing,
      [
        Abs.self, Add.self, BatchMatMul.self, ELU.self, Exp.self, GELU.self, HardSigmoid.self,
        HardSwish.self, LeakyReLU.self, Mean.self, Multiply.self, PReLU.self, ReLU.self,
        ReLU0To1.self, ReLU6.self, ReLUN1To1.self, ReciprocalSquareRoot.self,
        SquaredDifference.self, Subtract.self, Sum.self, Swish.self, Clip.self,
      ]
    ),
  ]
}
