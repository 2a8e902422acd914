import GraphIR
import Operators
import Support
import Tensors

/// A convolution of bytes in the file: image and weights with channels in axis 1, over one axis or two.
struct ONNXByteConvolution {
  /// `[n, c, h, w]`; an image of one axis has a height of 1.
  private let image: ValueID
  /// `[o, c, h, w]`.
  private let weights: ValueID
  private let hasOneAxis: Bool
  private let group: Int
  private let stride: [Int]
  private let dilation: [Int]
  private let padding: Padding

  /// - Parameter image, weights: the numbers of these operands.
  /// - Throws: a `Diagnostic` if ranks or attributes do not fit each other.
  init(
    _ node: ONNXNode, image: Int, weights: Int, _ builder: inout ONNXGraphBuilder
  ) throws {
    let operands = try (node.operand(image), node.operand(weights))
    let extents = (builder.shape(operands.0).extents, builder.shape(operands.1).extents)
    guard (3...4).contains(extents.0.count), extents.1.count == extents.0.count else {
      throw Diagnostic(.rank(node.kind, builder.shape(operands.0), builder.shape(operands.1)))
    }
    hasOneAxis = extents.0.count == 3
    let axes = hasOneAxis ? 1 : 2
    self.image = try builder.withHeight(operands.0)
    self.weights = try builder.withHeight(operands.1)
    group = try node.integer("group", default: 1)
    let channels = extents.1[1].multipliedReportingOverflow(by: group)
    guard group > 0, !channels.overflow, channels.partialValue == extents.0[1],
      extents.1[0] % group == 0
    else {
      throw Diagnostic(.groups(node.kind, group, extents.0[1], extents.1[0]))
    }
    let ones = Array(repeating: 1, count: axes)
    let steps = try node.integers("strides") ?? ones
    let distances = try node.integers("dilations") ?? ones
    guard steps.count == axes, distances.count == axes else { throw Diagnostic(.lists(node.kind)) }
    stride = hasOneAxis ? [1] + steps : steps
    dilation = hasOneAxis ? [1] + distances : distances
    padding = try Self.padding(
      node, Array(builder.shape(self.image).extents.suffix(2)),
      Array(builder.shape(self.weights).extents.suffix(2)), stride, dilation)
  }

  private static func padding(
    _ node: ONNXNode, _ image: [Int], _ kernel: [Int], _ stride: [Int], _ dilation: [Int]
  ) throws -> Padding {
    switch try node.string("auto_pad", default: "NOTSET") {
    case "VALID": return .valid
    case "SAME_UPPER": return .same
    case "SAME_LOWER":
      let window = try Window(
        over: image, kernel: kernel, stride: stride, dilation: dilation, padding: .same,
        kind: node.kind)
      // The odd one of the pads goes to the front here.
      let pads = (0..<2).map { axis in
        let covered = (window.output[axis] - 1) * stride[axis] + window.span[axis]
        return max(0, covered - image[axis])
      }
      return .explicit(
        top: (pads[0] + 1) / 2, left: (pads[1] + 1) / 2, bottom: pads[0] / 2, right: pads[1] / 2)
    default: return try explicitPadding(node, axes: image.count)
    }
  }

  private static func explicitPadding(_ node: ONNXNode, axes: Int) throws -> Padding {
    guard let pads = try node.integers("pads") else { return .valid }
    guard pads.allSatisfy({ $0 >= 0 }) else { throw Diagnostic(.lists(node.kind)) }
    switch pads.count {
    case 2: return .explicit(top: 0, left: pads[0], bottom: 0, right: pads[1])
    case 4: return .explicit(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
    default: throw Diagnostic(.lists(node.kind))
    }
  }

  /// The sums themselves, as `i32`; zero points that are left out are 0.
  func sums(
    _ imagePoint: ValueID?, _ weightPoints: ValueID?, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let points = (
      imagePoint ?? builder.scalar(0, builder.element(image)),
      weightPoints ?? builder.scalar(0, builder.element(weights))
    )
    let sums = try builder.apply(
      IntegerConv2D(stride: stride, dilation: dilation, padding: padding),
      builder.channelsLast(builder.retyped(image, nil)),
      builder.channelsLast(builder.retyped(weights, nil)), points.0, points.1)
    return try result(sums, &builder)
  }

  /// A convolution with scales that are known; nil where that says too little.
  func layer(
    _ imageScale: ONNXScale, _ weightScale: ONNXScale, _ bias: ValueID?, _ resultScale: ONNXScale,
    _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID? {
    var channelScale = weightScale
    channelScale.axis = 0
    guard let input = builder.quantization(imageScale, of: builder.type(image)),
      let kernel = builder.quantization(channelScale, of: builder.type(weights)),
      kernel.hasOneZeroPoint, let zeroPoint = resultScale.zeroPoint,
      builder.element(zeroPoint) == builder.element(image)
    else { return nil }
    let pixels = try builder.channelsLast(builder.retyped(image, input))
    let taps = try builder.retyped(weights, kernel)
    let isDepthwise = group > 1 && builder.shape(weights)[1] == 1
    let op: any Operator =
      isDepthwise
      ? DepthwiseConv2D(stride: stride, dilation: dilation, padding: padding, rescaling: .onnx)
      : Conv2D(stride: stride, dilation: dilation, padding: padding, rescaling: .onnx)
    let operands =
      [pixels, try builder.transpose(taps, isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1])]
      + [bias].compactMap { $0 }
    guard !operands.contains(where: { builder.shape($0).isEmpty }) else { return nil }
    let type = try op.resultTypes(operands.map(builder.type))[0]
    guard let output = builder.quantization(resultScale, of: type),
      let convolved = try? builder.apply(
        op, operands, result: TensorType(type.element, type.shape, output))
    else { return nil }
    return try result(convolved, &builder)
  }

  /// With channels in axis 1, and without a height that the file does not have.
  private func result(_ value: ValueID, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    let image = try builder.channelsFirst(value)
    let extents = builder.shape(image).extents
    return hasOneAxis ? try builder.reshape(image, [extents[0], extents[1], extents[3]]) : image
  }
}

extension ONNXGraphBuilder {
  /// An image of one axis as one of two.
  fileprivate mutating func withHeight(_ value: ValueID) throws -> ValueID {
    let extents = shape(value).extents
    return extents.count == 3
      ? try reshape(value, [extents[0], extents[1], 1, extents[2]]) : value
  }
}

extension Diagnostic.Message {
  fileprivate static func rank(_ kind: String, _ image: Shape, _ weights: Shape) -> Self {
    Self(
      id: "onnx-byte-convolution", .unsupported,
      "`\(kind)` of an image of shape \(image) and weights of shape \(weights) is not supported")
  }

  fileprivate static func groups(_ kind: String, _ group: Int, _ image: Int, _ result: Int) -> Self
  {
    Self(
      id: "onnx-byte-convolution", .malformed,
      "`\(kind)` in \(group) groups does not make \(result) channels of \(image)")
  }

  fileprivate static func lists(_ kind: String) -> Self {
    Self(
      id: "onnx-byte-convolution", .malformed,
      "`\(kind)` has strides, dilations or pads that are not those of its axes")
  }
}
