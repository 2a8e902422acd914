import GraphIR
import Operators
import Support
import Tensors

/// A convolution of bytes in the file: image and weights with channels in axis 1, over one axis, two, or three.
struct ONNXByteConvolution {
  /// `[n, c, h, w]`, or `[n, c, d, h, w]`; an image of one axis has a height of 1.
  private let image: ValueID
  /// `[o, c, h, w]`, or `[o, c, d, h, w]`.
  private let weights: ValueID
  private let hasOneAxis: Bool
  private let group: Int
  private let window: ONNXWindow

  /// - Parameter image, weights: the numbers of these operands.
  /// - Throws: a `Diagnostic` if ranks or attributes do not fit each other.
  init(
    _ node: ONNXNode, image: Int, weights: Int, _ builder: inout ONNXGraphBuilder
  ) throws {
    let operands = try (node.operand(image), node.operand(weights))
    let extents = (builder.shape(operands.0).extents, builder.shape(operands.1).extents)
    guard (3...5).contains(extents.0.count), extents.1.count == extents.0.count else {
      throw Diagnostic(.rank(node.kind, builder.shape(operands.0), builder.shape(operands.1)))
    }
    hasOneAxis = extents.0.count == 3
    self.image = try builder.withHeight(operands.0)
    self.weights = try builder.withHeight(operands.1)
    group = try node.integer("group", default: 1)
    let channels = extents.1[1].multipliedReportingOverflow(by: group)
    guard group > 0, !channels.overflow, channels.partialValue == extents.0[1],
      extents.1[0] % group == 0
    else {
      throw Diagnostic(.groups(node.kind, group, extents.0[1], extents.1[0]))
    }
    let own = try ONNXWindow(
      node, image: Array(extents.0[2...]), kernel: Array(extents.1[2...]))
    window = hasOneAxis ? own.withLeadingAxis() : own
    guard window.kernel.count == 2 || window.kernel[0] <= 4096 else {
      throw Diagnostic(.depth(node.kind, window.kernel[0]))
    }
  }

  /// The sums themselves, as `i32`; zero points that are left out are 0.
  func sums(
    _ imagePoint: ValueID?, _ weightPoints: ValueID?, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let points = [
      imagePoint ?? builder.scalar(0, builder.element(image)),
      weightPoints ?? builder.scalar(0, builder.element(weights)),
    ]
    let pixels = try builder.channelsLast(builder.retyped(image, nil))
    let taps = try builder.channelsLast(builder.retyped(weights, nil))
    let sums =
      try builder.shape(pixels).rank == 5
      ? volumeSums(pixels, taps, points, &builder)
      : builder.apply(planes(window, pixels, builder), [pixels, taps] + points)
    return try result(sums, &builder)
  }

  /// The sums of images, whose height and width are the axes before the last.
  private func planes(
    _ window: ONNXWindow, _ pixels: ValueID, _ builder: ONNXGraphBuilder
  ) -> IntegerConv2D {
    IntegerConv2D(
      stride: window.stride, dilation: window.dilation,
      padding: window.padding(Array(builder.shape(pixels).extents.dropLast().suffix(2))))
  }

  /// The sum over the depth of the kernel of what each of its planes makes of the planes of the volume that it meets.
  private func volumeSums(
    _ volume: ValueID, _ weights: ValueID, _ points: [ValueID], _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let (batches, depth) = (builder.shape(volume)[0], window.outputs(extents(volume, builder))[0])
    let op = planes(window.withoutLeadingAxis(), volume, builder)
    let padded = try paddedDepth(volume, points[0], &builder)
    let sums = try (0..<window.kernel[0]).map { tap in
      let images = try builder.planes(
        padded, from: tap * window.dilation[0], count: depth, step: window.stride[0])
      let filters = try builder.planes(weights, from: tap, count: 1, step: 1)
      return try builder.apply(op, [images, filters] + points)
    }
    let sum = try sums.dropFirst().reduce(sums[0]) { try builder.apply(Add(), $0, $1) }
    return try builder.reshape(sum, [batches, depth] + builder.shape(sum).extents.dropFirst())
  }

  private func extents(_ volume: ValueID, _ builder: ONNXGraphBuilder) -> [Int] {
    Array(builder.shape(volume).extents.dropFirst().dropLast())
  }

  /// With planes of the zero point before and behind.
  private func paddedDepth(
    _ volume: ValueID, _ zeroPoint: ValueID, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    guard window.before[0] + window.after[0] > 0 else { return volume }
    return try builder.apply(
      Pad(before: [0, window.before[0], 0, 0, 0], after: [0, window.after[0], 0, 0, 0]),
      volume, builder.reshape(zeroPoint, []))
  }

  /// A convolution with scales that are known; nil where that says too little.
  func layer(
    _ imageScale: ONNXScale, _ weightScale: ONNXScale, _ bias: ValueID?, _ resultScale: ONNXScale,
    _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID? {
    var channelScale = weightScale
    channelScale.axis = 0
    guard window.kernel.count == 2,
      let input = builder.quantization(imageScale, of: builder.type(image)),
      let kernel = builder.quantization(channelScale, of: builder.type(weights)),
      kernel.hasOneZeroPoint, let zeroPoint = resultScale.zeroPoint,
      builder.element(zeroPoint) == builder.element(image)
    else { return nil }
    let pixels = try builder.channelsLast(builder.retyped(image, input))
    let taps = try builder.retyped(weights, kernel)
    let isDepthwise = group > 1 && builder.shape(weights)[1] == 1
    let op = rescaled(isDepthwise, padding: window.padding(extents(pixels, builder)))
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

  private func rescaled(_ isDepthwise: Bool, padding: Padding) -> any Operator {
    isDepthwise
      ? DepthwiseConv2D(
        stride: window.stride, dilation: window.dilation, padding: padding, rescaling: .onnx)
      : Conv2D(stride: window.stride, dilation: window.dilation, padding: padding, rescaling: .onnx)
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

  /// Every `step`-th plane of volumes, each as an image of its own.
  fileprivate mutating func planes(
    _ volumes: ValueID, from first: Int, count: Int, step: Int
  ) throws -> ValueID {
    let extents = shape(volumes).extents
    let part = try apply(
      StridedSlice(
        begin: [0, first, 0, 0, 0], size: [extents[0], count] + extents[2...],
        step: [1, step, 1, 1, 1]), volumes)
    return try reshape(part, [extents[0] * count] + extents[2...])
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

  fileprivate static func depth(_ kind: String, _ depth: Int) -> Self {
    Self(
      id: "onnx-byte-convolution", .unsupported,
      "`\(kind)` with a kernel of \(depth) planes is not supported")
  }
}
