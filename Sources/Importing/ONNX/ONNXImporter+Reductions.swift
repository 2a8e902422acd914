import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that combine elements along axes, and what they become.
extension ONNXImporter {
  static let reductions: [String: ONNXConverter] = [
    "ReduceL1": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        try builder.apply(
          Sum(axes: axes, keepsAxes: keeps, arithmetic: .onnx), builder.apply(Abs(), x))
      }
    },
    "ReduceL2": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        let squares = try builder.apply(Multiply(clamp: .unlimited), x, x)
        let sum = try builder.apply(Sum(axes: axes, keepsAxes: keeps, arithmetic: .onnx), squares)
        return try builder.apply(SquareRoot(), sum)
      }
    },
    "ReduceLogSum": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        try builder.apply(
          Log(), builder.apply(Sum(axes: axes, keepsAxes: keeps, arithmetic: .onnx), x))
      }
    },
    "ReduceLogSumExp": { try $0.reduction(&$1) { LogSumExp(axes: $0, keepsAxes: $1) } },
    "ReduceMax": { try $0.reduction(&$1) { ReduceMax(axes: $0, keepsAxes: $1) } },
    "ReduceMean": { node, builder in
      try node.reduction(&builder) { try $0.mean(of: $1, axes: $2, keepsAxes: $3) }
    },
    "ReduceMin": { try $0.reduction(&$1) { ReduceMin(axes: $0, keepsAxes: $1) } },
    "ReduceProd": { try $0.reduction(&$1) { ReduceProduct(axes: $0, keepsAxes: $1) } },
    "ReduceSum": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        try builder.apply(Sum(axes: axes, keepsAxes: keeps, arithmetic: .onnx), x)
      }
    },
    "ReduceSumSquare": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        let squares = try builder.apply(Multiply(clamp: .unlimited), x, x)
        return try builder.apply(Sum(axes: axes, keepsAxes: keeps, arithmetic: .onnx), squares)
      }
    },
  ]

  static let places: [String: ONNXConverter] = [
    "ArgMax": { try $0.place(&$1) { ArgMax(axis: $0, element: .i64, takesLast: $1) } },
    "ArgMin": { try $0.place(&$1) { ArgMin(axis: $0, element: .i64, takesLast: $1) } },
    "CumProd": { node, builder in
      try node.cumulative(&builder) { CumulativeProduct(axis: $0, isExclusive: $1, isReverse: $2) }
    },
    "CumSum": { node, builder in
      try node.cumulative(&builder) { CumulativeSum(axis: $0, isExclusive: $1, isReverse: $2) }
    },
  ]
}

extension ONNXNode {
  /// A reduction that is one operator, and loses no digits.
  fileprivate func reduction(
    _ builder: inout ONNXGraphBuilder, _ op: (_ axes: [Int], _ keepsAxes: Bool) -> any Operator
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    let op = op(try reducedAxes(of: x, builder), try keepsAxes())
    guard builder.element(x) == .u64, op is ReduceMax || op is ReduceMin else {
      return [.tensor(try builder.apply(op, x))]
    }
    let extreme = try builder.apply(op, builder.ordered(x))
    return [.tensor(try builder.cast(builder.signFlipped(extreme), to: .u64))]
  }

  /// A reduction that adds, in more precision than the operand's where that would lose digits.
  fileprivate func reduction(
    _ builder: inout ONNXGraphBuilder,
    _ body: (inout ONNXGraphBuilder, ValueID, [Int], Bool) throws -> ValueID
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    let (axes, keepsAxes) = (try reducedAxes(of: x, builder), try keepsAxes())
    let count = axes.reduce(1) { $0 * builder.shape(x)[$1] }
    let wide = builder.element(x).wideForm(ofSumsOver: count)
    return [.tensor(try builder.widened(x, to: wide) { try body(&$0, $1, axes, keepsAxes) })]
  }

  private func keepsAxes() throws -> Bool { try integer("keepdims", default: 1) != 0 }

  /// The axes that vanish, an attribute or an operand. If none is given these are all axes, or none, as the file says.
  private func reducedAxes(of x: ValueID, _ builder: ONNXGraphBuilder) throws -> [Int] {
    let rank = builder.shape(x).rank
    let given = try optional(1).map { try builder.integers($0, "axes") } ?? integers("axes") ?? []
    guard given.isEmpty else {
      return Set(try given.map { try axis($0, rank: rank) }).sorted()
    }
    return try integer("noop_with_empty_axes", default: 0) != 0 ? [] : Array(0..<rank)
  }

  /// Running results along the axis that operand 1 names.
  fileprivate func cumulative(
    _ builder: inout ONNXGraphBuilder,
    _ op: (_ axis: Int, _ isExclusive: Bool, _ isReverse: Bool) -> any Operator
  ) throws -> [ONNXValue] {
    let axis = try builder.integer(operand(1), "the axis of `\(kind)`")
    let isExclusive = try integer("exclusive", default: 0) != 0
    return try unary(op(axis, isExclusive, integer("reverse", default: 0) != 0), &builder)
  }

  /// Where along an axis an element lies.
  fileprivate func place(
    _ builder: inout ONNXGraphBuilder, _ op: (_ axis: Int, _ takesLast: Bool) -> any Operator
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    var extents = builder.shape(x).extents
    let axis = try axis(integer("axis", default: 0), rank: extents.count)
    let takesLast = try integer("select_last_index", default: 0) != 0
    // Places must not be converted to the elements' type, as results of a wider form are.
    let place = try builder.apply(op(axis, takesLast), builder.ordered(x))
    guard try keepsAxes() else { return [.tensor(place)] }
    extents[axis] = 1
    return [.tensor(try builder.reshape(place, extents))]
  }
}

extension ONNXGraphBuilder {
  /// Of integers of 64 bits without a sign, the sum has the bits that it would have with one, but the quotient has not.
  fileprivate mutating func mean(
    of x: ValueID, axes: [Int], keepsAxes: Bool
  ) throws -> ValueID {
    let mean = Mean(axes: axes, keepsAxes: keepsAxes, arithmetic: .onnx)
    guard element(x) == .u64 else { return try apply(mean, x) }
    let sum = try apply(Sum(axes: axes, keepsAxes: keepsAxes, arithmetic: .onnx), x)
    let count = axes.reduce(1) { $0 * shape(x)[$1] }
    return try apply(Divide(clamp: .unlimited), sum, scalar(Double(max(1, count)), .u64))
  }

  /// What `body` computes of a value in another element type, converted back.
  mutating func widened(
    _ value: ValueID, to wide: ElementType, _ body: (inout Self, ValueID) throws -> ValueID
  ) throws -> ValueID {
    let own = element(value)
    let converted = try cast(value, to: wide)
    let result = try body(&self, converted)
    return try cast(result, to: own)
  }

  /// Integers with a sign that are ordered as those of an operand without one; other operands as they are.
  mutating func ordered(_ value: ValueID) throws -> ValueID {
    switch element(value) {
    case .u32: try cast(value, to: .i64)
    case .u64: try signFlipped(cast(value, to: .i64))
    default: value
    }
  }

  /// Integers of 64 bits with the highest one flipped.
  mutating func signFlipped(_ value: ValueID) throws -> ValueID {
    try apply(BitwiseXor(), value, scalar(Double(Int64.min), .i64))
  }

  /// The only element of a constant.
  ///
  /// - Throws: a `Diagnostic` if it has none or several, or is computed from the model's inputs.
  func integer(_ value: ValueID, _ role: String) throws -> Int {
    let numbers = try integers(value, role)
    guard numbers.count == 1 else { throw Diagnostic(.notSingle(role, shape(value))) }
    return numbers[0]
  }
}

extension ElementType {
  /// The type in which sums over `count` elements keep the digits of a result.
  func wideForm(ofSumsOver count: Int) -> ElementType {
    switch self {
    case .f16, .bf16: .f32
    // Elements are added one by one: of very many, each addition loses part of the last digits.
    case .f32: count > 1 << 15 ? .f64 : .f32
    default: self
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func notSingle(_ role: String, _ shape: Shape) -> Self {
    Self(id: "onnx-scalar", .malformed, "\(role) has the shape \(shape), and not one element")
  }
}
