import GraphIR
import ONNXSchema
import Support
import Tensors

extension Graph {
  /// The graph as an ONNX file, for ONNX Runtime and whatever else reads the standard.
  ///
  /// Versions of operators and file are as low as what is in the graph permits, but no lower than 13 and 7. Inputs and
  /// outputs keep name, type and shape. Images lie as the standard has them within the file, channels before pixels. An
  /// operator on quantized integers becomes one on real numbers between `DequantizeLinear` and `QuantizeLinear`.
  ///
  /// - Throws: `Diagnostics` for all nodes that have no counterpart; a `Diagnostic` if the graph has states, a
  ///   constant is elided, or the file would be larger than such files can be.
  public func onnxFile() throws -> [UInt8] { try ONNXMessages.encode(onnxModel()) }

  /// The messages of `onnxFile`.
  package func onnxModel() throws -> ONNXModelProto {
    guard states.isEmpty else { throw Diagnostic(.states(states.count), help: .otherFormats) }
    var writer = try written(ONNXVersion.lowest)
    // Some operators have another form in later versions, which may ask for a later one still.
    while writer.file.version < writer.file.neededVersion {
      writer = try written(writer.file.neededVersion)
    }
    return try writer.model()
  }

  private func written(_ version: Int) throws -> ONNXGraphWriter {
    var writer = ONNXGraphWriter(self, version: version)
    try writer.writeNodes()
    try writer.writeOutputs()
    return writer
  }
}

extension ONNXGraphWriter {
  /// Everything that was written, as a model.
  ///
  /// - Throws: a `Diagnostic` if the constants alone fill what a file can hold.
  fileprivate func model() throws -> ONNXModelProto {
    let byteCount = file.constants.map(\.tensor.data.byteCount).reduce(0, +)
    guard byteCount < Self.maximumByteCount else {
      throw Diagnostic(.tooLarge(byteCount), help: .otherFormats)
    }
    var model = ONNXModelProto()
    model.irVersion = Int64(ONNXVersion.ofFile(file.version))
    model.producerName = "dovetail"
    model.graph = try graphMessage()
    var operators = ONNXOperatorSetIdProto()
    operators.domain = ""
    operators.version = Int64(file.version)
    model.opsetImport = [operators]
    return model
  }

  private func graphMessage() throws -> ONNXGraphProto {
    var message = ONNXGraphProto()
    message.name = graph.name.isEmpty ? "main" : graph.name
    message.node = file.nodes
    message.initializer = try file.constants.map {
      try ONNXTensorProto($0.name, $0.tensor, $0.order)
    }
    message.input = zip(inputNames, graph.inputs).map { ONNXValueInfoProto($0, type(of: $1)) }
    message.output = zip(outputNames, graph.outputs).map { ONNXValueInfoProto($0, type(of: $1)) }
    return message
  }

  /// 2 GB, less what nodes and names may take.
  private static let maximumByteCount = (1 << 31) - (1 << 26)
}

extension String {
  /// What to do about a graph that the standard has no form for.
  static let otherFormats = "write it as `.graph`, which holds whatever a model can be read from"
}

extension Diagnostic.Message {
  fileprivate static func states(_ count: Int) -> Self {
    Self(
      id: "onnx-states", .unsupported,
      "the graph keeps \(count) tensors from run to run, which an ONNX graph cannot")
  }

  fileprivate static func tooLarge(_ byteCount: Int) -> Self {
    Self(
      id: "onnx-too-large", .unsupported,
      "constants of \(byteCount) bytes are more than an ONNX file holds")
  }
}
