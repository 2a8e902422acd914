import GraphIR
import Operators
import Tensors

extension TFLiteLegalization {
  /// TFLite pads as `same` and `valid` have it, and in no other way.
  static let paddings = Pass.rewrite(
    "say-paddings-in-words", "pad before operators whose pads TFLite has no word for",
    Rule(replacing: Conv2D.self) { graph, id, op in try graph.paddingOutside(id, op) },
    Rule(replacing: DepthwiseConv2D.self) { graph, id, op in try graph.paddingOutside(id, op) },
    Rule(replacing: MaxPool2D.self) { graph, id, op in try graph.paddingOutside(id, op) },
    Rule(replacing: AveragePool2D.self) { graph, id, op in try graph.paddingInWords(id, op) },
    Rule(replacing: TransposeConv2D.self) { graph, id, op in try graph.croppingOutside(id, op) })
}

extension Graph {
  /// Padding around the image instead of padding by the operator: of zeros, which are zero points.
  fileprivate mutating func paddingOutside(_ id: NodeID, _ op: some PaddedConvolution) throws
    -> ValueID?
  {
    guard case .explicit(let top, let left, let bottom, let right) = op.padding else { return nil }
    var legal = op
    legal.padding = try paddingInWords(id, op.padding, op.window) ?? .valid
    var operands = nodes[id].inputs
    if legal.padding == .valid {
      let pad = Pad(before: [0, top, left, 0], after: [0, bottom, right, 0])
      operands[0] = try insert(pad, [operands[0]], before: id)[0]
    }
    return try insert(legal, operands, like: id)
  }

  /// The same for the largest elements, among which the lowest number there is never counts.
  fileprivate mutating func paddingOutside(_ id: NodeID, _ op: MaxPool2D) throws -> ValueID? {
    guard case .explicit(let top, let left, let bottom, let right) = op.padding else { return nil }
    if let legal = try paddingInWords(id, op) { return legal }
    let image = input(of: id)
    let range = values[image].type.element.integerRange
    let lowest = range.map { Double($0.lowerBound) } ?? -Double(Float.greatestFiniteMagnitude)
    let pad = Pad(before: [0, top, left, 0], after: [0, bottom, right, 0])
    let padded = try insert(pad, [image, scalar(lowest, as: image)], before: id)[0]
    var legal = op
    legal.padding = .valid
    return try insert(legal, [padded], like: id)
  }

  /// A pool whose pads are those that `same` or `valid` give; nil if they are others.
  fileprivate mutating func paddingInWords(_ id: NodeID, _ op: some PoolingOperator & PaddedPool)
    throws -> ValueID?
  {
    guard let padding = try paddingInWords(id, op.padding, op.window) else { return nil }
    var legal = op
    legal.padding = padding
    return try insert(legal, nodes[id].inputs, like: id)
  }

  /// The word for explicit pads that places windows alike; nil if there is none, or pads have a word already.
  private func paddingInWords(
    _ id: NodeID, _ padding: Padding, _ window: ([TensorType]) throws -> Window
  ) throws -> Padding? {
    guard case .explicit = padding else { return nil }
    let operands = types(of: nodes[id].inputs)
    let found = try window(operands)
    return [Padding.valid, .same].first {
      // Without its pads an image may be smaller than the window.
      let placed = try? Window(
        over: Array(operands[0].shape.extents[1...2]),
        kernel: [found.kernel.height, found.kernel.width],
        stride: [found.stride.height, found.stride.width],
        dilation: [found.dilation.height, found.dilation.width], padding: $0, kind: nodes[id].kind)
      return placed == found
    }
  }

  /// The result of a transposed convolution with its border, which is then cut off.
  fileprivate mutating func croppingOutside(_ id: NodeID, _ op: TransposeConv2D) throws -> ValueID?
  {
    guard case .explicit(let top, let left, let bottom, let right) = op.padding else { return nil }
    var legal = op
    legal.padding = .valid
    legal.size = [op.size[0] + top + bottom, op.size[1] + left + right]
    let type = values[result(of: id)].type
    let shape = Shape([type.shape[0]] + legal.size + [type.shape[3]])
    let whole = try insert(
      legal, nodes[id].inputs, results: [type.with(shape: shape)], before: id)[0]
    return try insert(
      StridedSlice(begin: [0, top, left, 0], size: type.shape.extents), [whole], like: id)
  }
}

/// A convolution whose padding can be another.
private protocol PaddedConvolution: ConvolutionOperator {
  var padding: Padding { get set }
}

/// A pool whose padding can be another.
private protocol PaddedPool {
  var padding: Padding { get set }
}

extension Conv2D: PaddedConvolution {}
extension DepthwiseConv2D: PaddedConvolution {}
extension AveragePool2D: PaddedPool {}
extension MaxPool2D: PaddedPool {}
