import GraphIR
import Operators
import Support
import TFLiteSchema
import Tensors

/// What is in a model file, as far as it can be told without computing it: also of files with operators that are
/// not supported.
public struct ModelOutline: Sendable {
  /// An input or output of the model.
  public struct Port: Sendable {
    /// The tensor's name in the file.
    public let name: String
    /// Shape, element type and quantization, as the file gives them.
    public let type: TensorType
  }

  /// In the model's order; those whose type is not supported are left out.
  public let inputs: [Port]
  /// As `inputs`.
  public let outputs: [Port]
  /// The name of each operator in the model's format, in the file's order.
  public let operators: [String]
  /// The bytes of all constants.
  public let constantBytes: Int
  /// Operators that no converter takes; sorted, each once.
  public let unsupported: [String]

  /// - Throws: a `Diagnostic` if the file cannot be read as what its name says.
  public init(_ path: String, _ options: Model.Options = Model.Options()) throws {
    let ending = path.split(separator: ".").last?.lowercased()
    guard let ending, ["tflite", "onnx"].contains(ending) else {
      self.init(try Model(path, options).graph)
      return
    }
    let file = try FileBytes(mapping: path)
    self = try locating(in: Diagnostic.Place(file: path)) {
      try ending == "onnx"
        ? ONNXImporter(file, path: path, options).outline() : TFLiteImporter(file).outline()
    }
  }

  /// The outline of a graph: operators by their names in the text form.
  public init(_ graph: Graph) {
    inputs = graph.inputs.map { Port(name: graph.values[$0].name, type: graph.values[$0].type) }
    outputs = graph.outputs.map { Port(name: graph.values[$0].name, type: graph.values[$0].type) }
    operators = graph.order.map { graph.nodes[$0].sources.first?.kind ?? graph.nodes[$0].kind }
    constantBytes = graph.usedConstants.reduce(0) { $0 + graph.values[$1].type.byteCount }
    unsupported = []
  }

  init(
    inputs: [Port], outputs: [Port], operators: [String], constantBytes: Int, unsupported: [String]
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.operators = operators
    self.constantBytes = constantBytes
    self.unsupported = unsupported
  }
}

extension TFLiteImporter {
  /// What the file holds; operators are only named.
  func outline() throws -> ModelOutline {
    let tensors = try tensors(of: 0)
    let everywhere = (0..<tflite_count(model, "subgraphs")).flatMap {
      kinds(in: tflite_element(model, "subgraphs", $0))
    }
    return ModelOutline(
      inputs: try ports("inputs", tensors), outputs: try ports("outputs", tensors),
      operators: kinds(in: tensors.subgraph), constantBytes: constantBytes,
      unsupported: Set(everywhere).filter { !Self.supports($0) }.sorted())
  }

  private func kinds(in subgraph: tflite_table) -> [String] {
    (0..<tflite_count(subgraph, "operators")).map { kind(of: $0, in: subgraph) }
  }

  private func ports(_ field: String, _ tensors: TFLiteTensors) throws -> [ModelOutline.Port] {
    try tensors.indices(of: tensors.subgraph, field, "the graph's \(field)").compactMap { index in
      guard let type = try? tensors.type(index) else { return nil }
      return ModelOutline.Port(name: tensors.name(index), type: type)
    }
  }

  private var constantBytes: Int {
    guard let start = file.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
    return (0..<tflite_count(model, "buffers")).reduce(0) { total, index in
      var count = 0
      _ = tflite_buffer_bytes(start, tflite_element(model, "buffers", index), &count)
      return total + count
    }
  }
}
