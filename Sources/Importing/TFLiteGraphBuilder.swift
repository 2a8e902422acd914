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
  /// Whether the results have the shapes that follow from the operands, whatever the file gives.
  var infersShapes = false
  /// The variable tensors whose next values are the results behind those of the file, in order.
  var updates: [Int] = []
}

/// Takes an operator of the file into the graph in a way of its own.
typealias TFLiteStatement =
  @Sendable (TFLiteImporter, TFLiteNode, SourceOperator, inout TFLiteGraphBuilder) throws -> Void

/// Makes an operator of ours from one of the file, or throws a `Diagnostic` that says what it cannot take.
typealias TFLiteConverter = @Sendable (TFLiteNode) throws -> TFLiteConversion

/// The graph under construction, with its values by tensor index of one subgraph.
struct TFLiteGraphBuilder {
  let tensors: TFLiteTensors
  var graph: Graph
  /// Whether the user gave extents, so that the shapes in the file no longer hold.
  let shapesAreBound: Bool
  /// The subgraph whose tensors these are, behind those by which it was reached.
  let path: [Int]
  /// Resource variables, which all subgraphs share.
  var variables = TFLiteVariables()
  /// How many operators of subgraphs were converted, each time they are used.
  var operatorCount = 0
  /// The names of variables, by the tensors that are their handles.
  var handles: [Int: String] = [:]
  /// Whether the subgraph is called and its nodes stand among those of the caller.
  var isInlined = false
  /// How many branches and loops the subgraph stands in.
  var nesting = 0
  private var values: [Int: ValueID] = [:]
  /// What computed values and known inputs will hold, as far as it can be told.
  private var statics: [ValueID: Tensor] = [:]
  private var inputsAreKnown = false
  /// Tensors whose operator could not be converted.
  private var unknown: Set<Int> = []

  init(tensors: TFLiteTensors, graph: Graph, path: [Int], shapesAreBound: Bool) {
    self.tensors = tensors
    self.graph = graph
    self.path = path
    self.shapesAreBound = shapesAreBound
  }

  /// Adds the model's inputs, of which `known` says what they will hold, and checks that every shape the user gave is for
  /// one of them.
  mutating func addInputs(_ indices: [Int], known: KnownInputs? = nil) throws {
    let names = Set(indices.map(tensors.name))
    if let name = tensors.shapes.keys.sorted().first(where: { !names.contains($0) }) {
      throw Diagnostic(
        .noInputToShape(name),
        help: "the inputs are \(names.sorted().map { "`\($0)`" }.joined(separator: ", "))")
    }
    for index in indices {
      guard values[index] == nil else { throw Diagnostic(.definedTwice(tensors.name(index))) }
      let type = try tensors.type(index)
      let id = graph.addInput(tensors.name(index), type, sourceIndex: sourceIndex(index))
      values[index] = id
      if let known { statics[id] = try known.tensor(for: tensors.name(index), type) }
      inputsAreKnown = known != nil
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
    let declared = try declaredTypes(conversion, operands, results + conversion.updates)
    var ids = try graph.insert(
      conversion.op, operands, results: conversion.isReshaped ? nil : declared,
      from: isInlined ? [] : [source])
    try noteStatics(conversion.op, operands, ids)
    // Without a source of its own: each operator of the file stands in one node only.
    if conversion.isReshaped, let type = declared.first {
      ids = try graph.insert(Reshape(shape: type.shape.extents), ids, results: [type])
    }
    for (index, id) in zip(results, ids) { define(index, as: id) }
    for (index, id) in zip(conversion.updates, ids.dropFirst(results.count)) {
      try update(variable: index, to: id)
    }
  }

  /// Lets a tensor be a value that carries its name from now on.
  private mutating func define(_ index: Int, as id: ValueID) {
    graph.rename(id, tensors.name(index), sourceIndex: sourceIndex(index))
    values[index] = id
  }

  /// The index by which the tensor is known in the file; nil in subgraphs, which count their own.
  func sourceIndex(_ index: Int) -> Int? { path.count == 1 ? index : nil }

  /// Whether the file says that a tensor has no elements, and nothing can give it some.
  func isEmpty(_ index: Int) -> Bool {
    !shapesAreBound && !tensors.hasOpenExtents(index) && tensors.extents(index).contains(0)
  }

  /// Notes that an operator was converted.
  ///
  /// - Throws: a `Diagnostic` if those of subgraphs are so many that a small file must have multiplied them.
  mutating func countOperator() throws {
    if path.count > 1 { operatorCount += 1 }
    guard operatorCount <= 1 << 16 else { throw Diagnostic(.tooManyOperators) }
  }

  /// Lets a tensor be a value that has a name already.
  ///
  /// - Throws: a `Diagnostic` if the value is not of the tensor's type.
  mutating func alias(_ index: Int, to id: ValueID) throws {
    guard values[index] == nil else { throw Diagnostic(.definedTwice(tensors.name(index))) }
    let (declared, found) = (try tensors.type(index), graph.values[id].type)
    guard declared.matches(found) else {
      throw Diagnostic(.aliasType(tensors.name(index), declared, found))
    }
    values[index] = id
  }

  /// Notes that results are missing, so that those who read them are not blamed for it.
  mutating func markUnknown(_ results: [Int]) { unknown.formUnion(results) }

  /// Whether an operand is missing because of a problem that was reported already.
  func dependsOnUnknown(_ operands: [Int]) -> Bool { !unknown.isDisjoint(with: operands) }

  /// The value of a tensor, which is an input, a constant, a variable, or already computed.
  mutating func value(_ index: Int) throws -> ValueID {
    if let value = values[index] { return value }
    let type = try tensors.type(index)
    if tensors.isVariable(index) {
      let value = graph.addState(
        tensors.name(index), type, initial: try .zeros(of: type), sourceIndex: sourceIndex(index))
      values[index] = value
      variables.tensors[index] = value
      return value
    }
    // What has no elements has no buffer either.
    let nothing = type.elementCount == 0 ? TensorData(byteCount: 0) { _ in } : nil
    guard let data = try tensors.data(index, type) ?? nothing else {
      throw Diagnostic(
        .notComputed(tensors.name(index)),
        help: "operators must stand after those whose results they read, and form no cycle")
    }
    let constant = Self.unpacked(Tensor(type, data))
    let value = graph.addConstant(
      tensors.name(index), constant.type, constant.data, sourceIndex: sourceIndex(index))
    values[index] = value
    return value
  }

  /// The shapes of those of the tensors that have a value already.
  func shapes(of indices: [Int]) -> [Int: Shape] {
    indices.reduce(into: [:]) { $0[$1] = values[$1].map { graph.values[$0].type.shape } }
  }

  /// What those of the tensors will hold that can be told before the model is executed.
  func statics(of indices: [Int]) -> [Int: Tensor] {
    indices.reduce(into: [:]) { found, index in
      found[index] = values[index].flatMap(staticTensor)
    }
  }

  private func staticTensor(of id: ValueID) -> Tensor? {
    statics[id] ?? graph.constantData(id).map { Tensor(graph.values[id].type, $0) }
  }

  /// Notes what the results of a node will hold, if they depend on nothing but constants, shapes, and inputs that are
  /// known.
  private mutating func noteStatics(_ op: any Operator, _ operands: [ValueID], _ results: [ValueID])
    throws
  {
    // Of these the operand's shape is enough.
    let readsShapesOnly = op is ShapeOf || op is RankOf || op is ZerosLike
    let types = graph.types(of: operands + results)
    // Whatever decides about shapes is small; weights that are converted are not.
    guard inputsAreKnown || types.allSatisfy({ readsShapesOnly || $0.elementCount <= 1 << 12 })
    else { return }
    let tensors = try operands.compactMap { operand in
      readsShapesOnly
        ? Tensor(graph.values[operand].type, try .zeros(of: graph.values[operand].type))
        : staticTensor(of: operand)
    }
    guard tensors.count == operands.count else { return }
    let found = try op.evaluate(tensors, results: graph.types(of: results))
    for (id, tensor) in zip(results, found) { statics[id] = tensor }
  }

  /// Integers of 4 bits as bytes, once and for all: no kernel has others.
  private static func unpacked(_ tensor: Tensor) -> Tensor {
    guard tensor.type.element == .i4 else { return tensor }
    let type = TensorType(.i8, tensor.type.shape, tensor.type.quantization)
    return Tensor(type, numbers: tensor.storedNumbers)
  }

  /// Goes on where a called subgraph has ended.
  mutating func resume(after callee: inout TFLiteGraphBuilder) {
    graph = callee.graph
    callee.graph = Graph(name: "")
    operatorCount = callee.operatorCount
    variables.resources = callee.variables.resources
  }

  /// Lets a tensor be a result of a called subgraph, and carry the tensor's name if it can.
  mutating func take(_ index: Int, from id: ValueID) throws {
    let isFresh = graph.producer(of: id) != nil && !values.values.contains(id)
    try alias(index, to: id)
    if isFresh { define(index, as: id) }
  }

  /// Gives a variable tensor the value that is read from now on, and by the next run.
  private mutating func update(variable index: Int, to value: ValueID) throws {
    guard let state = variables.tensors[index] else {
      throw Diagnostic(.notVariable(tensors.name(index)))
    }
    graph.setNext(of: state, to: value)
    values[index] = value
  }

  /// The types in the file; where the user changed extents, or the file leaves them open, with those of the operands.
  private func declaredTypes(
    _ conversion: TFLiteConversion, _ operands: [ValueID], _ results: [Int]
  ) throws -> [TensorType] {
    let declared = try results.map { try tensors.type($0) }
    // Extents that are open until the model is executed stand in the file as 1.
    let isInferred = results.map {
      conversion.infersShapes || shapesAreBound || tensors.hasOpenExtents($0)
    }
    guard isInferred.contains(true), !conversion.isReshaped else { return declared }
    let inferred = try conversion.op.resultTypes(graph.types(of: operands))
    // Of different counts none would be the other's; the graph refuses them.
    guard inferred.count == declared.count else { return declared }
    // Quantization stays that of the file: operators infer little more than shapes.
    return zip(zip(inferred, isInferred), declared).map { inferred, declared in
      inferred.1 ? declared.with(shape: inferred.0.shape) : declared
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func noInputToShape(_ name: String) -> Self {
    Self(id: "no-such-input", .usage, "there is no input `\(name)` to give a shape")
  }

  fileprivate static func aliasType(
    _ name: String, _ declared: TensorType, _ found: TensorType
  ) -> Self {
    Self(
      id: "variable-type", .unsupported,
      "tensor `\(name)` is \(declared.element.rawValue)\(declared.shape), what it stands for "
        + "\(found.element.rawValue)\(found.shape)")
  }

  fileprivate static func notVariable(_ name: String) -> Self {
    Self(
      id: "not-variable", .malformed,
      "tensor `\(name)` holds a state, and is not marked as a variable")
  }

  fileprivate static var tooManyOperators: Self {
    Self(
      id: "too-many-operators", .unsupported,
      "subgraphs call each other so often that there are more than 2^16 operators")
  }

  fileprivate static func definedTwice(_ name: String) -> Self {
    Self(id: "tensor-defined-twice", .malformed, "tensor `\(name)` is computed twice")
  }

  fileprivate static func notComputed(_ name: String) -> Self {
    Self(
      id: "tensor-not-computed", .malformed,
      "tensor `\(name)` is read, but is neither constant nor computed before")
  }
}
