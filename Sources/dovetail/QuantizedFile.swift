import ArgumentParser
import Exporting
import GraphIR
import Importing
import Quantization
import Support

/// What a quantized network is written as.
struct QuantizedFile {
  /// Where it is written to.
  let path: String
  /// Nil for a plan.
  let format: ModelFormat?

  /// - Throws: a usage error if the name's ending says nothing.
  init(_ path: String) throws {
    self.path = path
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    format = ModelFormat(rawValue: ending)
    guard format != nil || ["yaml", "yml"].contains(ending) else {
      throw ValidationError("`\(path)` ends in none of .onnx, .tflite, .graph and .yaml")
    }
  }

  /// Says what the file cannot hold before any work is done for it.
  ///
  /// - Throws: a `Diagnostic` for the first scheme whose numbers the format has not.
  func check(_ schemes: [QuantizationScheme]) throws {
    guard let scheme = schemes.first(where: { !holds($0) }) else { return }
    throw Diagnostic(
      .notInFormat(scheme.text, format?.rawValue ?? "yaml"),
      help: "write a .graph file, which holds everything, or give the layers a scheme of integers, "
        + "such as `int8`; `f16` and its like fit into .onnx, too")
  }

  private func holds(_ scheme: QuantizationScheme) -> Bool {
    let formats = [scheme.weights?.format, scheme.activations?.format].compactMap { $0 }
    return formats.allSatisfy { number in
      switch (format, number) {
      case (.graph, _), (nil, _), (_, .integer), (.onnx, .float), (.tflite, .float(.f16)): true
      // Casts make single precision of such weights, and activations stay in it.
      case (.tflite, .float(.bf16)): scheme.activations == nil
      case (.onnx, .block), (.tflite, .float), (.tflite, .block): false
      }
    }
  }

  /// The file's bytes.
  func bytes(of model: QuantizedModel, hasIntegerPorts: Bool) throws -> [UInt8] {
    switch format {
    case .onnx: try model.quantizedGraph().onnxFile()
    case .tflite:
      try TFLiteExporter.file(
        of: model.integerGraph(hasIntegerPorts: hasIntegerPorts),
        TFLiteExporter.Options(packsWeights: true))
    case .graph, nil: Array(try model.quantizedGraph().text(constants: .full).utf8)
    }
  }

  /// What does not fit into the floats that it is stored as; TFLite leaves activations in single precision.
  func warnings(of model: QuantizedModel) -> [String] {
    guard format != .tflite else { return [] }
    return model.overflows.map { overflow in
      "warning: `\(overflow.value)` reaches \(overflow.number), and `\(overflow.scheme.text)` ends at "
        + "\(overflow.largest): infinity is stored; add `--scheme-for '\(overflow.value)=bf16'`"
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func notInFormat(_ scheme: String, _ format: String) -> Self {
    Self(
      id: "scheme-not-in-format", .unsupported,
      "a .\(format) file cannot hold what `\(scheme)` stores")
  }
}
