import GraphIR
import Operators
import Support
import TFLiteSchema
import Tensors

/// One operator of the file, as its converter sees it.
struct TFLiteNode {
  let kind: String
  private let options: tflite_table
  /// Tensor indices; −1 stands for an operand that is left out.
  let operands: [Int]
  let results: [Int]
  /// Tensors that stand for what the operator computes within; −1 for one that is left out.
  private let intermediates: [Int]
  /// Of a custom operator, in a format of its own.
  let customOptions: [UInt8]
  // Not the builder: as long as a second one holds the graph, each change to it copies it.
  private let tensors: TFLiteTensors
  /// The shapes of operands that are in the graph already, in which the user may have changed extents.
  private let shapes: [Int: Shape]
  /// The operands without elements.
  private let empty: Set<Int>
  /// Operands that are computed, and of which it is known what they will hold.
  var statics: [Int: Tensor] = [:]

  init(
    kind: String, options: tflite_table, customOptions: [UInt8], operands: [Int], results: [Int],
    intermediates: [Int], tensors: TFLiteTensors, shapes: [Int: Shape], empty: Set<Int>
  ) {
    self.kind = kind
    self.options = options
    self.customOptions = customOptions
    self.operands = operands
    self.results = results
    self.intermediates = intermediates
    self.tensors = tensors
    self.shapes = shapes
    self.empty = empty
  }

  /// The conversion to an operator that reads the first `count` operands, but for those left out.
  func becomes(_ op: some Operator, operands count: Int? = nil) -> TFLiteConversion {
    TFLiteConversion(op: op, operands: operands.prefix(count ?? operands.count).filter { $0 >= 0 })
  }

  /// The index of an operand that must be there.
  func operand(_ position: Int) throws -> Int {
    guard position < operands.count, operands[position] >= 0 else {
      throw Diagnostic(.missingOperand(position))
    }
    return operands[position]
  }

  /// The index of a result that must be there.
  func result(_ position: Int) throws -> Int {
    guard position < results.count else { throw Diagnostic(.noResult) }
    return results[position]
  }

  /// The conversion to an operator that reads the operands at these positions, all of which must be there.
  func becomes(_ op: some Operator, reading positions: [Int]) throws -> TFLiteConversion {
    for position in positions { _ = try operandType(position) }
    return TFLiteConversion(op: op, operands: positions.map { operands[$0] })
  }

  /// The tensor index of an operand; nil if it is left out.
  func optionalOperand(_ position: Int) -> Int? {
    operands.indices.contains(position) && operands[position] >= 0 ? operands[position] : nil
  }

  /// An integer option; the schema's default if the file has none.
  func integer(_ name: String) throws -> Int {
    guard canRead(name, [.integer, .boolean]) else { throw Diagnostic(.noOptions) }
    return Int(tflite_int(options, name))
  }

  /// A text option; empty if the file has none.
  func text(_ name: String) throws -> String {
    guard canRead(name, [.string]) else { throw Diagnostic(.noOptions) }
    return string(options, name) ?? ""
  }

  /// A real option; the schema's default if the file has none.
  func float(_ name: String) throws -> Float {
    guard canRead(name, [.real]) else { throw Diagnostic(.noOptions) }
    return Float(tflite_float(options, name))
  }

  /// A list of integers; nil if the file has none.
  func integers(_ name: String) -> [Int]? {
    guard canRead(name, [.integer], isVector: true), tflite_has(options, name) else { return nil }
    return (0..<tflite_count(options, name)).map { Int(tflite_int_element(options, name, $0)) }
  }

  /// Whether the options have such a field: in a damaged file they may be those of another operator, and
  /// asking these for it would be our mistake.
  private func canRead(_ name: String, _ kinds: [tflite_kind], isVector: Bool = false) -> Bool {
    guard options.data != nil else { return false }
    let names = (0..<tflite_field_count(options)).map {
      String(cString: tflite_field_name(options, $0))
    }
    return names.contains(name) && kinds.contains(tflite_field_kind(options, name))
      && tflite_is_vector(options, name) == isVector
  }

  /// The elements of a constant operand that holds integers; nil if it is left out or not constant.
  func constantIntegers(operand: Int) throws -> [Int]? {
    guard operand < operands.count, operands[operand] >= 0 else { return nil }
    if tensors.extents(operands[operand]).contains(0) { return [] }
    guard let tensor = try constantTensor(operand: operand) else { return nil }
    switch tensor.type.element {
    case .i32: return tensor.data.elements(as: Int32.self).map(Int.init)
    // Beyond 2⁴⁸ no index can be meant, and sums of indices then never overflow.
    case .i64:
      return tensor.data.elements(as: Int64.self).map { min(max(Int($0), -1 << 48), 1 << 48) }
    default: return nil
    }
  }

  /// As `constantIntegers`, for operators that cannot do without.
  func constant(operand: Int) throws -> [Int] {
    guard let integers = try constantIntegers(operand: operand) else {
      throw Diagnostic(.notConstant(operand))
    }
    return integers
  }

  /// The real number that a constant operand with one element stands for.
  func constantNumber(operand: Int) throws -> Float {
    guard let tensor = try constantTensor(operand: operand), tensor.type.elementCount == 1 else {
      throw Diagnostic(.notConstant(operand))
    }
    return Float(tensor.realNumbers[0])
  }

  /// A constant operand, or one of which it is known what it will hold; nil if it is left out or not known.
  func constantTensor(operand: Int) throws -> Tensor? {
    guard operand < operands.count else { return nil }
    if let known = statics[operands[operand]] { return known }
    guard operands[operand] >= 0,
      case let type = try tensors.type(operands[operand]),
      let data = try tensors.data(operands[operand], type)
    else { return nil }
    return Tensor(type, data)
  }

  /// The type that the file gives for an operand, in the shape that it has in the graph.
  func operandType(_ operand: Int) throws -> TensorType {
    guard operand < operands.count, operands[operand] >= 0 else {
      throw Diagnostic(.missingOperand(operand))
    }
    let type = try tensors.type(operands[operand])
    return shapes[operands[operand]].map(type.with(shape:)) ?? type
  }

  /// The types that the file gives for the results.
  func resultTypes() throws -> [TensorType] { try results.map { try tensors.type($0) } }

  /// The type that the file gives for the first result.
  func resultType() throws -> TensorType {
    guard let first = try resultTypes().first else { throw Diagnostic(.noResult) }
    return first
  }

  /// The quantization of what the operator computes within; nil where the file gives none.
  func intermediateScales() throws -> [Quantization?] {
    try intermediates.map { $0 < 0 ? nil : try tensors.quantization($0) }
  }

  /// The conversion to an operator that reads those operands that have elements.
  func becomesWithoutEmpty(_ op: some Operator) -> TFLiteConversion {
    TFLiteConversion(op: op, operands: operands.filter { $0 >= 0 && !empty.contains($0) })
  }

  /// The extents that the file gives for the first result.
  func resultExtents() throws -> [Int] { try resultType().shape.extents }

  /// As `resultExtents`, unless the file leaves an extent open until the model is executed.
  func knownResultExtents() throws -> [Int]? {
    guard let first = results.first, !tensors.hasOpenExtents(first) else { return nil }
    return try resultExtents()
  }
}

extension Diagnostic.Message {
  fileprivate static func notConstant(_ operand: Int) -> Self {
    Self(id: "operand-not-constant", .unsupported, "operand \(operand) is not constant")
  }

  fileprivate static func missingOperand(_ operand: Int) -> Self {
    Self(id: "missing-operand", .malformed, "operand \(operand) is missing")
  }

  fileprivate static var noOptions: Self {
    Self(id: "no-options", .malformed, "the operator has no options, or those of another operator")
  }

  fileprivate static var noResult: Self {
    Self(id: "no-result", .malformed, "the operator has no result")
  }
}
