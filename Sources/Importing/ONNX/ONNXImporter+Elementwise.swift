import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that compute element by element, and what they become.
extension ONNXImporter {
  static let elementwise: [String: ONNXConverter] = [
    functions, arithmetic, lists, comparisons, bits,
  ]
  .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  private static let functions: [String: ONNXConverter] = [
    "Abs": { try $0.unary(Abs(), &$1) },
    "Acos": { try $0.unary(Acos(), &$1) },
    "Acosh": { try $0.unary(Acosh(), &$1) },
    "Asin": { try $0.unary(Asin(), &$1) },
    "Asinh": { try $0.unary(Asinh(), &$1) },
    "Atan": { try $0.unary(Atan(), &$1) },
    "Atanh": { try $0.unary(Atanh(), &$1) },
    "Ceil": { try $0.unary(Ceil(), &$1) },
    "Cos": { try $0.unary(Cos(), &$1) },
    "Cosh": { try $0.unary(Cosh(), &$1) },
    "Erf": { try $0.unary(Erf(), &$1) },
    "Exp": { try $0.unary(Exp(), &$1) },
    "Floor": { try $0.unary(Floor(), &$1) },
    "Log": { try $0.unary(Log(), &$1) },
    "Neg": { try $0.unary(Negate(), &$1) },
    "Reciprocal": { try $0.unary(Reciprocal(), &$1) },
    "Round": { try $0.unary(Round(), &$1) },
    "Sign": { try $0.unary(Sign(), &$1) },
    "Sin": { try $0.unary(Sin(), &$1) },
    "Sinh": { try $0.unary(Sinh(), &$1) },
    "Sqrt": { try $0.unary(SquareRoot(), &$1) },
    "Tan": { try $0.unary(Tan(), &$1) },
  ]

  private static let arithmetic: [String: ONNXConverter] = [
    "Add": { try $0.binary(Add(clamp: .unlimited), &$1) },
    "Div": { try $0.binary(Divide(clamp: .unlimited), &$1) },
    "Mod": { node, builder in
      let keepsSign = try node.integer("fmod", default: 0) != 0
      return try node.binary(keepsSign ? Remainder() : FloorModulo(), &builder)
    },
    "Mul": { try $0.binary(Multiply(clamp: .unlimited), &$1) },
    "Pow": { try $0.power(&$1) },
    "Sub": { try $0.binary(Subtract(clamp: .unlimited), &$1) },
  ]

  /// Operators of any number of operands.
  private static let lists: [String: ONNXConverter] = [
    "Max": { [.tensor(try $0.combined(by: Maximum(), &$1))] },
    "Mean": { node, builder in
      let sum = try node.combined(by: Add(clamp: .unlimited), &builder)
      let count = builder.scalar(Double(node.operandCount), builder.element(sum))
      return [.tensor(try builder.apply(Divide(clamp: .unlimited), sum, count))]
    },
    "Min": { [.tensor(try $0.combined(by: Minimum(), &$1))] },
    "Sum": { [.tensor(try $0.combined(by: Add(clamp: .unlimited), &$1))] },
  ]

  private static let comparisons: [String: ONNXConverter] = [
    "And": { try $0.binary(LogicalAnd(), &$1) },
    "Equal": { try $0.binary(Equal(), &$1) },
    "Greater": { try $0.binary(Greater(), &$1) },
    "GreaterOrEqual": { try $0.binary(GreaterEqual(), &$1) },
    "IsInf": { node, builder in
      try node.unary(
        IsInfinite(
          findsNegative: node.integer("detect_negative", default: 1) != 0,
          findsPositive: node.integer("detect_positive", default: 1) != 0), &builder)
    },
    "IsNaN": { try $0.unary(IsNaN(), &$1) },
    "Less": { try $0.binary(Less(), &$1) },
    "LessOrEqual": { try $0.binary(LessEqual(), &$1) },
    "Not": { try $0.unary(LogicalNot(), &$1) },
    "Or": { try $0.binary(LogicalOr(), &$1) },
    "Where": { node, builder in
      let operands = try (0..<3).map { try node.operand($0) }
      return [.tensor(try builder.apply(Select(), operands))]
    },
    // Of truth values, one alone holds where both differ.
    "Xor": { try $0.binary(NotEqual(), &$1) },
  ]

  private static let bits: [String: ONNXConverter] = [
    "BitShift": { node, builder in
      let direction = try node.string("direction")
      let shifts: [String: any Operator] = ["LEFT": LeftShift(), "RIGHT": RightShift()]
      return try node.binary(node.choice("direction", direction, shifts), &builder)
    },
    "BitwiseAnd": { try $0.binary(BitwiseAnd(), &$1) },
    "BitwiseNot": { try $0.unary(BitwiseNot(), &$1) },
    "BitwiseOr": { try $0.binary(BitwiseOr(), &$1) },
    "BitwiseXor": { try $0.binary(BitwiseXor(), &$1) },
  ]
}

extension ONNXNode {
  /// A function of the first operand.
  func unary(_ op: any Operator, _ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    [.tensor(try builder.apply(op, operand(0)))]
  }

  /// A function of two operands, with broadcasting.
  func binary(_ op: any Operator, _ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let a = try operand(0)
    let b = try alignedOperand(with: a, &builder)
    return [.tensor(try builder.apply(op, a, b))]
  }

  /// The second operand. Before version 7, its axes may begin at any axis of the first, given by an attribute.
  private func alignedOperand(
    with first: ValueID, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let second = try operand(1)
    guard version < 7, hasAttribute("axis") else { return second }
    let (rank, extents) = (builder.shape(first).rank, builder.shape(second).extents)
    let begin = try axis(integer("axis"), rank: rank)
    let behind = max(0, rank - begin - extents.count)
    return try builder.reshape(second, extents + Array(repeating: 1, count: behind))
  }

  /// All operands, one after the other taken into a result.
  fileprivate func combined(
    by op: any Operator, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    var result = try operand(0)
    for next in try allOperands().dropFirst() { result = try builder.apply(op, result, next) }
    return result
  }

  /// What an attribute's value stands for.
  ///
  /// - Throws: a `Diagnostic` if it is none of those that the standard has.
  func choice<Meaning>(
    _ attribute: String, _ value: String, _ meanings: [String: Meaning]
  ) throws -> Meaning {
    guard let meaning = meanings[value] else {
      let known = meanings.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
      throw Diagnostic(.noChoice(kind, attribute, value), help: "it is one of \(known)")
    }
    return meaning
  }

  /// A power, which has the elements of its base.
  fileprivate func power(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let base = try operand(0)
    let exponent = try alignedOperand(with: base, &builder)
    let (element, other) = (builder.element(base), builder.element(exponent))
    if element.isFloat, isTwo(exponent, builder),
      builder.shape(exponent).rank <= builder.shape(base).rank
    {
      return [.tensor(try builder.apply(Square(), base))]
    }
    guard !element.isFloat, other.isFloat else {
      let cast = try builder.cast(exponent, to: element)
      return [.tensor(try builder.apply(Power(), base, cast))]
    }
    let wide = try [base, exponent].map { try builder.cast($0, to: .f64) }
    return [.tensor(try builder.cast(builder.apply(Power(), wide), to: element))]
  }

  private func isTwo(_ value: ValueID, _ builder: ONNXGraphBuilder) -> Bool {
    builder.tensor(value)?.storedNumbers == [2]
  }
}

extension Diagnostic.Message {
  fileprivate static func noChoice(_ kind: String, _ attribute: String, _ value: String) -> Self {
    Self(
      id: "onnx-choice", .malformed, "`\(attribute)` of `\(kind)` is `\(value)`")
  }
}
