import GraphIR
import Operators
import Support
import Tensors

/// Writes one graph as a subgraph of a file: its tensors as they are needed, and its operators in order.
struct TFLiteGraphWriter {
  /// The subgraph's number in the file.
  let number: Int
  private let graph: Graph
  private let file: TFLiteFile
  private let table: TFLiteTable
  private let packsWeights: Bool
  private var tensorCount = 0
  private var tensors: [ValueID: Int] = [:]
  /// The handles of variables, by the states that they hold.
  private var handles: [(state: State, tensor: Int)] = []

  init(_ graph: Graph, _ file: TFLiteFile, packsWeights: Bool, name: String) {
    self.graph = graph
    self.file = file
    self.packsWeights = packsWeights
    (number, table) = file.addSubgraph(named: name)
  }

  /// Adds the inputs, and reads the variables that stand for states.
  ///
  /// - Throws: a `Diagnostic` if a state has a type that no tensor of TFLite has, or no first value.
  mutating func beginStates() throws {
    for input in graph.inputs { _ = try tensor(input) }
    let states = graph.states.filter { !$0.isTensor(of: graph) }
    guard !states.isEmpty else { return }
    try insertInitialization(of: states)
    for (position, state) in states.enumerated() {
      let handle = insertHandle(of: position)
      handles.append((state, handle))
      insert(
        TFLiteOperation("READ_VARIABLE", "ReadVariableOptions"), [handle],
        [try tensor(state.current)])
    }
  }

  /// Writes an operator with the node's results.
  ///
  /// - Parameter subgraph: writes a graph that the node holds, and gives its number.
  mutating func insert(
    _ operation: TFLiteOperation, _ id: NodeID, subgraph: (Subgraph) throws -> Int
  ) throws {
    let node = graph.nodes[id]
    let operands = try tensors(of: operation, node)
    let results = node.results.dropLast(operation.states.count)
    for (position, next) in zip(operation.states, node.results.suffix(operation.states.count)) {
      try update(node.inputs[position], to: next, by: node.kind)
    }
    let types = (operation.operands ?? node.inputs.indices.map { .operand($0) }).map {
      type(of: $0, node)
    }
    let version = TFLiteVersion(
      operation, operands: types, results: graph.types(of: Array(results))
    ).number
    let numbers = try operation.options.fields.map { ($0.name, try $0.value.numbered(subgraph)) }
    insert(operation, operands, try results.map { try tensor($0) }, numbers, version)
  }

  /// Lets the variables hold what the next run reads, and names inputs and outputs.
  mutating func end() throws {
    for (state, handle) in handles where state.next != state.current {
      insert(
        TFLiteOperation("ASSIGN_VARIABLE", "AssignVariableOptions"),
        [handle, try tensor(state.next)], [])
    }
    table.set("inputs", .integers(try graph.inputs.map { try tensor($0) }))
    table.set("outputs", .integers(try graph.outputs.map { try tensor($0) }))
  }
}

// Operators.
extension TFLiteGraphWriter {
  private mutating func insert(
    _ operation: TFLiteOperation, _ operands: [Int], _ results: [Int],
    _ options: [(name: String, value: TFLiteField)]? = nil, _ version: Int = 1
  ) {
    let entry = table.appending("operators")
    let code = file.code(
      operation.kind, isCustom: operation.customOptions != nil, version: version)
    entry.set("opcode_index", .integer(code))
    entry.set("inputs", .integers(operands))
    entry.set("outputs", .integers(results))
    if let name = operation.table {
      let fields = entry.child("builtin_options", name)
      for (field, value) in options ?? operation.options.fields {
        fields.set(field, value)
      }
    }
    if let bytes = operation.customOptions {
      entry.set("custom_options", borrowing: file.keep(bytes))
    }
    if !operation.intermediates.isEmpty {
      let numbers = operation.intermediates.map { $0.map { addIntermediate($0) } ?? -1 }
      entry.set("intermediates", .integers(numbers))
    }
  }

  private mutating func tensors(of operation: TFLiteOperation, _ node: Node) throws -> [Int] {
    let operands = operation.operands ?? node.inputs.indices.map { .operand($0) }
    return try operands.enumerated().map { position, operand in
      switch operand {
      case .operand(let index):
        try tensor(node.inputs[index], asPackedWeights: packs(position, operation, node))
      case .constant(let constant): try addConstant(constant)
      case .absent: -1
      }
    }
  }

  /// Whether an operand may be stored in 4 bits: weights that nothing else reads, for which LiteRT has a kernel.
  private func packs(_ position: Int, _ operation: TFLiteOperation, _ node: Node) -> Bool {
    guard packsWeights, position == 1, node.inputs.count > 1 else { return false }
    let elements: [String: [ElementType]] = [
      "CONV_2D": [.f32, .i8], "DEPTHWISE_CONV_2D": [.i8], "FULLY_CONNECTED": [.f32, .i8, .i16],
    ]
    let (image, weights) = (graph.values[node.inputs[0]], graph.values[node.inputs[1]])
    return elements[operation.kind]?.contains(image.type.element) ?? false
      && weights.uses.count == 1
  }

  private func type(of operand: TFLiteOperation.Operand, _ node: Node) -> TensorType? {
    switch operand {
    case .operand(let index): graph.values[node.inputs[index]].type
    case .constant(let constant): constant.type
    case .absent: nil
    }
  }
}

// Tensors.
extension TFLiteGraphWriter {
  /// The number of a value's tensor, which is added where the value is met first.
  private mutating func tensor(_ id: ValueID, asPackedWeights: Bool = false) throws -> Int {
    if let number = tensors[id] { return number }
    let value = graph.values[id]
    var tensor: Tensor?
    if case .constant(let data) = value.definition {
      guard let data else { throw Diagnostic(.elided(value.name), help: .elidedHelp) }
      tensor = Tensor(value.type, data)
    }
    if asPackedWeights, let weights = tensor { tensor = weights.packed }
    let isVariable = graph.states.contains { $0.current == id && $0.isTensor(of: graph) }
    let number = try addTensor(
      value.name, tensor?.type ?? value.type, tensor?.data, isVariable: isVariable)
    tensors[id] = number
    return number
  }

  private mutating func addConstant(_ constant: Tensor) throws -> Int {
    try addTensor("constant \(tensorCount)", constant.type, constant.data)
  }

  private mutating func addIntermediate(_ type: TensorType) -> Int {
    add("intermediate \(tensorCount)", type.fileElement ?? "FLOAT32", type).number
  }

  private mutating func addTensor(
    _ name: String, _ type: TensorType, _ data: TensorData?, isVariable: Bool = false
  ) throws -> Int {
    guard let element = type.fileElement else {
      throw Diagnostic(.noElement(type.element), at: "`\(name)`", help: Diagnostic.otherFormats)
    }
    let (number, tensor) = add(name, element, type)
    if let data { tensor.set("buffer", .integer(file.buffer(data))) }
    if isVariable { tensor.set("is_variable", .boolean(true)) }
    return number
  }

  private mutating func add(_ name: String, _ element: String, _ type: TensorType) -> (
    number: Int, table: TFLiteTable
  ) {
    let tensor = table.appending("tensors")
    tensor.set("name", .text(name))
    tensor.set("type", .name(element))
    tensor.set("shape", .integers(type.shape.extents))
    tensor.set("has_rank", .boolean(true))
    if let quantization = type.quantization { tensor.set(quantization) }
    defer { tensorCount += 1 }
    return (tensorCount, tensor)
  }
}

// States.
extension TFLiteGraphWriter {
  /// Lets an operator write a state in place: from then on, its tensor holds the next value.
  private mutating func update(_ current: ValueID, to next: ValueID, by kind: String) throws {
    guard let state = graph.states.first(where: { $0.current == current }), state.next == next,
      state.isTensor(of: graph), let number = tensors[current]
    else { throw Diagnostic(.noVariable(graph.values[current].name, kind)) }
    tensors[next] = number
  }

  /// A subgraph that is run once gives variables their first values.
  private mutating func insertInitialization(of states: [State]) throws {
    var writer = TFLiteGraphWriter(
      Graph(name: ""), file, packsWeights: false, name: "initialization")
    for (position, state) in states.enumerated() {
      let value = graph.values[state.current]
      guard let initial = state.initial else {
        throw Diagnostic(.elided(value.name), help: .elidedHelp)
      }
      let constant = try writer.addTensor(value.name, value.type, initial)
      writer.insert(
        TFLiteOperation("ASSIGN_VARIABLE", "AssignVariableOptions"),
        [writer.insertHandle(of: position), constant], [])
    }
    try writer.end()
    insert(
      TFLiteOperation(
        "CALL_ONCE", "CallOnceOptions", ["init_subgraph_index": .integer(writer.number)]), [], [])
  }

  private mutating func insertHandle(of position: Int) -> Int {
    let name = "state \(position)"
    let handle = add(name, "RESOURCE", TensorType(.i32, [])).number
    insert(
      TFLiteOperation("VAR_HANDLE", "VarHandleOptions", ["shared_name": .text(name)]), [],
      [handle])
    return handle
  }
}

extension State {
  /// Whether an operator can keep the state in a tensor of its own: it begins with zeros, and one node alone reads it and
  /// gives its next value.
  fileprivate func isTensor(of graph: Graph) -> Bool {
    let value = graph.values[current]
    guard value.uses.count == 1, let use = value.uses.first, let initial,
      let positions = graph.nodes[use.node].statePositions,
      let place = positions.firstIndex(of: use.operand),
      graph.nodes[use.node].results.suffix(positions.count).dropFirst(place).first == next,
      !graph.outputs.contains(current)
    else { return false }
    let zero = value.type.element == .i8 ? value.type.quantization?.zeroPoint ?? 0 : 0
    let byte = UInt8(truncatingIfNeeded: zero)
    return initial.bytes.allSatisfy { $0 == byte }
  }
}

extension TFLiteTable {
  fileprivate func set(_ quantization: Quantization) {
    let table = child("quantization")
    table.set("scale", .reals(quantization.scales))
    table.set("zero_point", .integers(quantization.zeroPoints))
    if let axis = quantization.axis { table.set("quantized_dimension", .integer(axis)) }
  }
}

extension TFLiteField {
  /// A subgraph as its number, everything else as it is.
  fileprivate func numbered(_ subgraph: (Subgraph) throws -> Int) rethrows -> TFLiteField {
    guard case .subgraph(let graph) = self else { return self }
    return .integer(try subgraph(graph))
  }
}

extension String {
  fileprivate static let elidedHelp = "read the model from a file that holds its constants"
}

extension Diagnostic.Message {
  fileprivate static func elided(_ name: String) -> Self {
    Self(
      id: "elided-constant", .unsupported,
      "the elements of `\(name)` are not known, and cannot be written")
  }

  fileprivate static func noVariable(_ name: String, _ kind: String) -> Self {
    Self(
      id: "tflite-no-counterpart", .unsupported,
      "`\(name)` is no state of the model that begins with zeros, which `\(kind)` keeps in TFLite")
  }
}
