import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  static let convolutions: [String: ONNXConverter] = [
    "Conv": { node, builder in [.tensor(try builder.convolution(node))] },
    "CausalConvWithState": { try $1.causalConvolution($0) },
    "ConvTranspose": { node, builder in [.tensor(try builder.transposedConvolution(node))] },
    "DeformConv": { node, builder in [.tensor(try builder.deformableConvolution(node))] },
    "Col2Im": { node, builder in [.tensor(try builder.columnsToImage(node))] },
  ]
}

extension ONNXGraphBuilder {
  /// The batches, channels and image of an operand.
  ///
  /// - Throws: a `Diagnostic` if the image has fewer axes than one or more than three.
  func image(_ value: ValueID, _ node: ONNXNode) throws -> (channels: Int, image: [Int]) {
    let extents = shape(value).extents
    guard (3...5).contains(extents.count) else {
      throw Diagnostic(.image(node.kind, "has an operand of shape \(shape(value))"))
    }
    return (extents[1], Array(extents[2...]))
  }

  /// An image of one axis as one of a single row; channels are last.
  mutating func asRows(_ value: ValueID) throws -> ValueID {
    let extents = shape(value).extents
    guard extents.count == 3 else { return value }
    return try reshape(value, [extents[0], 1, extents[1], extents[2]])
  }

  /// The only row of an image.
  mutating func withoutRows(_ value: ValueID) throws -> ValueID {
    let extents = shape(value).extents
    return try reshape(value, [extents[0], extents[2], extents[3]])
  }

  fileprivate mutating func convolution(_ node: ONNXNode) throws -> ValueID {
    let (x, weights) = (try node.operand(0), try node.operand(1))
    let (channels, image) = try image(x, node)
    let filters = shape(weights).extents
    let groups = try node.integer("group", default: 1)
    guard filters.count == image.count + 2, groups > 0, channels % groups == 0,
      filters[1] == channels / groups, filters[0] % groups == 0
    else {
      throw Diagnostic(.filters(node.kind, shape(x), shape(weights), groups))
    }
    let window = try ONNXWindow(node, image: image, kernel: Array(filters[2...]))
    let last = try channelsLast(x)
    let bias = try node.optional(2)
    let result = try convolve(last, weights, bias, window, groups)
    return try channelsFirst(result)
  }

  /// A convolution of an image whose channels are last, with weights whose channels are first.
  mutating func convolve(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ window: ONNXWindow, _ groups: Int
  ) throws -> ValueID {
    switch shape(x).rank {
    case 3:
      let filters = shape(weights).extents
      let rows = try reshape(weights, [filters[0], filters[1], 1, filters[2]])
      let result = try convolvePlane(
        asRows(x), rows, bias, window.withLeadingAxis(), groups, hasOneAxis: true)
      return try withoutRows(result)
    case 4: return try convolvePlane(x, weights, bias, window, groups, hasOneAxis: false)
    default: return try convolveVolume(x, weights, bias, window, groups)
    }
  }

  private mutating func convolvePlane(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ window: ONNXWindow, _ groups: Int,
    hasOneAxis: Bool
  ) throws -> ValueID {
    guard element(x) != .f64 else {
      return try convolveFlatVolume(x, weights, bias, window, groups)
    }
    let padding = window.padding(Array(shape(x).extents[1...2]))
    let operands = bias.map { [$0] } ?? []
    if groups > 1, groups == shape(x)[3] {
      let filters = try transpose(weights, [1, 2, 3, 0])
      // ONNX Runtime rounds the products of up to four elements, if an axis is all there is.
      let isRounded = hasOneAxis && window.kernel[1] <= 4 && shape(weights)[0] == groups
      let op = DepthwiseConv2D(
        stride: window.stride, dilation: window.dilation, padding: padding,
        fusesProducts: !isRounded)
      return try apply(op, [x, filters] + operands)
    }
    let filters = try transpose(weights, [0, 2, 3, 1])
    let op = Conv2D(
      stride: window.stride, dilation: window.dilation, padding: padding, fusesProducts: true,
      sumsByChannel: hasOneAxis || !hasVectors(shape(weights).extents, groups))
    return try apply(op, [x, filters] + operands)
  }

  /// Whether channels fill the vectors in which ONNX Runtime computes images; of other ones it makes a matrix of the windows.
  ///
  /// So it does of groups that fill none, which here would take several times as long.
  private func hasVectors(_ filters: [Int], _ groups: Int) -> Bool {
    groups > 1 || filters[1] < 16 || filters[1] % 4 == 0
  }

  /// An image as a volume of one plane: only volumes are convolved in double precision.
  private mutating func convolveFlatVolume(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ window: ONNXWindow, _ groups: Int
  ) throws -> ValueID {
    let (extents, filters) = (shape(x).extents, shape(weights).extents)
    let volume = try reshape(x, [extents[0], 1] + extents[1...])
    let kernels = try reshape(weights, filters[..<2] + [1] + filters[2...])
    let result = try convolveVolume(volume, kernels, bias, window.withLeadingAxis(), groups)
    return try reshape(result, [extents[0]] + shape(result).extents[2...])
  }

  /// Pads are elements of their own, groups convolutions of their own.
  private mutating func convolveVolume(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ window: ONNXWindow, _ groups: Int
  ) throws -> ValueID {
    let padded = try pad(x, before: [0] + window.before + [0], after: [0] + window.after + [0])
    let filters = try transpose(weights, [2, 3, 4, 1, 0])
    let op = Conv3D(stride: window.stride, dilation: window.dilation)
    return try inGroups(groups, padded, filters, axis: 4, bias) { builder, operands in
      try builder.apply(op, operands)
    }
  }

  /// Adds zeros, if there are any to add.
  mutating func pad(_ x: ValueID, before: [Int], after: [Int]) throws -> ValueID {
    (before + after).allSatisfy { $0 == 0 } ? x : try apply(Pad(before: before, after: after), x)
  }

  /// What a convolution makes of each group of channels, one behind the other.
  ///
  /// - Parameter axis: of the weights, along which groups lie.
  mutating func inGroups(
    _ groups: Int, _ x: ValueID, _ weights: ValueID, axis: Int, _ bias: ValueID?,
    _ body: (inout Self, [ValueID]) throws -> ValueID
  ) throws -> ValueID {
    let operands = [x, weights] + (bias.map { [$0] } ?? [])
    guard groups > 1 else { return try body(&self, operands) }
    let axes = [shape(x).rank - 1, axis, 0]
    let parts = try zip(operands, axes).map { operand, axis in
      try insert(
        Split(
          axis: axis, sizes: Array(repeating: shape(operand)[axis] / groups, count: groups)),
        [operand])
    }
    let results = try (0..<groups).map { group in try body(&self, parts.map { $0[group] }) }
    return try apply(Concatenation(axis: axes[0]), results)
  }
}

extension ONNXGraphBuilder {
  /// Windows with moved elements, and a convolution of their pixels.
  fileprivate mutating func deformableConvolution(_ node: ONNXNode) throws -> ValueID {
    let (x, weights) = (try node.operand(0), try node.operand(1))
    let filters = shape(weights).extents
    let groups = try node.integer("group", default: 1)
    guard shape(x).rank == 4, filters.count == 4, groups > 0,
      Work.product(filters[1], groups) == shape(x)[1]
    else { throw Diagnostic(.filters(node.kind, shape(x), shape(weights), groups)) }
    let window = try ONNXWindow(
      unpadded: node, axes: 2, kernel: Array(filters[2...]))
    let op = DeformablePatches(
      kernel: window.kernel, stride: window.stride, dilation: window.dilation,
      pads: window.before + window.after, groups: try node.integer("offset_group", default: 1))
    var operands = [try channelsLast(x), try channelsLast(node.operand(2))]
    if let factors = try node.optional(4) { operands.append(try channelsLast(factors)) }
    let patches = try apply(op, operands)
    let pixels = try reshape(weights, [filters[0], 1, 1, filters[1] * filters[2] * filters[3]])
    let bias = try node.optional(3).map { [$0] } ?? []
    return try channelsFirst(apply(Conv2D(fusesProducts: true), [patches, pixels] + bias))
  }

  fileprivate mutating func columnsToImage(_ node: ONNXNode) throws -> ValueID {
    let size = try integers(node.operand(1), "the image's shape")
    let kernel = try integers(node.operand(2), "the block's shape")
    let window = try ONNXWindow(unpadded: node, axes: size.count, kernel: kernel)
    let op = ColumnsToImage(
      size: size, kernel: kernel, stride: window.stride, dilation: window.dilation,
      pads: window.before + window.after)
    return try apply(op, node.operand(0))
  }
}

extension Diagnostic.Message {
  /// Weights of a convolution that do not fit its image.
  static func filters(
    _ kind: String, _ x: Shape, _ weights: Shape, _ groups: Int
  ) -> Self {
    .image(kind, "of shape \(x) has weights of shape \(weights) in \(groups) groups")
  }
}
