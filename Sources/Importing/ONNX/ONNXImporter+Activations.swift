import GraphIR
import Operators
import Support
import Tensors

/// Activations of ONNX, and what they become.
extension ONNXImporter {
  static let activations: [String: ONNXConverter] = [plainActivations, bounded, normalized]
    .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  private static let plainActivations: [String: ONNXConverter] = [
    "Celu": { try $0.unary(CELU(alpha: $0.float("alpha", default: 1)), &$1) },
    "Elu": { try $0.unary(ELU(alpha: $0.float("alpha", default: 1)), &$1) },
    "Gelu": { node, builder in
      let approximation = try node.string("approximate", default: "none")
      let forms = ["none": GELU(), "tanh": GELU(isApproximate: true)]
      return try node.unary(node.choice("approximate", approximation, forms), &builder)
    },
    "HardSigmoid": { node, builder in
      try node.unary(
        HardSigmoid(
          alpha: node.float("alpha", default: 0.2), beta: node.float("beta", default: 0.5)),
        &builder)
    },
    "HardSwish": { try $0.unary(HardSwish(), &$1) },
    "LeakyRelu": { try $0.unary(LeakyReLU(slope: $0.float("alpha", default: 0.01)), &$1) },
    "Mish": { try $0.unary(Mish(), &$1) },
    "PRelu": { try $0.slopedReLU(&$1) },
    "Selu": { node, builder in
      let standard = SELU()
      return try node.unary(
        SELU(
          alpha: node.float("alpha", default: standard.alpha),
          gamma: node.float("gamma", default: standard.gamma)), &builder)
    },
    "Shrink": { try $0.shrink(&$1) },
    "Sigmoid": { try $0.unary(Logistic(arithmetic: .onnx), &$1) },
    "Softplus": { try $0.unary(Softplus(), &$1) },
    "Softsign": { try $0.unary(Softsign(), &$1) },
    "SwiGLU": { node, builder in
      let alpha = try node.float("alpha", default: 1)
      let gate = try builder.apply(Swish(alpha: alpha), node.operand(0))
      return [.tensor(try builder.apply(Multiply(clamp: .unlimited), gate, node.operand(1)))]
    },
    "Swish": { try $0.unary(Swish(alpha: $0.float("alpha", default: 1)), &$1) },
    "Tanh": { try $0.unary(Tanh(arithmetic: .onnx), &$1) },
    "ThresholdedRelu": {
      try $0.unary(ThresholdedReLU(alpha: $0.float("alpha", default: 1)), &$1)
    },
  ]

  private static let bounded: [String: ONNXConverter] = [
    "Clip": { node, builder in
      let x = try node.operand(0)
      return [.tensor(try builder.clip(x, node.bounds(builder.element(x), &builder)))]
    },
    "Relu": { node, builder in
      let x = try node.operand(0)
      let zero = builder.scalar(0, builder.element(x))
      return [.tensor(try builder.clip(x, (lower: zero, upper: nil)))]
    },
  ]

  private static let normalized: [String: ONNXConverter] = [
    "Hardmax": { node, builder in
      [.tensor(try node.alongRows(&builder) { builder, x in try builder.hardmax(x) })]
    },
    "LogSoftmax": { node, builder in
      [.tensor(try node.alongRows(&builder) { try $0.apply(LogSoftmax(arithmetic: .onnx), $1) })]
    },
    "Softmax": { node, builder in
      [.tensor(try node.alongRows(&builder) { try $0.apply(Softmax(arithmetic: .onnx), $1) })]
    },
  ]
}

extension ONNXNode {
  /// Slopes of integers are integers too.
  fileprivate func slopedReLU(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let x = try operand(0)
    let slopes = try alignedSlopes(with: x, &builder)
    guard !builder.element(x).isFloat else {
      return [.tensor(try builder.apply(PReLU(), x, slopes))]
    }
    let zero = builder.scalar(0, builder.element(x))
    let isNegative = try builder.apply(Less(), x, zero)
    let sloped = try builder.apply(Multiply(clamp: .unlimited), x, slopes)
    return [.tensor(try builder.apply(Select(), isNegative, sloped, x))]
  }

  /// Before version 7, slopes are one for each channel.
  private func alignedSlopes(
    with x: ValueID, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let slopes = try operand(1)
    let rank = builder.shape(x).rank
    guard version < 7, builder.shape(slopes).rank == 1, rank > 2 else { return slopes }
    let channels = builder.shape(slopes)[0]
    return try builder.reshape(slopes, [channels] + Array(repeating: 1, count: rank - 2))
  }

  /// Integers are shrunk as real numbers.
  fileprivate func shrink(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let op = Shrink(
      bias: try float("bias", default: 0), threshold: try float("lambd", default: 0.5))
    let element = try builder.element(operand(0))
    guard !element.isFloat else { return try unary(op, &builder) }
    let real = try builder.cast(operand(0), to: .f32)
    return [.tensor(try builder.cast(builder.apply(op, real), to: element))]
  }

  /// The bounds of a clip: attributes before version 11, optional operands since.
  fileprivate func bounds(
    _ element: ElementType, _ builder: inout ONNXGraphBuilder
  ) throws -> ClipBounds {
    guard version < 11 else { return (try optional(1), try optional(2)) }
    func bound(_ name: String) throws -> ValueID? {
      guard hasAttribute(name) else { return nil }
      return builder.scalar(Double(try float(name)), element)
    }
    return (try bound("min"), try bound("max"))
  }

  /// What `body` makes of the rows of the operand. Since version 13 they lie along an axis; before, all axes from it on are
  /// a row.
  fileprivate func alongRows(
    _ builder: inout ONNXGraphBuilder,
    _ body: (inout ONNXGraphBuilder, ValueID) throws -> ValueID
  ) throws -> ValueID {
    let x = try operand(0)
    let extents = builder.shape(x).extents
    let axis = try axis(integer("axis", default: version < 13 ? 1 : -1), rank: extents.count)
    guard version < 13, axis < extents.count - 1 else {
      return try builder.withLastAxis(axis, of: x, body)
    }
    let rows = extents[..<axis].reduce(1, *)
    let flat = try builder.reshape(x, [rows, extents[axis...].reduce(1, *)])
    return try builder.reshape(body(&builder, flat), extents)
  }
}

/// What numbers are limited to, each if there is a limit.
private typealias ClipBounds = (lower: ValueID?, upper: ValueID?)

extension ONNXGraphBuilder {
  /// Constant bounds of real numbers are attributes; others are compared with.
  fileprivate mutating func clip(_ x: ValueID, _ bounds: ClipBounds) throws -> ValueID {
    let given = [bounds.lower, bounds.upper].compactMap { $0 }
    let constants = given.compactMap { number($0) }
    guard [.f32, .f16, .bf16].contains(element(x)), constants.count == given.count else {
      let raised = try bounds.lower.map { try apply(Maximum(), x, $0) } ?? x
      return try bounds.upper.map { try apply(Minimum(), raised, $0) } ?? raised
    }
    let clamp = Clamp(
      lower: bounds.lower.flatMap { number($0) }, upper: bounds.upper.flatMap { number($0) })
    let known: [Clamp: any Operator] = [
      .relu: ReLU(), .relu6: ReLU6(), .reluN1To1: ReLUN1To1(),
    ]
    return clamp == .none ? x : try apply(known[clamp] ?? Clip(clamp: clamp), x)
  }

  /// A constant's only element; nil if it has others, or is no number.
  private func number(_ value: ValueID) -> Float? {
    guard let numbers = tensor(value)?.storedNumbers, numbers.count == 1, !numbers[0].isNaN
    else { return nil }
    return Float(numbers[0])
  }

  /// What `body` makes of a tensor with an axis moved to the end; the axis is moved back.
  mutating func withLastAxis(
    _ axis: Int, of value: ValueID, _ body: (inout Self, ValueID) throws -> ValueID
  ) throws -> ValueID {
    let others = (0..<shape(value).rank).filter { $0 != axis }
    let moved = try transpose(value, others + [axis])
    let result = try body(&self, moved)
    let last = others.count
    let back = (0...last).map { $0 < axis ? $0 : $0 == axis ? last : $0 - 1 }
    return try transpose(result, back)
  }

  /// 1 at the largest element of each row, the first of several, and 0 elsewhere.
  fileprivate mutating func hardmax(_ x: ValueID) throws -> ValueID {
    let place = try apply(ArgMax(axis: -1, element: .i64), x)
    let depth = shape(x).extents.last ?? 1
    let (on, off) = (scalar(1, element(x)), scalar(0, element(x)))
    return try apply(OneHot(depth: depth), place, on, off)
  }
}
