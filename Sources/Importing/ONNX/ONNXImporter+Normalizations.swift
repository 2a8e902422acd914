import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  static let normalizations: [String: ONNXConverter] = [
    "BatchNormalization": { node, builder in
      try node.integer("training_mode", default: 0) == 0
        ? [.tensor(try builder.batchNormalization(node))]
        : try builder.trainedBatchNormalization(node)
    },
    "InstanceNormalization": { node, builder in
      [.tensor(try builder.instanceNormalization(node))]
    },
    "GroupNormalization": { node, builder in [.tensor(try builder.groupNormalization(node))] },
    "LayerNormalization": { node, builder in try builder.layerNormalization(node) },
    "RMSNormalization": { node, builder in [.tensor(try builder.rmsNormalization(node))] },
    "LpNormalization": { node, builder in
      let op = LpNormalization(
        axis: try node.integer("axis", default: -1), exponent: try node.integer("p", default: 2))
      return [.tensor(try builder.apply(op, node.operand(0)))]
    },
    "LRN": { node, builder in [.tensor(try builder.localResponseNormalization(node))] },
  ]
}

// MARK: Over batches

extension ONNXGraphBuilder {
  /// `x · factor + offset` for each channel, both of which are constants where the parameters are.
  fileprivate mutating func batchNormalization(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let parameters = try (1...4).map { try node.operand($0) }
    guard try node.integer("spatial", default: 1) == 0 else {
      let last = try channelsLast(x)
      return try channelsFirst(normalize(last, parameters, node))
    }
    // Each element of an image has parameters of its own.
    return try normalize(x, parameters, node)
  }

  /// - Parameter parameters: scale, bias, mean and variance.
  private mutating func normalize(
    _ x: ValueID, _ parameters: [ValueID], _ node: ONNXNode
  ) throws -> ValueID {
    for parameter in parameters where shape(parameter) != shape(parameters[0]) {
      throw Diagnostic(.image(node.kind, "has parameters of shape \(shape(parameter))"))
    }
    // Parameters may be of a wider type than the image, and halves would lose too much on the way.
    let real = parameters.map(element).contains(.f64) ? ElementType.f64 : .f32
    let (scale, bias) = (try cast(parameters[0], to: real), try cast(parameters[1], to: real))
    let (mean, variance) = (try cast(parameters[2], to: real), try cast(parameters[3], to: real))
    let epsilon = scalar(Double(try node.float("epsilon", default: 1e-5)), real)
    let factor = try apply(Divide(), scale, apply(SquareRoot(), apply(Add(), variance, epsilon)))
    let offset = try apply(Subtract(), bias, apply(Multiply(), mean, factor))
    let own = element(x) == .f64 ? ElementType.f64 : .f32
    let product = try apply(Multiply(), cast(x, to: own), cast(factor, to: own))
    guard shape(product) == shape(x) else {
      throw Diagnostic(.image(node.kind, "has parameters of shape \(shape(factor))"))
    }
    return try cast(apply(Add(), product, cast(offset, to: own)), to: element(x))
  }

  /// By the batch's own mean and variance, which also move those of the operands: all three are results.
  fileprivate mutating func trainedBatchNormalization(_ node: ONNXNode) throws -> [ONNXValue] {
    let x = try channelsLast(node.operand(0))
    let axes = Array(0..<shape(x).rank - 1)
    let mean = try apply(Mean(axes: axes), x)
    let difference = try apply(Subtract(), x, mean)
    let variance = try apply(Mean(axes: axes), apply(Square(), difference))
    let result = try normalize(
      x, [node.operand(1), node.operand(2), mean, variance], node)
    let momentum = Double(try node.float("momentum", default: 0.9))
    return [
      .tensor(try channelsFirst(result)),
      .tensor(try moved(node.operand(3), to: mean, keeping: momentum)),
      .tensor(try moved(node.operand(4), to: variance, keeping: momentum)),
    ]
  }

  /// `old · momentum + new · (1 − momentum)`.
  private mutating func moved(
    _ old: ValueID, to new: ValueID, keeping momentum: Double
  ) throws -> ValueID {
    let element = element(old)
    let kept = try apply(Multiply(), old, scalar(momentum, element))
    let added = try apply(Multiply(), cast(new, to: element), scalar(1 - momentum, element))
    return try apply(Add(), kept, added)
  }
}

// MARK: Over channels and pixels

extension ONNXGraphBuilder {
  fileprivate mutating func instanceNormalization(_ node: ONNXNode) throws -> ValueID {
    let last = try channelsLast(node.operand(0))
    let op = GroupNormalization(
      groups: shape(last).extents.last ?? 1, epsilon: try node.float("epsilon", default: 1e-5))
    return try channelsFirst(apply(op, last, node.operand(1), node.operand(2)))
  }

  /// Scale and bias are those of groups before version 21, and of channels since.
  fileprivate mutating func groupNormalization(_ node: ONNXNode) throws -> ValueID {
    let last = try channelsLast(node.operand(0))
    let channels = shape(last).extents.last ?? 1
    let groups = try node.integer("num_groups")
    let op = GroupNormalization(
      groups: groups, epsilon: try node.float("epsilon", default: 1e-5))
    let parameters = try (1...2).map { index in
      let parameter = try node.operand(index)
      guard node.version < 21, groups > 0, channels % groups == 0 else { return parameter }
      return try perChannel(parameter, groups, channels)
    }
    return try channelsFirst(apply(op, [last] + parameters))
  }

  /// A parameter of each group repeated for each of its channels.
  private mutating func perChannel(
    _ parameter: ValueID, _ groups: Int, _ channels: Int
  ) throws -> ValueID {
    let column = try reshape(parameter, [groups, 1])
    let repeated = try apply(BroadcastTo(shape: [groups, channels / groups]), column)
    return try reshape(repeated, [channels])
  }

  fileprivate mutating func localResponseNormalization(_ node: ONNXNode) throws -> ValueID {
    let size = try node.integer("size")
    let factors = [
      try node.float("alpha", default: 1e-4), try node.float("beta", default: 0.75),
      try node.float("bias", default: 1),
    ]
    guard size > 0, factors.allSatisfy(\.isFinite) else {
      throw Diagnostic(.image(node.kind, "sums over \(size) channels, by factors of \(factors)"))
    }
    let op = LocalResponseNormalization(
      radius: 0, bias: factors[2], alpha: factors[0] / Float(size), beta: factors[1],
      reach: [(size - 1) / 2, size / 2])
    return try channelsFirst(apply(op, channelsLast(node.operand(0))))
  }
}

// MARK: Over the last axes

extension ONNXGraphBuilder {
  /// Statistics are of `f32` elements, whatever the operand's.
  fileprivate mutating func layerNormalization(_ node: ONNXNode) throws -> [ONNXValue] {
    let x = try node.operand(0)
    let axis = try node.axis(node.integer("axis", default: -1), rank: shape(x).rank)
    let op = LayerNormalization(
      axis: axis, epsilon: try node.float("epsilon", default: 1e-5),
      givesStatistics: node.wants(1) || node.wants(2))
    let parameters = try (1...2).compactMap { index in
      try node.optional(index).map { try row($0, of: x, from: axis) }
    }
    let results = try insert(op, [cast(x, to: .f32)] + parameters)
    return [.tensor(try cast(results[0], to: element(x)))] + results[1...].map { .tensor($0) }
  }

  fileprivate mutating func rmsNormalization(_ node: ONNXNode) throws -> ValueID {
    let x = try node.operand(0)
    let axis = try node.axis(node.integer("axis", default: -1), rank: shape(x).rank)
    let op = RMSNormalization(axis: axis, epsilon: try node.float("epsilon", default: 1e-5))
    let scale = try row(node.operand(1), of: x, from: axis)
    return try cast(apply(op, cast(x, to: .f32), scale), to: element(x))
  }

  /// A parameter in single precision, repeated to fill the last axes of `x`.
  private mutating func row(
    _ parameter: ValueID, of x: ValueID, from axis: Int
  ) throws -> ValueID {
    let extents = Array(shape(x).extents[axis...])
    let real = try cast(parameter, to: .f32)
    guard shape(real).extents != extents else { return real }
    return try apply(BroadcastTo(shape: extents), real)
  }
}
