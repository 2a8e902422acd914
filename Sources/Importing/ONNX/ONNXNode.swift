import GraphIR
import ONNXSchema
import Support
import Tensors

/// What a name of the file stands for.
enum ONNXValue {
  case tensor(ValueID)
  /// A list that is known when the model is read, and the element type of what it may hold.
  case sequence([ValueID], ElementType)
}

/// Nodes within a node: a branch or the body of a loop.
struct ONNXSubgraph {
  let message: ONNXGraphProto
  /// Of the inputs, in order.
  var inputNames: [String] { message.input.map(\.name) }
  /// Of the outputs, in order.
  var outputNames: [String] { message.output.map(\.name) }
}

/// One operator of the file, with its operands found.
struct ONNXNode {
  /// The operator's name in the standard.
  let kind: String
  /// The version of the operators of its domain.
  let version: Int
  /// The names of the results; empty where one is not wanted.
  let resultNames: [String]
  let operands: [ONNXValue?]
  let attributes: [String: ONNXAttributeProto]
  let tensors: ONNXTensors
  /// For the nodes within this one.
  let importer: ONNXImporter
  let context: ONNXContext

  /// Absent ones at the end are not counted.
  var operandCount: Int { (operands.lastIndex { $0 != nil } ?? -1) + 1 }

  /// Whether an optional operand is there.
  func has(_ operand: Int) -> Bool {
    operands.indices.contains(operand) && operands[operand] != nil
  }

  /// - Throws: a `Diagnostic` if the operand is absent, or a sequence.
  func operand(_ index: Int) throws -> ValueID {
    guard operands.indices.contains(index), case .tensor(let id) = operands[index] else {
      throw Diagnostic(.operand(kind, index, "tensor"))
    }
    return id
  }

  /// An optional operand; nil where it is absent.
  func optional(_ index: Int) throws -> ValueID? { has(index) ? try operand(index) : nil }

  /// All operands, none of which may be absent.
  func allOperands() throws -> [ValueID] { try (0..<operandCount).map(operand) }

  /// - Throws: a `Diagnostic` if the operand is absent, or a tensor.
  func sequence(_ index: Int) throws -> ([ValueID], ElementType) {
    guard operands.indices.contains(index), case .sequence(let ids, let type) = operands[index]
    else { throw Diagnostic(.operand(kind, index, "sequence")) }
    return (ids, type)
  }

  /// Whether anything may read a result.
  func wants(_ result: Int) -> Bool {
    resultNames.indices.contains(result) && !resultNames[result].isEmpty
  }

  func hasAttribute(_ name: String) -> Bool { attributes[name] != nil }

  /// - Parameter default: without one, the attribute must be there.
  func integer(_ name: String, default standard: Int? = nil) throws -> Int {
    try value(name, standard, 2) { Int($0.i) }
  }

  /// As `integer`.
  func float(_ name: String, default standard: Float? = nil) throws -> Float {
    try value(name, standard, 1) { $0.f }
  }

  /// As `integer`.
  func string(_ name: String, default standard: String? = nil) throws -> String {
    try value(name, standard, 3) { String(decoding: $0.s, as: UTF8.self) }
  }

  /// Nil where the attribute is absent.
  func integers(_ name: String) throws -> [Int]? {
    try attribute(name, 7).map { $0.ints.map { Int($0) } }
  }

  /// Nil where the attribute is absent.
  func floats(_ name: String) throws -> [Float]? { try attribute(name, 6)?.floats }

  /// Nil where the attribute is absent.
  func strings(_ name: String) throws -> [String]? {
    try attribute(name, 8).map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Nil where the attribute is absent; a sparse one is spread out.
  func tensor(_ name: String) throws -> Tensor? {
    guard let attribute = attributes[name] else { return nil }
    return attribute.hasSparseTensor
      ? try tensors.dense(attribute.sparseTensor) : try tensors.tensor(attribute.t)
  }

  func graph(_ name: String) throws -> ONNXSubgraph {
    guard let attribute = attributes[name], attribute.hasG else {
      throw Diagnostic(.noAttribute(kind, name))
    }
    return ONNXSubgraph(message: attribute.g)
  }

  /// An axis counted from the front; in the file it may be counted from the end.
  ///
  /// - Throws: a `Diagnostic` if there is no such axis.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    guard (-rank..<rank).contains(axis) else { throw Diagnostic(.axis(kind, axis, rank)) }
    return axis < 0 ? axis + rank : axis
  }

  private func value<Value>(
    _ name: String, _ standard: Value?, _ type: Int32, _ read: (ONNXAttributeProto) -> Value
  ) throws -> Value {
    guard let found = try attribute(name, type).map(read) ?? standard else {
      throw Diagnostic(.noAttribute(kind, name))
    }
    return found
  }

  /// An attribute with a value of the standard's `AttributeType`, which old files leave out.
  private func attribute(_ name: String, _ type: Int32) throws -> ONNXAttributeProto? {
    guard let found = attributes[name] else { return nil }
    guard !found.hasType || found.type == 0 || found.type == type else {
      throw Diagnostic(.attributeType(kind, name))
    }
    return found
  }
}

extension Diagnostic.Message {
  fileprivate static func operand(_ kind: String, _ index: Int, _ form: String) -> Self {
    Self(id: "onnx-operand", .malformed, "`\(kind)` has no \(form) as operand \(index)")
  }

  fileprivate static func noAttribute(_ kind: String, _ name: String) -> Self {
    Self(id: "onnx-attribute", .malformed, "`\(kind)` has no attribute `\(name)`")
  }

  fileprivate static func attributeType(_ kind: String, _ name: String) -> Self {
    Self(
      id: "onnx-attribute", .malformed,
      "attribute `\(name)` of `\(kind)` holds another kind of value than the standard says")
  }

  fileprivate static func axis(_ kind: String, _ axis: Int, _ rank: Int) -> Self {
    Self(id: "onnx-axis", .malformed, "`\(kind)` has axis \(axis) of a tensor of rank \(rank)")
  }
}
