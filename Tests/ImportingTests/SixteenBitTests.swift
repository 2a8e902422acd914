import Foundation
import Importing
import Support
import TestSupport
import Tensors
import Testing

/// Networks of 16-bit activations, layer by layer, against the results that their authors published with them.
struct SixteenBitTests {
  @Test(
    .enabled(if: !SixteenBitCase.all.isEmpty, "no models beside the checkout"),
    arguments: SixteenBitCase.all)
  func layersGiveThePublishedResults(layer: SixteenBitCase) throws {
    let graph = try Model(layer.path + ".tflite").graph
    let inputs = try graph.inputs.enumerated().map { position, id in
      try layer.tensor("input\(position)", graph.values[id].type)
    }
    let expected = try layer.tensor("golden", graph.values[graph.outputs[0]].type)
    let found = try graph.evaluate(inputs)[0]
    #expect(difference(expected, found, relative: 0) == nil)
  }
}

/// A model of one layer, and the tables of numbers beside it.
struct SixteenBitCase: Sendable, CustomTestStringConvertible {
  /// Without extension.
  let path: String

  static let all = TestFiles.allModels.filter { $0.contains("/seanet/") }.map {
    SixteenBitCase(path: String($0.dropLast(".tflite".count)))
  }

  var testDescription: String { URL(fileURLWithPath: path).lastPathComponent }

  /// The stored numbers of an input or of the result.
  func tensor(_ name: String, _ type: TensorType) throws -> Tensor {
    let text = try String(contentsOfFile: "\(path)_\(name)_\(element(type)).csv", encoding: .utf8)
    let numbers = text.split { $0 == "," || $0.isWhitespace }.compactMap { Double($0) }
    try #require(numbers.count == type.elementCount)
    return Tensor(type, numbers: numbers)
  }

  /// As the names of the tables have it.
  private func element(_ type: TensorType) -> String {
    type.element == .i32 ? "int32" : "int16"
  }
}
