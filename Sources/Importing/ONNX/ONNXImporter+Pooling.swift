import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  static let pooling: [String: ONNXConverter] = [
    "AveragePool": { node, builder in [.tensor(try builder.averagePool(node))] },
    "MaxPool": { node, builder in try builder.maximumPool(node) },
    "LpPool": { node, builder in [.tensor(try builder.normPool(node))] },
    "GlobalAveragePool": { node, builder in
      [.tensor(try builder.globalPool(node) { Mean(axes: $0, keepsAxes: true) })]
    },
    "GlobalMaxPool": { node, builder in
      [.tensor(try builder.globalPool(node) { ReduceMax(axes: $0, keepsAxes: true) })]
    },
    "GlobalLpPool": { node, builder in [.tensor(try builder.globalNormPool(node))] },
    "MaxUnpool": { node, builder in [.tensor(try builder.maximumUnpool(node))] },
    "MaxRoiPool": { node, builder in [.tensor(try builder.maximumRegionPool(node))] },
    "RoiAlign": { node, builder in [.tensor(try builder.regionAlignment(node))] },
  ]
}

/// What a node asks of a pool.
private struct ONNXPool {
  let image: [Int]
  let window: ONNXWindow
  let roundsUp: Bool

  init(_ node: ONNXNode, _ image: [Int]) throws {
    self.image = image
    window = try ONNXWindow(node, image: image)
    roundsUp = try node.integer("ceil_mode", default: 0) != 0
  }

  /// The same result without rounding up: the last window lies on further pads.
  var covering: ONNXWindow {
    window.covering(window.outputs(image, roundsUp: roundsUp), of: image)
  }

  /// Whether the operators for images of two axes do it; those of one axis have a single row.
  var isPlain: Bool {
    image.count < 3 && window.dilation.allSatisfy { $0 == 1 }
      && window.outputs(image, roundsUp: roundsUp).allSatisfy { $0 > 0 }
      && zip(covering.before + covering.after, window.kernel + window.kernel)
        .allSatisfy { $0 < $1 }
  }

  /// The operator for images of any number of axes.
  func general(
    _ function: PoolFunction, countsPads: Bool = false, exponent: Int = 2
  ) -> WindowPool {
    WindowPool(
      function, kernel: window.kernel, stride: window.stride, dilation: window.dilation,
      pads: window.before + window.after, roundsUp: roundsUp, countsPads: countsPads,
      exponent: exponent)
  }
}

extension ONNXGraphBuilder {
  fileprivate mutating func averagePool(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let pool = try ONNXPool(node, image(x, node).image)
    let countsPads = try node.integer("count_include_pad", default: 0) != 0
    let last = try channelsLast(x)
    guard pool.isPlain else {
      let op = pool.general(.mean, countsPads: countsPads)
      return try channelsFirst(apply(op, last))
    }
    let result =
      countsPads
      ? try paddedMeanPool(last, pool) : try meanPool(last, pool.covering)
    return try channelsFirst(result)
  }

  /// Zeros that count are elements like others.
  private mutating func paddedMeanPool(_ x: ValueID, _ pool: ONNXPool) throws -> ValueID {
    let window = pool.window
    let padded = try pad(x, before: [0] + window.before + [0], after: [0] + window.after + [0])
    let rest = zip(pool.covering.after, window.after).map { max(0, $0 - $1) }
    return try meanPool(padded, window.with(before: rest.map { _ in 0 }, after: rest))
  }

  private mutating func meanPool(_ x: ValueID, _ window: ONNXWindow) throws -> ValueID {
    try planePool(x, window) { AveragePool2D(kernel: $0, stride: $1, padding: $2) }
  }

  /// A pool of an image of one or two axes, its channels last.
  private mutating func planePool(
    _ x: ValueID, _ window: ONNXWindow, _ make: ([Int], [Int], Padding) -> any Operator
  ) throws -> ValueID {
    let rows = try asRows(x)
    let plane = window.kernel.count == 1 ? window.withLeadingAxis() : window
    let padding = plane.padding(Array(shape(rows).extents[1...2]))
    let result = try apply(make(plane.kernel, plane.stride, padding), rows)
    return shape(x).rank == 3 ? try withoutRows(result) : result
  }

  fileprivate mutating func maximumPool(_ node: ONNXNode) throws -> [ONNXValue] {
    let x = try node.operand(0)
    let pool = try ONNXPool(node, image(x, node).image)
    let last = try channelsLast(x)
    // Integers have a form there if they stand for real numbers.
    let isReal = element(x).isFloat || type(x).quantization?.isPerTensor == true
    let result =
      pool.isPlain && isReal
      ? try planePool(last, pool.covering) { MaxPool2D(kernel: $0, stride: $1, padding: $2) }
      : try apply(pool.general(.maximum), last)
    let maxima = ONNXValue.tensor(try channelsFirst(result))
    guard node.wants(1) else { return [maxima] }
    let window = pool.window
    let op = MaxPoolPlaces(
      kernel: window.kernel, stride: window.stride, dilation: window.dilation,
      pads: window.before + window.after, roundsUp: pool.roundsUp,
      countsColumnMajor: try node.integer("storage_order", default: 0) != 0)
    return [maxima, .tensor(try channelsFirst(apply(op, last)))]
  }

  fileprivate mutating func normPool(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let pool = try ONNXPool(node, image(x, node).image)
    let op = pool.general(.norm, exponent: try node.integer("p", default: 2))
    return try channelsFirst(apply(op, channelsLast(x)))
  }

  fileprivate mutating func globalPool(
    _ node: ONNXNode, _ make: ([Int]) -> any Operator
  ) throws -> ValueID {
    let x = try node.operand(0)
    guard shape(x).rank > 2 else { return x }
    let axes = Array(1..<shape(x).rank - 1)
    return try channelsFirst(apply(make(axes), channelsLast(x)))
  }

  fileprivate mutating func globalNormPool(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let image = try image(x, node).image
    let op = WindowPool(.norm, kernel: image, exponent: try node.integer("p", default: 2))
    return try channelsFirst(apply(op, channelsLast(x)))
  }
}

extension ONNXGraphBuilder {
  /// Places count in the result that the window gives; another shape that is wanted has zeros behind it, or is cut off it.
  fileprivate mutating func maximumUnpool(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let (channels, image) = try image(x, node)
    let window = try ONNXWindow(unpadded: node, axes: image.count)
    let spread = image.indices.map { axis in
      (image[axis] - 1) * window.stride[axis] - window.before[axis] - window.after[axis]
        + window.kernel[axis]
    }
    let op = MaxUnpool(shape: [shape(x)[0], channels] + spread)
    let result = try apply(op, x, node.operand(1))
    guard let wanted = try node.optional(2) else { return result }
    return try fitted(result, try integers(wanted, "the result's shape"), node)
  }

  private mutating func fitted(
    _ x: ValueID, _ wanted: [Int], _ node: ONNXNode
  ) throws -> ValueID {
    let extents = shape(x).extents
    guard wanted.count == extents.count, Shape(checking: wanted) != nil else {
      throw Diagnostic(.image(node.kind, "has a result of shape \(wanted)"))
    }
    let more = zip(wanted, extents).map { max(0, $0 - $1) }
    let padded = try pad(x, before: extents.map { _ in 0 }, after: more)
    guard shape(padded).extents != wanted else { return padded }
    return try apply(StridedSlice(begin: wanted.map { _ in 0 }, size: wanted), padded)
  }

  fileprivate mutating func maximumRegionPool(_ node: ONNXNode) throws -> ValueID {
    let op = MaxRoiPool(
      size: try node.integers("pooled_shape") ?? [],
      scale: try node.float("spatial_scale", default: 1))
    return try channelsFirst(apply(op, channelsLast(node.operand(0)), node.operand(1)))
  }

  fileprivate mutating func regionAlignment(_ node: ONNXNode) throws -> ValueID {
    let standard = node.version < 16 ? "output_half_pixel" : "half_pixel"
    let op = RoiAlign(
      size: [
        try node.integer("output_height", default: 1), try node.integer("output_width", default: 1),
      ],
      scale: try node.float("spatial_scale", default: 1),
      samples: try node.integer("sampling_ratio", default: 0),
      usesHalfPixelCenters: try node.string("coordinate_transformation_mode", default: standard)
        == "half_pixel",
      takesMaximum: try node.string("mode", default: "avg") == "max")
    let images = try channelsLast(node.operand(0))
    return try channelsFirst(apply(op, images, node.operand(1), node.operand(2)))
  }
}
