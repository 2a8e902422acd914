import GraphIR
import Operators
import Tensors

/// An operator of the file in place of one of ours.
struct TFLiteOperation {
  /// What the operator of the file reads.
  enum Operand {
    /// One of our operator's operands, by position.
    case operand(Int)
    case constant(Tensor)
    /// In this place the operator has an operand, which is left out.
    case absent
  }

  /// The operator's name in the schema; of a custom operator its own.
  let kind: String
  /// The type of the table that holds the options; nil if there are none.
  var table: String?
  /// The options by their names in the schema.
  var options: TFLiteOptions
  /// Nil stands for our operator's operands, one after the other.
  var operands: [Operand]?
  /// The positions of our operator's operands that are states, whose next values are its last results in this order.
  var states: [Int] = []
  /// Tensors that only say how the operator computes within; of nil there is none.
  var intermediates: [TensorType?] = []
  /// Of a custom operator, the options in a format of its own; nil for built-in ones.
  var customOptions: [UInt8]?

  /// An operator without options, or with those of a table of the schema.
  init(
    _ kind: String, _ table: String? = nil, _ options: TFLiteOptions = [:],
    reading operands: [Operand]? = nil
  ) {
    self.kind = kind
    self.table = table
    self.options = options
    self.operands = operands
  }
}

extension TFLiteOperation.Operand {
  /// A list of 32-bit integers, as most operators take axes and shapes.
  static func integers(_ numbers: [Int]) -> Self {
    .constant(Tensor(TensorType(.i32, [numbers.count]), numbers: numbers.map(Double.init)))
  }

  /// A 32-bit integer without axes.
  static func integer(_ number: Int) -> Self {
    .constant(Tensor(TensorType(.i32, []), numbers: [Double(number)]))
  }

  /// A row for each axis, with what belongs in front and behind.
  static func pairs(_ before: [Int], _ after: [Int]) -> Self {
    let numbers = zip(before, after).flatMap { [Double($0), Double($1)] }
    return .constant(Tensor(TensorType(.i32, [before.count, 2]), numbers: numbers))
  }

  /// The operands that are there, in order, each in its place among all that there can be.
  static func places(_ areThere: [Bool]) -> [Self] {
    var position = 0
    return areThere.map { isThere in
      guard isThere else { return .absent }
      defer { position += 1 }
      return .operand(position)
    }
  }
}

/// How one kind of our operators is written.
struct TFLiteEncoder: Sendable {
  /// The name of our operator.
  let name: String
  /// Makes an operator of the file of one of ours at its place, or throws a `Diagnostic` that says what TFLite does not have.
  let encode: @Sendable (any Operator, Site) throws -> TFLiteOperation

  /// For operators with attributes, or with operands of their own kinds.
  init<Op: Operator>(
    _ type: Op.Type, _ encode: @escaping @Sendable (Op, Site) throws -> TFLiteOperation
  ) {
    name = Op.name
    self.encode = { op, site in
      guard let op = op as? Op else { preconditionFailure("encoders are found by name") }
      return try encode(op, site)
    }
  }

  /// For operators without attributes, whose operands are those of the file.
  init(_ type: (some Operator).Type, _ kind: String) {
    self.init(type) { _, _ in TFLiteOperation(kind) }
  }
}
