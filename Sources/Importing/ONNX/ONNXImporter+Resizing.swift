import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  static let resizing: [String: ONNXConverter] = [
    "Resize": { node, builder in [.tensor(try builder.resize(node))] },
    "Upsample": { node, builder in [.tensor(try builder.upsample(node))] },
    "DepthToSpace": { node, builder in [.tensor(try builder.depthToSpace(node))] },
    "SpaceToDepth": { node, builder in
      let op = SpaceToDepth(blockSize: try node.integer("blocksize"))
      let last = try builder.channelsLast(node.operand(0))
      return [.tensor(try builder.channelsFirst(builder.apply(op, last)))]
    },
    "CenterCropPad": { node, builder in [.tensor(try builder.centerCropPad(node))] },
  ]
}

extension ONNXGraphBuilder {
  fileprivate mutating func upsample(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let scales =
      try node.floats("scales")
      ?? floats(node.operand(1), "scales").map { Float($0) }
    return try legacyResize(x, scales, node)
  }

  /// Before version 11 positions are `i / scale`, and there are no choices but the method.
  private mutating func legacyResize(
    _ x: ValueID, _ scales: [Float], _ node: ONNXNode
  ) throws -> ValueID {
    let size = try Self.size(shape(x), scales, node)
    let op = Resize(
      size: size, scales: scales, method: try Self.method(node), coordinates: .asymmetric,
      rounding: .ceilWhereShrinking)
    return try resample(x, op)
  }

  /// The extents that scales lead to. Those of a region do not depend on it, as ONNX Runtime has it.
  private static func size(
    _ shape: Shape, _ scales: [Float], _ node: ONNXNode
  ) throws -> [Int] {
    guard scales.count == shape.rank, scales.allSatisfy({ (1e-6...1e6).contains($0) }) else {
      throw Diagnostic(.image(node.kind, "of shape \(shape) has scales of \(scales)"))
    }
    return shape.extents.indices.map { axis in
      let extent = Float(shape[axis]) * scales[axis]
      return Int(min(max(extent.rounded(.down), 0), 0x1p30))
    }
  }

  private static func method(_ node: ONNXNode) throws -> ResizeMethod {
    switch try node.string("mode", default: "nearest") {
    case "nearest": return .nearest
    case "linear", "bilinear": return .linear
    case "cubic": return .cubic
    case let other: throw Diagnostic(.image(node.kind, "has the mode `\(other)`"))
    }
  }

  fileprivate mutating func resize(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    guard node.version >= 11 else {
      return try legacyResize(x, floats(node.operand(1), "scales").map { Float($0) }, node)
    }
    let coordinates = try Self.coordinates(node)
    let extents = try resizedExtents(node, x, coordinates)
    let op = Resize(
      size: extents.size, scales: extents.scales, method: try Self.method(node),
      coordinates: coordinates, rounding: try Self.rounding(node),
      region: coordinates == .cropAndResize ? extents.region : [],
      cubicCoefficient: try node.float("cubic_coeff_a", default: -0.75),
      excludesOutside: try node.integer("exclude_outside", default: 0) != 0,
      antialiases: try node.integer("antialias", default: 0) != 0,
      extrapolation: try node.float("extrapolation_value", default: 0))
    return try resample(x, op)
  }

  private static func coordinates(_ node: ONNXNode) throws -> ResizeCoordinates {
    switch try node.string("coordinate_transformation_mode", default: "half_pixel") {
    case "half_pixel": return .halfPixel
    case "half_pixel_symmetric": return .halfPixelSymmetric
    case "pytorch_half_pixel": return .pytorchHalfPixel
    case "align_corners": return .alignCorners
    case "asymmetric": return .asymmetric
    case "tf_half_pixel_for_nn": return .halfPixelForNearest
    case "tf_crop_and_resize": return .cropAndResize
    case let other:
      throw Diagnostic(.image(node.kind, "has the coordinate transformation `\(other)`"))
    }
  }

  private static func rounding(_ node: ONNXNode) throws -> ResizeRounding {
    switch try node.string("nearest_mode", default: "round_prefer_floor") {
    case "round_prefer_floor": return .preferFloor
    case "round_prefer_ceil": return .preferCeil
    case "floor": return .floor
    case "ceil": return .ceil
    case let other: throw Diagnostic(.image(node.kind, "has the nearest mode `\(other)`"))
    }
  }

  /// Size, scales and region for each axis of `x`, those that the node does not name included.
  private func resizedExtents(
    _ node: ONNXNode, _ x: ValueID, _ coordinates: ResizeCoordinates
  ) throws -> (size: [Int], scales: [Float], region: [Float]) {
    let shape = shape(x)
    let axes = try (node.integers("axes") ?? Array(0..<shape.rank)).map {
      try node.axis($0, rank: shape.rank)
    }
    let region = try region(node, axes, shape, isNeeded: coordinates == .cropAndResize)
    if let scales = try given(node, 2, "scales") {
      let all = try Self.spread(
        scales.map { Float($0) }, axes, over: shape.extents.map { _ in 1 }, node)
      return (try Self.size(shape, all, node), all, region)
    }
    let sizes = try integers(node.operand(3), "sizes")
    let (size, scales) = try keptRatio(node, shape, axes, sizes)
    return (size, scales, region)
  }

  /// The elements of an optional operand that may also be empty.
  private func given(_ node: ONNXNode, _ index: Int, _ role: String) throws -> [Double]? {
    guard let value = try node.optional(index), shape(value).elementCount > 0 else { return nil }
    return try floats(value, role)
  }

  /// Numbers for some axes put in place of those for all.
  static func spread<Number>(
    _ numbers: [Number], _ axes: [Int], over all: [Number], _ node: ONNXNode
  ) throws -> [Number] {
    guard numbers.count == axes.count else {
      throw Diagnostic(.image(node.kind, "has \(numbers.count) numbers for \(axes.count) axes"))
    }
    var all = all
    for (axis, number) in zip(axes, numbers) { all[axis] = number }
    return all
  }

  private func region(
    _ node: ONNXNode, _ axes: [Int], _ shape: Shape, isNeeded: Bool
  ) throws -> [Float] {
    let whole = shape.extents.map { _ in Float(0) } + shape.extents.map { _ in 1 }
    guard isNeeded, let numbers = try given(node, 1, "the region of interest") else { return whole }
    let places = axes + axes.map { $0 + shape.rank }
    return try Self.spread(numbers.map { Float($0) }, places, over: whole, node)
  }

  /// The extents and scales that sizes lead to, where the ratio of axes may have to be kept.
  private func keptRatio(
    _ node: ONNXNode, _ shape: Shape, _ axes: [Int], _ sizes: [Int]
  ) throws -> ([Int], [Float]) {
    let wanted = try Self.spread(sizes, axes, over: shape.extents, node)
    let ratios = wanted.indices.map { Float(wanted[$0]) / Float(shape[$0]) }
    let named = axes.map { ratios[$0] }
    let policy = try node.string("keep_aspect_ratio_policy", default: "stretch")
    guard policy != "stretch", let scale = policy == "not_larger" ? named.min() : named.max(),
      (1e-6...1e6).contains(scale)
    else { return (wanted, ratios) }
    let kept = axes.map { Int(min((Float(shape[$0]) * scale).rounded(), 0x1p30)) }
    return (
      try Self.spread(kept, axes, over: shape.extents, node),
      try Self.spread(axes.map { _ in scale }, axes, over: ratios, node)
    )
  }

  /// Channels go behind the image, unless they are resized themselves. Numbers that are not real ones are weighted as such.
  private mutating func resample(_ x: ValueID, _ op: Resize) throws -> ValueID {
    let (rank, element) = (shape(x).rank, element(x))
    if op.method != .nearest, !element.isFloat {
      let result = try resample(cast(x, to: .f32), op)
      return try cast(result, to: element)
    }
    guard rank > 2, op.size.count == rank, Array(op.size[..<2]) == Array(shape(x).extents[..<2])
    else { return try apply(op, x) }
    func moved<Number>(_ list: [Number]) -> [Number] { [list[0]] + list[2...] + [list[1]] }
    var turned = op
    turned.size = moved(op.size)
    turned.scales = moved(op.scales)
    if !op.region.isEmpty {
      turned.region = moved(Array(op.region[..<rank])) + moved(Array(op.region[rank...]))
    }
    return try channelsFirst(apply(turned, channelsLast(x)))
  }
}

extension ONNXGraphBuilder {
  /// Channels are divided into blocks before what they hold (`DCR`), or behind it (`CRD`).
  fileprivate mutating func depthToSpace(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let block = try node.integer("blocksize")
    guard try node.string("mode", default: "DCR") == "CRD" else {
      return try channelsFirst(apply(DepthToSpace(blockSize: block), channelsLast(x)))
    }
    let extents = shape(x).extents
    guard extents.count == 4, (1...1 << 20).contains(block), extents[1] % (block * block) == 0
    else {
      throw Diagnostic(.image(node.kind, "of shape \(shape(x)) has blocks of \(block)"))
    }
    let depth = extents[1] / block / block
    let apart = try reshape(x, [extents[0], depth, block, block, extents[2], extents[3]])
    let turned = try transpose(apart, [0, 1, 4, 2, 5, 3])
    return try reshape(turned, [extents[0], depth, extents[2] * block, extents[3] * block])
  }

  /// The middle of each axis, or the axis in the middle of zeros.
  fileprivate mutating func centerCropPad(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let extents = shape(x).extents
    let wanted = try integers(node.operand(1), "the shape")
    let axes = try (node.integers("axes") ?? Array(extents.indices)).map {
      try node.axis($0, rank: extents.count)
    }
    let size = try Self.spread(wanted, axes, over: extents, node)
    guard Shape(checking: size) != nil else {
      throw Diagnostic(.image(node.kind, "has a result of shape \(size)"))
    }
    let part = zip(extents, size).map { min($0, $1) }
    let begin = zip(extents, part).map { ($0 - $1) / 2 }
    let middle = part == extents ? x : try apply(StridedSlice(begin: begin, size: part), x)
    let before = zip(size, part).map { ($0 - $1) / 2 }
    return try pad(
      middle, before: before, after: size.indices.map { size[$0] - part[$0] - before[$0] })
  }
}
