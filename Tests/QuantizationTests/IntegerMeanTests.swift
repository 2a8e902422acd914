import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Means of whole images, on integers.
struct IntegerMeanTests {
  private static let pool = "average_pool2d(%x) {kernel: [2, 2], stride: [2, 2]} : f32[1, 1, 1, 3]"
  private static let mean = "mean(%x) {axes: [1, 2]} : f32[1, 3]"

  @Test(arguments: [pool, mean])
  func wholeImagesAreConvolved(definition: String) throws {
    let kinds = try Self.kinds(definition)
    #expect(kinds.contains("depthwise_conv2d"))
    #expect(!kinds.contains("mean") && !kinds.contains("average_pool2d"))
  }

  @Test func partsOfThemArePooled() throws {
    let pool = "average_pool2d(%x) {kernel: [2, 1], stride: [1, 1]} : f32[1, 1, 2, 3]"
    #expect(try Self.kinds(pool).contains("average_pool2d"))
  }

  private static func kinds(_ definition: String) throws -> [String] {
    let text = """
      graph net(%x: f32[1, 2, 2, 3]) {
        %y = \(definition)
        return %y
      }
      """
    let graph = try GraphParser(text, operators: Operators.all).graph
    let inputs = Calibration.Inputs(count: 1) { _ in
      [Tensor(TensorType(.f32, [1, 2, 2, 3]), numbers: (0..<12).map(Double.init))]
    }
    let context = MethodContext(
      plan: QuantizationPlan(.integers(weights: 8, activations: 8)), inputs: inputs,
      ranges: .minMax)
    let integer = try QuantizedModel(graph, context).integerGraph()
    return integer.order.map { integer.nodes[$0].kind }
  }
}
