import GraphIR
import Operators
import Tensors

/// Where the channels of images lie in weights.
package struct WeightLayout {
  /// Of the weights.
  package let shape: Shape
  /// How many channels come out.
  package let outputs: Int
  /// How many channels go in.
  package let inputs: Int
  /// How far apart the weights of neighbouring output channels lie.
  fileprivate let outputStride: Int
  /// How many input channels a group has, and how far apart their weights lie; nil for depthwise convolutions.
  fileprivate let own: (count: Int, stride: Int)?

  /// - Returns: nil for operators without weights, and for weights of several matrices.
  package init?(_ op: any Operator, _ operands: [TensorType]) {
    guard let axes = Self.axes(op, rank: operands[1].shape.rank),
      let inputs = operands[0].shape.extents.last
    else { return nil }
    shape = operands[1].shape
    // Rows of a fully connected layer may go over more than one axis.
    guard !(op is FullyConnected) || shape[1] == inputs else { return nil }
    let strides = shape.strides
    (outputs, outputStride) = (shape[axes.output], strides[axes.output])
    own = axes.input.map { [shape] in (shape[$0], strides[$0]) }
    self.inputs = inputs
  }

  fileprivate init(
    shape: Shape, outputs: Int, inputs: Int, outputStride: Int, own: (count: Int, stride: Int)?
  ) {
    (self.shape, self.outputs, self.inputs) = (shape, outputs, inputs)
    (self.outputStride, self.own) = (outputStride, own)
  }

  private static func axes(_ op: any Operator, rank: Int) -> (output: Int, input: Int?)? {
    switch op {
    case is Conv2D, is TransposeConv2D: return (0, 3)
    case is DepthwiseConv2D: return (3, nil)
    case is Conv3D: return (4, 3)
    case is FullyConnected: return (0, 1)
    case let op as BatchMatMul where rank == 2 && !op.transposesFirst:
      return op.transposesSecond ? (0, 1) : (1, 0)
    default: return nil
    }
  }

  /// The output channel that a weight belongs to, by its place among all.
  package func output(of index: Int) -> Int { index / outputStride % outputs }

  /// The input channel that a weight is multiplied with.
  package func input(of index: Int) -> Int {
    guard let own else { return output(of: index) / (outputs / inputs) }
    let group = output(of: index) / (outputs / (inputs / own.count))
    return group * own.count + index / own.stride % own.count
  }
}

extension WeightLayout {
  /// Whether each output channel is a sum over all input channels.
  var isDense: Bool { own?.count == inputs }

  /// How many input channels each output channel is a sum over.
  package var inputsPerOutput: Int { own?.count ?? 1 }

  /// The layout for another number of output channels, which must be the outermost axis.
  func with(outputs: Int) -> WeightLayout {
    WeightLayout(
      shape: Shape([outputs] + shape.extents.dropFirst()), outputs: outputs, inputs: inputs,
      outputStride: outputStride, own: own)
  }
}
