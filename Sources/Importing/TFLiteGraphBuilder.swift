import GraphIR
import Operators
import Support
import TFLiteSchema
import Tensors

/// An operator of ours in place of one of the file.
struct TFLiteConversion {
  let op: any Operator
  /// The tensors it reads, by index in the file.
  let operands: [Int]
  /// Whether the operator's result is then seen in the shape that the file gives.
  var isReshaped = false
}

/// Makes an operator of ours from one of the file, or throws a `Diagnostic` that says what it cannot take.
typealias TFLiteConverter = @Sendable (TFLiteNode) throws -> TFLiteConversion

/// The graph under construction, with its values by tensor index.
struct TFLiteGraphBuilder {
  let tensors: TFLiteTensors
  private(set) var graph: Graph
  /// Whether the user gave extents, so that the shapes in the file no longer hold.
  let shapesAreBound: Bool
  private var values: [Int: ValueID] = [:]
  /// Tensors whose operator could not be converted.
  private var unknown: Set<Int> = []

  init(tensors: TFLiteTensors, graph: Graph, shapesAreBound: Bool) {
    self.tensors = tensors
    self.graph = graph
    self.shapesAreBound = shapesAreBound
  }

  /// Adds the model's inputs, and checks that every shape the user gave is for one of them.
  mutating func addInputs(_ indices: [Int]) throws {
    let names = Set(indices.map(tensors.name))
    if let name = tensors.shapes.keys.sorted().first(where: { !names.contains($0) }) {
      throw Diagnostic(
        .noInputToShape(name),
        help: "the inputs are \(names.sorted().map { "`\($0)`" }.joined(separator: ", "))")
    }
    for index in indices {
      guard values[index] == nil else { throw Diagnostic(.definedTwice(tensors.name(index))) }
      values[index] = graph.addInput(
        tensors.name(index), try tensors.type(index), sourceIndex: index)
    }
  }

  /// - Throws: a `Diagnostic` if a tensor is neither constant nor computed.
  mutating func setOutputs(_ indices: [Int]) throws {
    graph.setOutputs(try indices.map { try value($0) })
  }

  /// Inserts the node of a conversion; its results get the names and types of the file's tensors.
  mutating func insert(
    _ conversion: TFLiteConversion, _ results: [Int], _ source: SourceOperator
  ) throws {
    if let index = results.first(where: { values[$0] != nil }) {
      throw Diagnostic(.definedTwice(tensors.name(index)))
    }
    let operands = try conversion.operands.map { try value($0) }
    let declared = try declaredTypes(conversion, operands, results)
    var ids = try graph.insert(
      conversion.op, operands, results: conversion.isReshaped ? nil : declared, from: [source])
    // Without a source of its own: each operator of the file stands in one node only.
    if conversion.isReshaped, let type = declared.first {
      ids = try graph.insert(Reshape(shape: type.shape.extents), ids, results: [type])
    }
    for (index, id) in zip(results, ids) {
      graph.rename(id, tensors.name(index), sourceIndex: index)
      values[index] = id
    }
  }

  /// Notes that results are missing, so that those who read them are not blamed for it.
  mutating func markUnknown(_ results: [Int]) { unknown.formUnion(results) }

  /// Whether an operand is missing because of a problem that was reported already.
  func dependsOnUnknown(_ operands: [Int]) -> Bool { !unknown.isDisjoint(with: operands) }

  /// The value of a tensor, which is an input, a constant, or already computed.
  private mutating func value(_ index: Int) throws -> ValueID {
    if let value = values[index] { return value }
    let type = try tensors.type(index)
    guard let data = try tensors.data(index, type) else {
      throw Diagnostic(
        .notComputed(tensors.name(index)),
        help: "operators must stand after those whose results they read, and form no cycle")
    }
    let constant = Self.unpacked(Tensor(type, data))
    let value = graph.addConstant(
      tensors.name(index), constant.type, constant.data, sourceIndex: index)
    values[index] = value
    return value
  }

  /// Integers of 4 bits as bytes, once and for all: no kernel has others.
  private static func unpacked(_ tensor: Tensor) -> Tensor {
    guard tensor.type.element == .i4 else { return tensor }
    let type = TensorType(.i8, tensor.type.shape, tensor.type.quantization)
    return Tensor(type, numbers: tensor.storedNumbers)
  }

  /// The types in the file; if the user changed extents, those that follow from them.
  private func declaredTypes(
    _ conversion: TFLiteConversion, _ operands: [ValueID], _ results: [Int]
  ) throws -> [TensorType] {
    let declared = try results.map { try tensors.type($0) }
    guard shapesAreBound, !conversion.isReshaped else { return declared }
    let inferred = try conversion.op.resultTypes(graph.types(of: operands))
    // Quantization stays that of the file: operators infer little more than shapes.
    return zip(inferred, declared).map { $1.with(shape: $0.shape) }
  }
}

/// One operator of the file, as its converter sees it.
struct TFLiteNode {
  let kind: String
  private let options: tflite_table
  /// Tensor indices; −1 stands for an operand that is left out.
  let operands: [Int]
  let results: [Int]
  private let builder: TFLiteGraphBuilder

  init(
    kind: String, options: tflite_table, operands: [Int], results: [Int],
    builder: TFLiteGraphBuilder
  ) {
    self.kind = kind
    self.options = options
    self.operands = operands
    self.results = results
    self.builder = builder
  }

  /// The conversion to an operator that reads the first `count` operands, but for those left out.
  func becomes(_ op: some Operator, operands count: Int? = nil) -> TFLiteConversion {
    TFLiteConversion(op: op, operands: operands.prefix(count ?? operands.count).filter { $0 >= 0 })
  }

  /// The tensor index of an operand; nil if it is left out.
  func operand(_ position: Int) -> Int? {
    operands.indices.contains(position) && operands[position] >= 0 ? operands[position] : nil
  }

  /// An integer option; the schema's default if the file has none.
  func integer(_ name: String) throws -> Int {
    guard canRead(name, [.integer, .boolean]) else { throw Diagnostic(.noOptions) }
    return Int(tflite_int(options, name))
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
    // A list without elements, such as the shape of a scalar, is no tensor that could be computed with.
    if builder.tensors.extents(operands[operand]) == [0] { return [] }
    let type = try builder.tensors.type(operands[operand])
    guard let data = try builder.tensors.data(operands[operand], type) else { return nil }
    switch type.element {
    case .i32: return data.elements(as: Int32.self).map(Int.init)
    // Beyond 2⁴⁸ no index can be meant, and sums of indices then never overflow.
    case .i64: return data.elements(as: Int64.self).map { min(max(Int($0), -1 << 48), 1 << 48) }
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
    guard operand < operands.count, operands[operand] >= 0,
      case let type = try builder.tensors.type(operands[operand]), type.elementCount == 1,
      let data = try builder.tensors.data(operands[operand], type)
    else { throw Diagnostic(.notConstant(operand)) }
    return Float(Tensor(type, data).realNumbers[0])
  }

  /// The type that the file gives for an operand.
  func operandType(_ operand: Int) throws -> TensorType {
    guard operand < operands.count, operands[operand] >= 0 else {
      throw Diagnostic(.missingOperand(operand))
    }
    return try builder.tensors.type(operands[operand])
  }

  /// The types that the file gives for the results.
  func resultTypes() throws -> [TensorType] { try results.map { try builder.tensors.type($0) } }

  /// The type that the file gives for the first result.
  func resultType() throws -> TensorType {
    guard let first = try resultTypes().first else { throw Diagnostic(.noResult) }
    return first
  }

  /// The extents that the file gives for the first result.
  func resultExtents() throws -> [Int] { try resultType().shape.extents }
}

extension Diagnostic.Message {
  fileprivate static func noInputToShape(_ name: String) -> Self {
    Self(id: "no-such-input", .usage, "there is no input `\(name)` to give a shape")
  }

  fileprivate static func definedTwice(_ name: String) -> Self {
    Self(id: "tensor-defined-twice", .malformed, "tensor `\(name)` is computed twice")
  }

  fileprivate static func notComputed(_ name: String) -> Self {
    Self(
      id: "tensor-not-computed", .malformed,
      "tensor `\(name)` is read, but is neither constant nor computed before")
  }

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
