import CKernels
import GraphIR
import Support
import Tensors

/// What the operators share that reduce windows of an image, channel by channel.
enum Pooling {
  static func resultTypes(_ operands: [TensorType], _ kind: String, _ window: () throws -> Window)
    throws -> [TensorType]
  {
    try ElementChecks.count(operands, 1...1, kind)
    try ElementChecks.rank(operands, 0, 4, kind)
    let window = try window()
    let image = operands[0].shape
    return [
      TensorType(operands[0].element, [image[0], window.output[0], window.output[1], image[3]])
    ]
  }

  /// Operand and result must have one scale and zero point in common: pooling does not requantize.
  static func check(_ operands: [TensorType], _ results: [TensorType], _ kind: String) throws {
    try ElementChecks.elements(operands, [[.f32], [.i8]], kind)
    guard operands[0].element == .i8 else { return }
    let input = try ElementChecks.perTensor(operands[0], "operand 0", kind)
    let output = try ElementChecks.perTensor(results[0], "the result", kind)
    guard abs(input.scale - output.scale) <= 1e-6, input.zeroPoint == output.zeroPoint else {
      throw Diagnostic(
        .scalesDiffer(kind, input, output), help: "quantize result and operand alike")
    }
  }

  typealias Part<Element, Bound> =
    @Sendable (
      UnsafePointer<Element>, ck_shape, Bound, Bound, UnsafeMutablePointer<Element>, ck_shape,
      Int32,
      Int32
    ) -> Void

  /// A kernel that computes output rows by calls of `body`.
  static func kernel<Element, Bound: Sendable>(
    _ site: Site, lower: Bound, upper: Bound, _ body: @escaping Part<Element, Bound>
  ) -> Kernel {
    let (input, output) = (ck_shape(site.operands[0].shape), ck_shape(site.results[0].shape))
    let rows = Int(output.batches) * Int(output.height)
    return Kernel { operands, results, workers in
      let from = Shared(operands[0].pointer(to: Element.self))
      let to = Shared(results[0].pointer(to: Element.self))
      workers.split(rows, grain: 64) { rows in
        body(
          from.pointer, input, lower, upper, to.pointer, output, Int32(rows.lowerBound),
          Int32(rows.upperBound))
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func scalesDiffer(
    _ kind: String, _ input: Quantization, _ output: Quantization
  )
    -> Self
  {
    Self(
      id: "scales-differ", .malformed,
      "`\(kind)` has an operand quantized by \(input) and a result by \(output)")
  }
}
