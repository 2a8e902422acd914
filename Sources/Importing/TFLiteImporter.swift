import GraphIR
import Operators
import Support
import TFLiteSchema
import Tensors

/// Makes a graph from a TFLite file: bytes, a verified view of them, a table of converters, a graph.
///
/// Nothing in the file is trusted: the FlatBuffers verifier runs first, and every index, shape and size
/// that it does not understand is checked here.
struct TFLiteImporter {
  let file: FileBytes
  let model: tflite_table
  private let options: Model.Options

  /// Converters by the operator's name in the schema; one table per family of operators.
  static let converters: [String: TFLiteConverter] = [
    convolutions, pooling, unary, binary, reductions, normalizations, conversions, layout, logic,
    arithmetic, sequences, indexing, blocks, recurrent, custom,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  /// Operators that become no node of their own kind: they work on variables, or on other subgraphs.
  static let statements: [String: TFLiteStatement] = variables.merging(control) { first, _ in first
  }

  init(_ file: FileBytes, _ options: Model.Options = Model.Options()) throws {
    self.file = file
    self.options = options
    model = try Self.verifiedModel(file.bytes)
    guard tflite_count(model, "subgraphs") > 0 else { throw Diagnostic(.noSubgraph) }
  }

  private static func verifiedModel(_ bytes: UnsafeRawBufferPointer) throws -> tflite_table {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      throw Diagnostic(.tooShort(0), help: notAModel)
    }
    let found = tflite_verify(start, bytes.count)
    let place = withUnsafeBytes(of: found.place) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    switch found.status {
    case .ok: return tflite_model(start)
    case .too_short: throw Diagnostic(.tooShort(bytes.count), help: notAModel)
    case .wrong_identifier: throw Diagnostic(.wrongIdentifier(place), help: notAModel)
    case .malformed:
      throw Diagnostic(
        .brokenFile, at: place.isEmpty ? "the root table" : place,
        help: "the file is truncated or damaged: export or fetch it again")
    }
  }

  private static let notAModel = "a TFLite model has `TFL3` in its bytes 4 to 7"

  /// The primary subgraph as a graph.
  ///
  /// - Throws: `Diagnostics` for all operators that cannot be converted.
  func graph() throws -> Graph {
    var builder = TFLiteGraphBuilder(
      tensors: try tensors(of: 0), graph: Graph(name: try name(of: 0)), path: [0],
      shapesAreBound: !options.shapes.isEmpty || options.known != nil)
    try build(&builder)
    try builder.settleVariables()
    return builder.graph
  }

  /// Converts a whole subgraph into a graph of its own.
  func build(_ builder: inout TFLiteGraphBuilder) throws {
    let subgraph = builder.tensors.subgraph
    try locating(in: Diagnostic.Place(spot: "\(within(builder))inputs")) {
      try builder.addInputs(
        builder.tensors.indices(of: subgraph, "inputs", "the graph's inputs"),
        known: builder.path.count == 1 ? options.known : nil)
    }
    try convertOperators(into: &builder)
    try locating(in: Diagnostic.Place(spot: "\(within(builder))outputs")) {
      try builder.setOutputs(
        builder.tensors.indices(of: subgraph, "outputs", "the graph's outputs"))
    }
  }

  /// Converts all operators of the builder's subgraph.
  ///
  /// - Throws: `Diagnostics` for all operators that cannot be converted.
  func convertOperators(into builder: inout TFLiteGraphBuilder) throws {
    let subgraph = builder.tensors.subgraph
    var problems: [Diagnostic] = []
    for index in 0..<tflite_count(subgraph, "operators") {
      let spot = "\(within(builder))operator \(index) (\(kind(of: index, in: subgraph)))"
      do {
        try locating(in: Diagnostic.Place(spot: spot)) {
          try convert(index, into: &builder, hasProblems: !problems.isEmpty)
        }
      } catch let problem as Diagnostic {
        problems.append(problem)
      } catch let found as Diagnostics {
        problems += found.all
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
  }

  /// What stands in front of a spot in another than the primary subgraph.
  private func within(_ builder: TFLiteGraphBuilder) -> String {
    builder.path.count > 1 ? builder.path.last.map { "subgraph \($0), " } ?? "" : ""
  }

  /// The tensors of a subgraph.
  ///
  /// - Throws: a `Diagnostic` if there is no such subgraph.
  func tensors(of subgraph: Int) throws -> TFLiteTensors {
    TFLiteTensors(
      file: file, model: model, subgraph: try table(of: subgraph),
      shapes: subgraph == 0 ? options.shapes : [:])
  }

  /// The name of the primary subgraph as the file has it; nil where it has none.
  var sourceName: String? { get throws { string(try table(of: 0), "name") } }

  /// A subgraph's name as an identifier; in the file it is usually empty, or `main`.
  func name(of subgraph: Int) throws -> String {
    .graphIdentifier(string(try table(of: subgraph), "name") ?? "")
  }

  private func table(of subgraph: Int) throws -> tflite_table {
    let count = tflite_count(model, "subgraphs")
    guard (0..<count).contains(subgraph) else {
      throw Diagnostic(.subgraphOutOfRange(subgraph, count))
    }
    return tflite_element(model, "subgraphs", subgraph)
  }

  /// The operator's name in the schema; of a custom operator its own.
  func kind(of index: Int, in subgraph: tflite_table) -> String {
    let code = Int(tflite_int(tflite_element(subgraph, "operators", index), "opcode_index"))
    guard code < tflite_count(model, "operator_codes") else { return "unknown" }
    let entry = tflite_element(model, "operator_codes", code)
    let number = tflite_operator_code(entry)
    guard let name = tflite_operator_name(number).map({ String(cString: $0) }) else {
      return "operator code \(number)"
    }
    return name == "CUSTOM" ? string(entry, "custom_code") ?? name : name
  }

  /// Whether operators of a kind can be converted, whatever their element types.
  static func supports(_ kind: String) -> Bool {
    converters[kind] != nil || statements[kind] != nil
  }

  private func convert(
    _ index: Int, into builder: inout TFLiteGraphBuilder, hasProblems: Bool
  ) throws {
    let kind = kind(of: index, in: builder.tensors.subgraph)
    let table = tflite_element(builder.tensors.subgraph, "operators", index)
    let operands = try builder.tensors.indices(
      of: table, "inputs", "its inputs", allowsAbsent: true)
    let results = try builder.tensors.indices(of: table, "outputs", "its outputs")
    // After a first problem, operands may be missing through no fault of this operator.
    if Self.supports(kind), hasProblems, builder.dependsOnUnknown(operands) {
      return builder.markUnknown(results)
    }
    let options = tflite_child(table, "builtin_options")
    let node = TFLiteNode(
      kind: kind, options: options.data == nil ? tflite_child(table, "builtin_options_2") : options,
      customOptions: customOptions(of: table), operands: operands, results: results,
      intermediates: try builder.tensors.indices(
        of: table, "intermediates", "its intermediates", allowsAbsent: true),
      tensors: builder.tensors, shapes: builder.shapes(of: operands),
      empty: Set(operands.filter { $0 >= 0 && builder.isEmpty($0) }))
    do {
      try builder.countOperator()
      try convert(node, SourceOperator(index: index, kind: kind), into: &builder)
    } catch {
      // What reads these results cannot be converted either, and is not reported for it.
      builder.markUnknown(results)
      throw error
    }
  }

  private func convert(
    _ node: TFLiteNode, _ source: SourceOperator, into builder: inout TFLiteGraphBuilder
  ) throws {
    if let statement = Self.statements[node.kind] {
      return try statement(self, node, source, &builder)
    }
    guard let converter = Self.converters[node.kind] else {
      throw Diagnostic(
        .unsupportedOperator(node.kind), help: "`dovetail inspect` shows what else the model uses")
    }
    // What has no elements needs no computing: such lists are the shapes of scalars, and constants hold them.
    guard node.results.isEmpty || !node.results.allSatisfy(builder.isEmpty) else {
      return builder.graph.absorb(builder.isInlined ? [] : [source], into: nil)
    }
    try builder.insert(try conversion(of: node, by: converter, &builder), node.results, source)
  }

  /// Tries again with what operands will hold, where that can be told: it may decide about a shape.
  private func conversion(
    of node: TFLiteNode, by converter: TFLiteConverter, _ builder: inout TFLiteGraphBuilder
  ) throws -> TFLiteConversion {
    do {
      return try converter(node)
    } catch {
      var informed = node
      informed.statics = builder.statics(of: node.operands)
      guard !informed.statics.isEmpty else { throw error }
      return try converter(informed)
    }
  }

  /// The options of a custom operator; of others there are none.
  private func customOptions(of table: tflite_table) -> [UInt8] {
    guard let start = file.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return [] }
    var count = 0
    let options = tflite_custom_options(start, table, &count)
    return Array(UnsafeBufferPointer(start: options, count: options == nil ? 0 : count))
  }
}

/// A string field as text; bytes that are no UTF-8 become U+FFFD.
func string(_ table: tflite_table, _ field: String) -> String? {
  var count = 0
  guard let start = tflite_string(table, field, &count) else { return nil }
  return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}

extension Diagnostic.Message {
  fileprivate static func tooShort(_ count: Int) -> Self {
    Self(id: "not-tflite", .malformed, "has \(count) bytes, too few for a TFLite model")
  }

  fileprivate static func wrongIdentifier(_ found: String) -> Self {
    Self(id: "not-tflite", .malformed, "is no TFLite model: its identifier is `\(found)`")
  }

  fileprivate static var brokenFile: Self {
    Self(id: "broken-tflite", .malformed, "the FlatBuffers verifier refuses the file here")
  }

  fileprivate static var noSubgraph: Self {
    Self(id: "no-subgraph", .malformed, "the model has no subgraph")
  }

  fileprivate static func subgraphOutOfRange(_ index: Int, _ count: Int) -> Self {
    Self(
      id: "subgraph-out-of-range", .malformed,
      "subgraph \(index) does not exist: there are \(count)")
  }

  fileprivate static func unsupportedOperator(_ kind: String) -> Self {
    Self(id: "unsupported-operator", .unsupported, "operator `\(kind)` is not supported")
  }
}
