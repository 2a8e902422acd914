import GraphIR
import Support
import Tensors

/// What variables hold at the present point of the graph.
struct TFLiteVariables {
  /// A resource variable, which operators refer to by a handle.
  struct Resource {
    /// What it holds before the first run, if the model says so.
    var initial: Tensor?
    /// The state that it begins a run with; nil as long as nothing has read that.
    var state: ValueID?
    /// What it was last assigned; nil if nothing was.
    var value: ValueID?
  }

  /// By container and name.
  var resources: [String: Resource] = [:]
  /// The states of variable tensors, by index.
  var tensors: [Int: ValueID] = [:]

  /// Whether an operator has worked on any.
  var areUsed: Bool { !resources.isEmpty || !tensors.isEmpty }
}

extension TFLiteImporter {
  static let variables: [String: TFLiteStatement] = [
    "VAR_HANDLE": { _, node, source, builder in
      try builder.name(
        handle: node.result(0), "\(node.text("container"))/\(node.text("shared_name"))")
      builder.graph.absorb([source], into: nil)
    },
    "READ_VARIABLE": { _, node, source, builder in
      try builder.read(handle: node.operand(0), into: node.result(0))
      builder.graph.absorb([source], into: nil)
    },
    "ASSIGN_VARIABLE": { _, node, source, builder in
      try builder.assign(handle: node.operand(0), node.operand(1))
      builder.graph.absorb([source], into: nil)
    },
  ]
}

extension TFLiteGraphBuilder {
  /// Notes which variable a handle stands for.
  mutating func name(handle: Int, _ name: String) { handles[handle] = name }

  /// Lets a tensor be what a variable holds at this point.
  mutating func read(handle: Int, into result: Int) throws {
    let name = try variable(handle)
    var variable = variables.resources[name] ?? TFLiteVariables.Resource()
    if variable.value == nil, variable.state == nil {
      let type = try tensors.type(result)
      let initial = try variable.initial?.data ?? .zeros(of: type)
      guard initial.byteCount == type.byteCount,
        variable.initial.map({ $0.type.element == type.element }) ?? true
      else { throw Diagnostic(.initialType(name, variable.initial?.type ?? type, type)) }
      variable.state = graph.addState(
        tensors.name(result), type, initial: initial, sourceIndex: sourceIndex(result))
    }
    variables.resources[name] = variable
    if let value = variable.value ?? variable.state { try alias(result, to: value) }
  }

  /// Gives a variable a value, which is read from now on.
  mutating func assign(handle: Int, _ operand: Int) throws {
    variables.resources[try variable(handle), default: .init()].value = try value(operand)
  }

  /// Lets the next run begin with what variables hold now.
  ///
  /// - Throws: a `Diagnostic` if a variable has changed its type.
  mutating func settleVariables() throws {
    for (name, variable) in variables.resources.sorted(by: { $0.key < $1.key }) {
      guard let state = variable.state, let value = variable.value else { continue }
      let (from, to) = (graph.values[state].type, graph.values[value].type)
      guard from.matches(to) else { throw Diagnostic(.changedType(name, from, to)) }
      graph.setNext(of: state, to: value)
    }
  }

  /// What the variables hold at the end of a graph that reads no inputs.
  func assignedTensors() throws -> [String: Tensor] {
    let known = try graph.constantTensors()
    return try variables.resources.compactMapValues { $0.value }.reduce(into: [:]) {
      guard let tensor = known[$1.value] else { throw Diagnostic(.notConstant($1.key)) }
      $0[$1.key] = tensor
    }
  }

  private func variable(_ handle: Int) throws -> String {
    guard let name = handles[handle] else { throw Diagnostic(.noHandle(tensors.name(handle))) }
    return name
  }
}

extension Graph {
  /// The tensors of constants, and of all values that follow from constants alone.
  ///
  /// - Throws: a `Diagnostic` if these take so much to compute that a hostile file must have asked for it.
  fileprivate func constantTensors() throws -> [ValueID: Tensor] {
    var known: [ValueID: Tensor] = [:]
    for id in values.ids {
      known[id] = constantData(id).map { Tensor(values[id].type, $0) }
    }
    var byteCount = 0
    for id in order {
      let node = nodes[id]
      let operands = node.inputs.compactMap { known[$0] }
      guard operands.count == node.inputs.count else { continue }
      let results = types(of: node.results)
      byteCount += results.reduce(0) { $0 + $1.byteCount }
      let work = work(of: id)
      guard max(byteCount, work.macs, work.elementOperations) <= 1 << 32 else {
        throw Diagnostic(.longInitialization)
      }
      known.merge(zip(node.results, try node.op.evaluate(operands, results: results))) { $1 }
    }
    return known
  }
}

extension TensorData {
  /// What variables hold that nothing was assigned to: the number 0, which a quantized type stores as its zero point.
  ///
  /// - Throws: a `Diagnostic` if they are more than the machine holds.
  static func zeros(of type: TensorType) throws -> TensorData {
    try MemoryLimit.check(
      type.byteCount, for: "the zeros of a variable", help: "give it fewer elements")
    let zeroPoint = type.element == .i8 ? type.quantization?.zeroPoint ?? 0 : 0
    return TensorData(byteCount: type.byteCount) {
      if zeroPoint != 0 { $0.initializeMemory(as: Int8.self, repeating: Int8(clamping: zeroPoint)) }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func initialType(_ name: String, _ from: TensorType, _ to: TensorType) -> Self
  {
    Self(
      id: "variable-type", .unsupported,
      "variable `\(name)` begins as \(from), and is read as \(to)")
  }

  fileprivate static func changedType(_ name: String, _ from: TensorType, _ to: TensorType) -> Self
  {
    Self(id: "variable-type", .unsupported, "variable `\(name)` is \(from), and becomes \(to)")
  }

  fileprivate static func notConstant(_ name: String) -> Self {
    Self(
      id: "variable-not-constant", .unsupported,
      "the first value of variable `\(name)` does not follow from constants")
  }

  fileprivate static var longInitialization: Self {
    Self(
      id: "variable-not-constant", .unsupported,
      "the first values of variables take more than 2^32 bytes or operations to compute")
  }

  fileprivate static func noHandle(_ name: String) -> Self {
    Self(
      id: "no-variable-handle", .unsupported, "tensor `\(name)` is no handle of a variable here")
  }
}
