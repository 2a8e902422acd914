import GraphIR
import Hardware
import Operators
import Tensors

/// A layer that the NPU computes block by block: all that the choice of the block depends on.
struct TilingProblem: Hashable {
  enum Kind: Hashable {
    case dense
    case depthwise
    case pool(isMaximum: Bool)
    case add
  }

  let kind: Kind
  let batches: Int
  /// Height, width and depth of the result.
  let result: TargetDescription.Block
  let input: TargetDescription.Block
  let window: Window
  let hasActivation: Bool

  /// Whether it multiplies with weights, which only the array does.
  var needsArray: Bool { kind == .dense || kind == .depthwise }

  var readsDepthwise: Bool { kind != .dense }

  /// Whether each image of the result is one pixel, which needs one pixel of input.
  var isPixel: Bool {
    kind == .dense && result.height == 1 && result.width == 1 && window.span == .one
  }

  /// Operands that are read block by block.
  var operandCount: Int { kind == .add ? 2 : 1 }

  /// Whether rows of input and result are rows of the operands as the graph has them: not of a matrix.
  let isImage: Bool

  /// The rows and columns of input that a block of the result needs, before clipping.
  func inputExtents(_ block: TargetDescription.Block) -> (height: Int, width: Int) {
    (
      (block.height - 1) * window.stride[0] + window.span[0],
      (block.width - 1) * window.stride[1] + window.span[1]
    )
  }
}

extension TilingProblem {
  /// - Throws: a `Diagnostic` if the node's window cannot be.
  /// - Returns: nil if the node is not of a kind that is computed in blocks.
  init?(_ node: NodeID, of graph: Graph) throws {
    let operands = graph.types(of: graph.nodes[node].inputs)
    let result = graph.values[graph.result(of: node)].type
    switch graph.nodes[node].op {
    case let op as Conv2D:
      self.init(
        .dense, operands[0].shape, result.shape, try op.window(operands), op.clamp, result)
    case let op as DepthwiseConv2D:
      self.init(
        .depthwise, operands[0].shape, result.shape, try op.window(operands), op.clamp, result)
    case let op as FullyConnected:
      let depth = operands[1].shape[1]
      let rows = operands[0].elementCount / depth
      self.init(
        .dense, [1, 1, rows, depth], [1, 1, rows, operands[1].shape[0]], .single, op.clamp, result,
        isImage: false)
    case let op as any PoolingOperator:
      self.init(
        .pool(isMaximum: type(of: op).isMaximum), operands[0].shape, result.shape,
        try op.window(operands), op.clamp, result)
    case let op as Add where operands[0].shape == operands[1].shape:
      let image = Self.image(result.shape)
      self.init(
        .add, image, image, .single, op.clamp, result, isImage: image == result.shape)
    default: return nil
    }
  }

  private init(
    _ kind: Kind, _ input: Shape, _ result: Shape, _ window: Window, _ clamp: Clamp,
    _ type: TensorType, isImage: Bool = true
  ) {
    self.isImage = isImage
    self.kind = kind
    batches = result[0]
    self.result = Self.block(result)
    self.input = Self.block(input)
    self.window = window
    hasActivation = clamp != .none
  }

  private static func block(_ shape: Shape) -> TargetDescription.Block {
    TargetDescription.Block(height: shape[1], width: shape[2], depth: shape[3])
  }

  /// Any shape as one image: element-wise work does not care where axes lie.
  private static func image(_ shape: Shape) -> Shape {
    let extents = shape.extents
    guard extents.count > 1 else { return [1, 1, 1, shape.elementCount] }
    let depth = extents[extents.count - 1]
    let width = extents[extents.count - 2]
    return [1, shape.elementCount / (depth * width), width, depth]
  }
}
