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
  let subgraph: tflite_table
  private let model: tflite_table
  private let options: Model.Options
  let tensors: TFLiteTensors

  /// Converters by the operator's name in the schema; one table per family of operators.
  static let converters: [String: TFLiteConverter] = [
    convolutions, pooling, unary, binary, reductions, normalizations, conversions, layout,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  init(_ file: FileBytes, _ options: Model.Options = Model.Options()) throws {
    self.file = file
    self.options = options
    model = try Self.verifiedModel(file.bytes)
    guard tflite_count(model, "subgraphs") > 0 else { throw Diagnostic(.noSubgraph) }
    subgraph = tflite_element(model, "subgraphs", 0)
    tensors = TFLiteTensors(file: file, model: model, subgraph: subgraph, shapes: options.shapes)
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
      tensors: tensors, graph: Graph(name: Self.identifier(name)),
      shapesAreBound: !options.shapes.isEmpty)
    try builder.addInputs(tensors.indices(of: subgraph, "inputs", "the graph's inputs"))
    var problems: [Diagnostic] = []
    for index in 0..<tflite_count(subgraph, "operators") {
      do {
        try convert(index, into: &builder, hasProblems: !problems.isEmpty)
      } catch let problem as Diagnostic {
        problems.append(
          problem.located(in: Diagnostic.Place(spot: "operator \(index) (\(kind(of: index)))")))
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    try builder.setOutputs(tensors.indices(of: subgraph, "outputs", "the graph's outputs"))
    return builder.graph
  }

  /// The subgraph's name; usually empty, or `main`.
  private var name: String { string(subgraph, "name") ?? "" }

  /// The operator's name in the schema; of a custom operator its own.
  func kind(of index: Int) -> String {
    let code = Int(tflite_int(tflite_element(subgraph, "operators", index), "opcode_index"))
    guard code < tflite_count(model, "operator_codes") else { return "unknown" }
    let entry = tflite_element(model, "operator_codes", code)
    let number = tflite_operator_code(entry)
    guard let name = tflite_operator_name(number).map({ String(cString: $0) }) else {
      return "operator code \(number)"
    }
    return name == "CUSTOM" ? string(entry, "custom_code") ?? name : name
  }

  private func convert(
    _ index: Int, into builder: inout TFLiteGraphBuilder, hasProblems: Bool
  ) throws {
    let kind = kind(of: index)
    let table = tflite_element(subgraph, "operators", index)
    let operands = try tensors.indices(of: table, "inputs", "its inputs", allowsAbsent: true)
    let results = try tensors.indices(of: table, "outputs", "its outputs")
    guard let converter = Self.converters[kind] else {
      // What reads these results cannot be converted either, and is not reported for it.
      builder.markUnknown(results)
      throw Diagnostic(
        .unsupportedOperator(kind), help: "`dovetail inspect` shows what else the model uses")
    }
    // After a first problem, operands may be missing through no fault of this operator.
    if hasProblems, builder.dependsOnUnknown(operands) { return builder.markUnknown(results) }
    let node = TFLiteNode(
      kind: kind, options: tflite_child(table, "builtin_options"), operands: operands,
      results: results, builder: builder)
    do {
      let conversion = try converter(node)
      try builder.insert(conversion, results, SourceOperator(index: index, kind: kind))
    } catch {
      builder.markUnknown(results)
      throw error
    }
  }

  /// A name for the text form: other characters become underscores, an unusable one `main`.
  private static func identifier(_ name: String) -> String {
    let cleaned = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.prefix(40))
    return cleaned.isEmpty || cleaned.first!.isNumber ? "main" : cleaned
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

  fileprivate static func unsupportedOperator(_ kind: String) -> Self {
    Self(id: "unsupported-operator", .unsupported, "operator `\(kind)` is not supported")
  }
}
