import Evaluation
import Foundation
import GraphIR
import Importing
import ONNXSchema
import Passes
import Support
import Tensors

/// One case of the ONNX standard's test data: a model, and sets of inputs with the outputs that it must give.
struct ConformanceCase: Sendable {
  let name: String
  private let folder: String
  private let message: ONNXModelProto

  /// Nil if the folder holds no model.
  init?(_ folder: String) {
    self.folder = folder
    name = URL(fileURLWithPath: folder).lastPathComponent
    guard let file = try? FileBytes(mapping: "\(folder)/model.onnx"),
      let message = ONNXMessages.decode(ONNXModelProto.self, file.bytes)
    else { return nil }
    self.message = message
  }

  /// What puts the case out of scope; nil if nothing does.
  var exclusion: String? { Exclusion.reason(message, graphInputs: inputs) }

  private var inputs: [ONNXValueInfoProto] {
    let initialized = Set(message.graph.initializer.map(\.name))
    return message.graph.input.filter { !initialized.contains($0.name) }
  }

  /// What differs from the expected outputs; empty if nothing does.
  func differences() throws -> [String] {
    let sets = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix("test_data_set") }.sorted()
    return try sets.flatMap { try differences(in: "\(folder)/\($0)") }
  }

  private func differences(in set: String) throws -> [String] {
    let given = try KnownInputs(set, inputs)
    let graph = try graph(given)
    let expected = try message.graph.output.enumerated().flatMap { index, output in
      try Self.tensors("\(set)/output_\(index).pb", output)
    }
    let tensors = graph.inputs.compactMap { given.tensors[graph.values[$0].name] }
    var optimized = graph
    try Pipeline.standard.run(on: &optimized)
    return try [graph, optimized].flatMap { graph in
      let found = try graph.evaluate(tensors)
      guard found.count == expected.count else {
        return ["\(found.count) outputs, expected \(expected.count)"]
      }
      return zip(found, expected).compactMap { Self.difference($0, $1) }
    }
  }

  /// As `dovetail run` reads it: with the inputs' elements only where shapes depend on them.
  private func graph(_ given: KnownInputs) throws -> Graph {
    let shapes = given.tensors.mapValues(\.type.shape)
    do {
      return try Model("\(folder)/model.onnx", Model.Options(shapes: shapes)).graph
    } catch  where Diagnostics(of: error).all.contains(where: \.message.isAboutValues) {
      return try Model("\(folder)/model.onnx", Model.Options(shapes: shapes, known: given)).graph
    }
  }

  fileprivate static func tensors(_ path: String, _ port: ONNXValueInfoProto) throws -> [Tensor] {
    if case .sequenceType = port.type.value { return try Tensor.sequence(onnxSequence: path) }
    let tensor = try Tensor(onnxTensor: path)
    // NumPy, which wrote the data, has no such type.
    let isWritten = tensor.type.element == .u16 && port.type.tensorType.elemType == 16
    return [isWritten ? Tensor(TensorType(.bf16, tensor.type.shape), tensor.data) : tensor]
  }

  /// The tolerance is the standard's own: 1e-3 of the number, and 1e-7. What is
  /// rounded to `bf16` here was cut off by NumPy, which is a step less at most.
  private static func difference(_ found: Tensor, _ expected: Tensor) -> String? {
    guard found.type.matches(expected.type) else {
      return "type \(found.type), expected \(expected.type)"
    }
    let numbers = expected.storedNumbers
    let relative = expected.type.element == .bf16 ? 0x1p-7 : 1e-3
    for (index, (x, y)) in zip(found.storedNumbers, numbers).enumerated() {
      let allowed = expected.type.element.isFloat ? 1e-7 + relative * abs(y) : 0
      let agrees = x == y || abs(x - y) <= allowed || (x.isNaN && y.isNaN)
      if !agrees { return "element \(index) is \(x), expected \(y)" }
    }
    return nil
  }
}

extension KnownInputs {
  /// Those in a folder of test data, in the order of the model's inputs.
  fileprivate init(_ set: String, _ inputs: [ONNXValueInfoProto]) throws {
    self.init([:])
    for (index, input) in inputs.enumerated() {
      let found = try ConformanceCase.tensors("\(set)/input_\(index).pb", input)
      if case .sequenceType = input.type.value {
        sequences[input.name] = found
      } else {
        tensors[input.name] = found[0]
      }
    }
  }
}
