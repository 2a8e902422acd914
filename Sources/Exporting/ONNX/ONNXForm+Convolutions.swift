import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// Convolutions, which have channels before pixels in the standard.
  static let convolutions: [ONNXForm] = [
    ONNXForm(Conv2D.self) { op, site, writer in
      let window = ONNXWindowAttributes(try op.window(site.types), over: site.image, op.padding)
      let groups = site.shape(0)[3] / site.shape(1)[3]
      try writer.convolve(
        "Conv", site, weights: .channelsFirst(4), window.attributes(groups: groups), op.clamp,
        isAsymmetric: !site.hasOneScale)
    },
    ONNXForm(DepthwiseConv2D.self) { op, site, writer in
      let window = ONNXWindowAttributes(try op.window(site.types), over: site.image, op.padding)
      try writer.convolve(
        "Conv", site, weights: AxisOrder([3, 0, 1, 2]),
        window.attributes(groups: site.shape(0)[3]), op.clamp)
    },
    ONNXForm(Conv3D.self) { op, site, writer in
      let window = ONNXWindowAttributes(
        image: site.shape(0), output: site.resultTypes[0].shape,
        kernel: Array(site.shape(1).extents[..<3]), stride: op.stride, dilation: op.dilation)
      try writer.convolve(
        "Conv", site, weights: AxisOrder([4, 3, 0, 1, 2]), window.attributes(groups: 1), op.clamp)
    },
    ONNXForm(IntegerConv2D.self) { op, site, writer in try writer.convolveIntegers(op, site) },
    ONNXForm(TransposeConv2D.self) { op, site, writer in try writer.spread(op, site) },
    ONNXForm(TransposeConv3D.self) { op, site, writer in
      let window = ONNXWindowAttributes(
        image: site.resultTypes[0].shape, output: site.shape(0),
        kernel: Array(site.shape(1).extents[..<3]), stride: op.stride, dilation: op.dilation)
      try writer.convolve(
        "ConvTranspose", site, weights: AxisOrder([4, 3, 0, 1, 2]),
        window.transposedAttributes(size: op.size, image: site.shape(0), groups: 1), op.clamp)
    },
  ]
}

extension ONNXGraphWriter {
  /// Writes a convolution with its bias and what is fused into it.
  ///
  /// - Parameter isAsymmetric: how images are quantized that are so when the model runs.
  fileprivate mutating func convolve(
    _ kind: String, _ site: ONNXSite, weights: AxisOrder, _ attributes: [ONNXAttributeProto],
    _ clamp: Clamp, isAsymmetric: Bool = true
  ) throws {
    let order = AxisOrder.channelsFirst(site.shape(0).rank)
    var x = try real(site.operands[0], order)
    if site.isDynamic {
      let extents = order.arranged(site.shape(0).extents)
      x = file.roundedDynamically(x, extents, isAsymmetric: isAsymmetric)
    }
    let operands = [x, try real(site.operands[1], weights)]
    let bias = try bias(site)
    let sum = file.add(kind, operands + bias, attributes)
    let result = file.clamped(sum, clamp, site.realElement(0))
    define(site.results[0], order, as: result)
  }

  /// Zero points are operands.
  fileprivate mutating func convolveIntegers(_ op: IntegerConv2D, _ site: ONNXSite) throws {
    let window = ONNXWindowAttributes(
      try Conv2D(stride: op.stride, dilation: op.dilation, padding: op.padding)
        .window(site.types), over: site.image, op.padding)
    let order = AxisOrder.channelsFirst(4)
    let images = try site.operands[..<2].map { try stored($0, order) }
    let zeroPoints = try site.operands[2...].map { try stored($0) }
    let sums = file.add(
      "ConvInteger", images + zeroPoints,
      window.attributes(groups: site.shape(0)[3] / site.shape(1)[3]))
    define(site.results[0], order, as: sums)
  }

  fileprivate mutating func spread(_ op: TransposeConv2D, _ site: ONNXSite) throws {
    let window = try op.window(site.types)
    let attributes = ONNXWindowAttributes(window, over: op.size, op.padding)
      .transposedAttributes(
        size: op.size, image: site.shape(0), groups: site.shape(0)[3] / site.shape(1)[3])
    guard site.shape(0)[3] != site.shape(1)[3] else {
      return try convolve(
        "ConvTranspose", site, weights: AxisOrder([3, 0, 1, 2]), attributes, op.clamp)
    }
    try spreadInGroups(op, site, attributes)
  }

  /// The standard has the input channels of all groups along the first axis of the weights.
  private mutating func spreadInGroups(
    _ op: TransposeConv2D, _ site: ONNXSite, _ attributes: [ONNXAttributeProto]
  ) throws {
    let (filters, channels) = (site.shape(1).extents, site.shape(0)[3])
    let groups = channels / filters[3]
    let apart = file.reshape(
      try real(site.operands[1]), [groups, filters[0] / groups] + filters[1...])
    let turned = file.add("Transpose", [apart], [.integers("perm", [0, 4, 1, 2, 3])])
    let weights = file.reshape(turned, [channels, filters[0] / groups, filters[1], filters[2]])
    let order = AxisOrder.channelsFirst(4)
    let operands = [try real(site.operands[0], order), weights]
    let bias = try bias(site)
    let sum = file.add("ConvTranspose", operands + bias, attributes)
    define(site.results[0], order, as: file.clamped(sum, op.clamp, .f32))
  }
}
