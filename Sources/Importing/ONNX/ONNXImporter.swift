import Foundation
import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

/// Inserts what an operator of the file means, and gives its results in order; trailing optional ones may be left out.
typealias ONNXConverter =
  @Sendable (ONNXNode, inout ONNXGraphBuilder) throws -> [ONNXValue]

/// Makes a graph from an ONNX file: messages, a table of converters, a graph.
///
/// Shapes are inferred on the way: every node that is inserted has them, and what is constant is computed at once, so
/// chains of operators that only compute shapes leave nothing behind.
struct ONNXImporter {
  private(set) var model: ONNXModelProto
  let tensors: ONNXTensors
  let options: Model.Options
  /// Model-local functions, by domain and name.
  private let functions: [String: ONNXFunctionProto]

  /// Converters by the operator's name, of other domains than the standard's `domain:name`; one table per family.
  static let converters: [String: ONNXConverter] = [
    constants, elementwise, activations, conversions, reductions, places, losses, signals, matrices,
    indexing, layout, selection, sequences, control, products, quantization, recurrent,
    convolutions,
    grids, normalizations, pooling, resizing, attention, contributed,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  /// - Parameter path: of the file, beside which external data lies.
  init(_ file: FileBytes, path: String, _ options: Model.Options = Model.Options()) throws {
    let message = try file.onnxMessage(ONNXModelProto.self)
    guard message.hasGraph else {
      throw Diagnostic(.noGraph, help: "an ONNX model has a graph and the version of its operators")
    }
    model = message
    self.options = options
    tensors = ONNXTensors(
      folder: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      budget: ONNXBudget(given: file.bytes.count, isRun: options.known != nil))
    functions = message.functions.reduce(into: [:]) { all, function in
      all[Self.key(function.domain, function.name)] = function
    }
  }

  /// The graph's name as the file has it; it may be empty.
  var sourceName: String { model.graph.name }

  /// The model's graph. Messages of constants are given up on the way: weights would else be in memory twice.
  ///
  /// - Throws: `Diagnostics` for all operators that cannot be converted.
  consuming func graph() throws -> Graph {
    var builder = ONNXGraphBuilder(
      Graph(name: .graphIdentifier(model.graph.name)), tensors.budget)
    let context = ONNXContext(versions: try versions(model.opsetImport))
    try locating(in: Diagnostic.Place(spot: "inputs")) {
      try addInputs(to: &builder)
    }
    var initializers = model.graph.initializer
    model.graph.initializer = []
    for position in initializers.indices {
      try addInitializer(initializers[position], to: &builder)
      initializers[position] = ONNXTensorProto()
    }
    try addInitializers(of: model.graph, to: &builder)
    try convertNodes(model.graph.node, context, into: &builder)
    try locating(in: Diagnostic.Place(spot: "outputs")) {
      try setOutputs(of: &builder)
    }
    try builder.foldFactors()
    return builder.graph
  }

  /// The versions of operators, by domain.
  private func versions(_ imports: [ONNXOperatorSetIdProto]) throws -> [String: Int] {
    let versions = imports.reduce(into: [:]) { $0[Self.domain($1.domain)] = Int($1.version) }
    guard let standard = versions[""] else { return versions.merging(["": 1]) { $1 } }
    guard standard >= 1 else { throw Diagnostic(.opset(standard)) }
    return versions
  }

  /// The domain, by one name: the standard's own has two.
  static func domain(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

  /// The name by which tables know an operator.
  static func key(_ domain: String, _ name: String) -> String {
    let domain = Self.domain(domain)
    return domain.isEmpty ? name : "\(domain):\(name)"
  }

  /// Whether operators of a kind can be converted, whatever their element types.
  func supports(_ node: ONNXNodeProto) -> Bool {
    let key = Self.key(node.domain, node.opType)
    return functions[key] != nil || Self.converters[key] != nil
  }

  /// Adds constants; those that are spread out in the file are gathered.
  func addInitializers(of graph: ONNXGraphProto, to builder: inout ONNXGraphBuilder) throws {
    for message in graph.initializer { try addInitializer(message, to: &builder) }
    for message in graph.sparseInitializer {
      let tensor = try tensors.dense(message)
      try builder.define(message.values.name, as: .tensor(builder.constant(tensor)))
    }
  }
}

extension ONNXImporter {
  private func addInitializer(
    _ message: ONNXTensorProto, to builder: inout ONNXGraphBuilder
  ) throws {
    let tensor = try tensors.tensor(message)
    try builder.define(message.name, as: .tensor(builder.constant(tensor)))
  }
}

extension ONNXImporter {
  /// Converts nodes in the order of the file.
  ///
  /// - Throws: `Diagnostics` for all that cannot be converted.
  func convertNodes(
    _ nodes: [ONNXNodeProto], _ context: ONNXContext, into builder: inout ONNXGraphBuilder
  ) throws {
    var problems: [Diagnostic] = []
    for (index, node) in nodes.enumerated() {
      // After a first problem, operands may be missing through no fault of this operator.
      if supports(node), !problems.isEmpty, builder.dependsOnUnknown(node.input) {
        builder.markUnknown(node.output)
        continue
      }
      do {
        try locating(in: Diagnostic.Place(spot: spot(of: node, index))) {
          try convert(node, index, context, into: &builder)
        }
      } catch {
        // What reads these results cannot be converted either, and is not reported for it.
        builder.markUnknown(node.output)
        let found = Diagnostics(of: error).all
        guard !found.isEmpty else { throw error }
        problems += found
        // Functions that call others twice could multiply one problem without end.
        guard problems.count < Self.maximumProblems else { break }
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
  }

  /// Nobody reads more.
  private static let maximumProblems = 100

  private func spot(of node: ONNXNodeProto, _ index: Int) -> String {
    let name = node.name.isEmpty ? "" : " `\(node.name)`"
    return "node \(index)\(name) (\(Self.key(node.domain, node.opType)))"
  }

  private func convert(
    _ node: ONNXNodeProto, _ index: Int, _ context: ONNXContext,
    into builder: inout ONNXGraphBuilder
  ) throws {
    try builder.budget.countNode()
    let key = Self.key(node.domain, node.opType)
    let source = context.source ?? SourceOperator(index: index, kind: key)
    let first = builder.graph.nodes.count
    let operands = try node.input.map { try $0.isEmpty ? nil : builder.value($0) }
    let attributes = try attributes(of: node, context)
    let results: [ONNXValue]
    if let function = functions[key] {
      results = try inline(function, operands, attributes, context.within(source), &builder)
    } else {
      guard let converter = Self.converters[key] else {
        throw Diagnostic(
          .unsupportedOperator(key), help: "`dovetail inspect` shows what else the model uses")
      }
      let resolved = ONNXNode(
        kind: node.opType, version: context.versions[Self.domain(node.domain)] ?? 1,
        resultNames: node.output, operands: operands, attributes: attributes, tensors: tensors,
        importer: self, context: context.within(source))
      results = try converter(resolved, &builder)
    }
    try define(node.output, as: results, &builder)
    if context.source == nil { builder.attribute(source, toNodesFrom: first) }
  }

  private func define(
    _ names: [String], as results: [ONNXValue], _ builder: inout ONNXGraphBuilder
  ) throws {
    for (position, name) in names.enumerated() where !name.isEmpty {
      guard position < results.count else { throw Diagnostic(.noResult(name, position)) }
      try builder.define(name, as: results[position])
    }
  }

  private func attributes(of node: ONNXNodeProto, _ context: ONNXContext) throws
    -> [String: ONNXAttributeProto]
  {
    var attributes: [String: ONNXAttributeProto] = [:]
    for attribute in node.attribute {
      guard attribute.refAttrName.isEmpty else {
        attributes[attribute.name] = context.attributes[attribute.refAttrName]
        continue
      }
      attributes[attribute.name] = attribute
    }
    return attributes
  }

  /// The body of a function in place of its call.
  private func inline(
    _ function: ONNXFunctionProto, _ operands: [ONNXValue?],
    _ attributes: [String: ONNXAttributeProto], _ context: ONNXContext,
    _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    try context.checkDepth()
    let standards = function.attributeProto.map { ($0.name, $0) }
    let body = ONNXContext(
      versions: try versions(function.opsetImport),
      attributes: attributes.merging(standards) { given, _ in given }, source: context.source,
      depth: context.depth)
    return try builder.withScope(hidesOuter: true) { builder in
      for (name, operand) in zip(function.input, operands) {
        if let operand { try builder.define(name, as: operand) }
      }
      try convertNodes(function.node, body, into: &builder)
      return try function.output.map { try builder.value($0) }
    }
  }
}

extension ONNXGraphBuilder {
  /// Notes which node does the work of an operator of the file: of several, that with the most of it.
  mutating func attribute(_ source: SourceOperator, toNodesFrom first: Int) {
    let added = graph.order.reversed().prefix { $0.index >= first }
    let most = added.max { weight(of: $0) < weight(of: $1) }
    graph.absorb([source], into: most)
  }

  private func weight(of node: NodeID) -> (Int, Int) {
    let work = graph.work(of: node)
    return (work.macs, work.elementOperations)
  }
}

extension FileBytes {
  /// The message that the file holds.
  ///
  /// - Throws: a `Diagnostic` if it holds none of this kind.
  func onnxMessage<Message: ONNXMessage>(_ type: Message.Type) throws -> Message {
    guard let message = ONNXMessages.decode(type, bytes) else {
      throw Diagnostic(
        .notMessages, help: "the file is truncated, damaged, or no ONNX file: fetch it again")
    }
    return message
  }
}

extension Diagnostic.Message {
  fileprivate static var notMessages: Self {
    Self(id: "not-onnx", .malformed, "cannot be decoded as an ONNX file")
  }

  fileprivate static var noGraph: Self {
    Self(id: "not-onnx", .malformed, "holds no graph")
  }

  fileprivate static func opset(_ version: Int) -> Self {
    Self(id: "onnx-opset", .malformed, "asks for version \(version) of the standard's operators")
  }

  fileprivate static func noResult(_ name: String, _ position: Int) -> Self {
    Self(
      id: "onnx-result", .malformed,
      "`\(name)` would be result \(position), which the operator does not have")
  }

  fileprivate static func unsupportedOperator(_ kind: String) -> Self {
    Self(id: "unsupported-operator", .unsupported, "operator `\(kind)` is not supported")
  }
}
