import Exporting
import GraphIR
import ONNXSchema
import TestSupport
import Testing

/// Layers with weights of bytes that quantize what they read when the network runs: the file does so, too.
struct ONNXDynamicTests {
  @Test func operandsAreQuantizedByWhatTheyHold() throws {
    let model = try exported(
      """
      graph dynamic(%x: f32[1, 4, 4, 3]) {
        %w = constant(random(1)) : i8<axis 0, 0.5, 0.25>[2, 3, 3, 3]
        %y = conv2d(%x, %w) {padding: "same"} : f32[1, 4, 4, 2]
        return %y
      }
      """, within: 1e-5)
    #expect(model.counts["DynamicQuantizeLinear"] == 1 && model.counts["DequantizeLinear"] == 2)
    #expect(model.version == 13)
  }

  /// Each image has a scale of its own; weights with one scale take images as far below 0 as above it.
  @Test(arguments: ["axis 0, 0.5, 0.25", "0.5"])
  func imagesHaveScalesOfTheirOwn(scales: String) throws {
    let model = try exported(
      """
      graph images(%x: f32[3, 4, 4, 3]) {
        %w = constant(random(1)) : i8<\(scales)>[2, 3, 3, 3]
        %y = conv2d(%x, %w) {padding: "same"} : f32[3, 4, 4, 2]
        return %y
      }
      """, within: 1e-5)
    #expect(model.counts["DynamicQuantizeLinear"] == nil)
  }

  @Test func channelsAreConvolvedWithBytesToo() throws {
    try exported(
      """
      graph channels(%x: f32[1, 4, 4, 2]) {
        %w = constant(random(1)) : i8<axis 3, 0.5, 0.25>[1, 3, 3, 2]
        %y = depthwise_conv2d(%x, %w) {padding: "same"} : f32[1, 4, 4, 2]
        return %y
      }
      """, within: 1e-5)
  }

  /// Rows of matrices, and of what has more axes.
  @Test(arguments: [false, true], ["1, ", "5, ", "2, 3, "])
  func rowsHaveScalesOfTheirOwn(isAsymmetric: Bool, leading: String) throws {
    let attributes = "keepsAxes: true, quantizesAsymmetrically: \(isAsymmetric)"
    try exported(
      """
      graph rows(%x: f32[\(leading)4]) {
        %w = constant(random(1)) : i8<0.5>[3, 4]
        %y = fully_connected(%x, %w) {\(attributes)} : f32[\(leading)3]
        return %y
      }
      """, within: 1e-5)
  }
}
