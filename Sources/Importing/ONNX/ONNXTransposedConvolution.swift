import GraphIR
import Operators
import Support
import Tensors

extension ONNXGraphBuilder {
  /// Each pixel of the image spread over a window of the result.
  mutating func transposedConvolution(_ node: ONNXNode) throws -> ValueID {
    let (x, weights) = (try node.operand(0), try node.operand(1))
    let (channels, image) = try image(x, node)
    let filters = shape(weights).extents
    let groups = try node.integer("group", default: 1)
    guard filters.count == image.count + 2, groups > 0, channels % groups == 0,
      filters[0] == channels
    else { throw Diagnostic(.filters(node.kind, shape(x), shape(weights), groups)) }
    let placed = try TransposedPlace(node, image, kernel: Array(filters[2...]))
    let (last, bias) = (try channelsLast(x), try node.optional(2))
    let result =
      placed.isPlain && element(x) != .f64
      ? try spreadPlane(last, weights, bias, placed, groups)
      : try spreadVolume(last, weights, bias, placed, groups)
    return try channelsFirst(result)
  }

  /// By the operator for images of one axis or two.
  private mutating func spreadPlane(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ placed: TransposedPlace, _ groups: Int
  ) throws -> ValueID {
    guard placed.size.count == 2 else {
      let filters = shape(weights).extents
      let rows = try reshape(weights, [filters[0], filters[1], 1, filters[2]])
      let result = try spreadPlane(asRows(x), rows, bias, placed.withLeadingAxis(), groups)
      return try withoutRows(result)
    }
    let filters = shape(weights).extents
    let apart = try reshape(
      weights, [groups, filters[0] / groups, filters[1], filters[2], filters[3]])
    let turned = try transpose(apart, [0, 2, 3, 4, 1])
    let kernels = try reshape(
      turned, [groups * filters[1], filters[2], filters[3], filters[0] / groups])
    let op = TransposeConv2D(
      size: placed.size, stride: placed.window.stride,
      padding: placed.covering.padding(placed.size), fusesProducts: true)
    return try apply(op, [x, kernels] + (bias.map { [$0] } ?? []))
  }

  /// By the operator for volumes, which gives all that the windows cover; what is not wanted of it is cut off.
  private mutating func spreadVolume(
    _ x: ValueID, _ weights: ValueID, _ bias: ValueID?, _ placed: TransposedPlace, _ groups: Int
  ) throws -> ValueID {
    guard placed.size.count == 3 else {
      let (extents, filters) = (shape(x).extents, shape(weights).extents)
      let planes = try reshape(x, [extents[0], 1] + extents[1...])
      let kernels = try reshape(weights, filters[..<2] + [1] + filters[2...])
      let result = try spreadVolume(planes, kernels, bias, placed.withLeadingAxis(), groups)
      return try reshape(result, [extents[0]] + shape(result).extents[2...])
    }
    let kernels = try transpose(weights, [2, 3, 4, 1, 0])
    let op = TransposeConv3D(
      size: placed.covered, stride: placed.window.stride, dilation: placed.window.dilation)
    let whole = try inGroups(groups, x, kernels, axis: 4, nil) { builder, operands in
      try builder.apply(op, operands)
    }
    let cut = try cut(whole, from: placed.window.before, size: placed.size)
    return try bias.map { try apply(Add(), cut, $0) } ?? cut
  }

  /// A part of a volume, which may reach beyond its end: there it is 0.
  private mutating func cut(_ x: ValueID, from begin: [Int], size: [Int]) throws -> ValueID {
    let extents = shape(x).extents
    let room = zip(begin, size).map { $0 + $1 }
    let missing = zip(room, extents[1...3]).map { max(0, $0 - $1) }
    let padded = try pad(x, before: extents.map { _ in 0 }, after: [0] + missing + [0])
    let part = [extents[0]] + size + [extents[4]]
    guard shape(padded).extents != part else { return padded }
    return try apply(StridedSlice(begin: [0] + begin + [0], size: part), padded)
  }
}

/// Where a transposed convolution puts its result.
private struct TransposedPlace {
  let image: [Int]
  let window: ONNXWindow
  /// The extents of the result.
  let size: [Int]

  init(_ node: ONNXNode, _ image: [Int], kernel: [Int]) throws {
    let window = try ONNXWindow(unpadded: node, axes: image.count, kernel: kernel)
    let extra = try node.integers("output_padding") ?? image.map { _ in 0 }
    guard extra.count == image.count, extra.allSatisfy({ (0..<1 << 20).contains($0) }) else {
      throw Diagnostic(.image(node.kind, "has `output_padding` \(extra)"))
    }
    let whole = zip(Self.covered(image, window), extra).map { $0 + $1 }
    self.image = image
    if let wanted = try node.integers("output_shape"), !wanted.isEmpty {
      // Some writers give batches and channels, too.
      size = Array(wanted.suffix(image.count))
      self.window = try Self.fitted(window, node, whole, size)
    } else if try node.string("auto_pad", default: "NOTSET").hasPrefix("SAME") {
      let wanted = zip(image, window.stride).map { $0 * $1 }
      self.window = try Self.fitted(window, node, whole, wanted)
      size = Self.rest(whole, self.window)
    } else {
      let isValid = try node.string("auto_pad", default: "NOTSET") == "VALID"
      self.window =
        isValid ? window.with(totals: image.map { _ in 0 }, isUpper: true) : window
      size = Self.rest(whole, self.window)
    }
    guard size.count == image.count, Shape(checking: size) != nil else {
      throw Diagnostic(.image(node.kind, "has a result of the extents \(size)"))
    }
  }

  private init(image: [Int], window: ONNXWindow, size: [Int]) {
    self.image = image
    self.window = window
    self.size = size
  }

  /// All that the windows cover.
  var covered: [Int] { Self.covered(image, window) }

  private static func covered(_ image: [Int], _ window: ONNXWindow) -> [Int] {
    image.indices.map { (image[$0] - 1) * window.stride[$0] + window.spans[$0] }
  }

  private static func rest(_ whole: [Int], _ window: ONNXWindow) -> [Int] {
    whole.indices.map { whole[$0] - window.before[$0] - window.after[$0] }
  }

  /// With pads that take away what is not wanted of the whole.
  private static func fitted(
    _ window: ONNXWindow, _ node: ONNXNode, _ whole: [Int], _ wanted: [Int]
  ) throws -> ONNXWindow {
    guard wanted.count == whole.count, wanted.allSatisfy({ $0 > 0 }) else {
      throw Diagnostic(.image(node.kind, "has `output_shape` \(wanted)"))
    }
    let totals = zip(whole, wanted).map { max(0, $0 - $1) }
    let isUpper = try node.string("auto_pad", default: "NOTSET") == "SAME_UPPER"
    return window.with(totals: totals, isUpper: isUpper)
  }

  /// The window of the ordinary convolution from the result to the image.
  var covering: ONNXWindow { window.covering(image, of: size) }

  /// Whether the operator for images does it.
  var isPlain: Bool {
    size.count < 3 && window.dilation.allSatisfy { $0 == 1 }
      && window.stride.allSatisfy { $0 <= 64 } && covering.outputs(size) == image
  }

  func withLeadingAxis() -> TransposedPlace {
    TransposedPlace(image: [1] + image, window: window.withLeadingAxis(), size: [1] + size)
  }
}
