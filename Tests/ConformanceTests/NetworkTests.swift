import Evaluation
import Foundation
import GraphIR
import Importing
import Operators
import Passes
import Support
import TestSupport
import Tensors
import Testing

/// Real networks, where this checkout has them.
struct NetworkTests {
  private static let digits = "\(TestFiles.models)/xboot+libonnx/mnist_8-"
  private static let tflite = "\(TestFiles.models)/mlcommons+tiny/pretrainedResnet.tflite"
  private static let onnx =
    "\(TestFiles.models)/mlcommons+tiny_results_v1.2/pretrainedResnet.onnx"

  @Test(
    .enabled(
      if: !TestFiles.existing(["\(digits)model.onnx"]).isEmpty, "no models beside the checkout"))
  func digitsAreReadAsTheModelsAuthorsDo() throws {
    let graph = try Model("\(Self.digits)model.onnx").graph
    let input = try Tensor(onnxTensor: "\(Self.digits)test_data_set_0-input_0.pb")
    let expected = try Tensor(onnxTensor: "\(Self.digits)test_data_set_0-output_0.pb")
    let outputs = try graph.evaluate([input])
    #expect(distance(outputs[0], expected) < 1e-5)
  }

  /// The same images, once with channels last and once with channels first.
  @Test(
    .enabled(
      if: TestFiles.existing([tflite, onnx]).count == 2, "no models beside the checkout"))
  func bothFormatsOfANetworkGiveTheSame() throws {
    let images = Tensor.random(TensorType(.f32, [1, 32, 32, 3]), seed: 7)
    let planes = try Transpose(permutation: [0, 3, 1, 2]).evaluate([images])[0]
    let first = try Model(Self.tflite).graph.evaluate([images])
    let second = try optimized(Self.onnx).evaluate([planes])
    #expect(distance(first[0], second[0]) < 1e-5)
  }

  /// Nothing but what the network computes is left: layouts meet, and shapes are known.
  @Test(
    .enabled(if: TestFiles.existing([onnx]).count == 1, "no models beside the checkout"))
  func transposesOfChannelsFirstVanish() throws {
    let graph = try optimized(Self.onnx)
    let transposes = graph.order.filter { graph.op($0, as: Transpose.self) != nil }
    // That of the input stays: the file has it with its channels first.
    #expect(transposes.count <= 1)
  }

  private func optimized(_ path: String) throws -> Graph {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph, Pipeline.Options(verifiesEach: true))
    return graph
  }

  /// The largest difference, as a part of the largest number.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double {
    let differences = zip(a.storedNumbers, b.storedNumbers).map { abs($0 - $1) }
    return (differences.max() ?? 0) / (b.storedNumbers.map(abs).max() ?? 1)
  }
}
