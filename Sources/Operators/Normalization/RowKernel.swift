import GraphIR
import Support
import Tensors

/// Makes kernels that compute each row of the last axis by itself.
enum RowKernel {
  /// The extent of the last axis, and how many rows of it there are.
  static func extents(_ type: TensorType) -> (rows: Int, depth: Int) {
    let depth = type.shape.extents.last ?? 1
    return (type.elementCount / depth, depth)
  }

  /// A kernel that works on rows in parallel; `body` gets the first element, a number of rows, and the first result.
  static func make<Element: BitwiseCopyable, Result: BitwiseCopyable>(
    _ site: Site,
    _ body:
      @escaping @Sendable (UnsafePointer<Element>, Int64, UnsafeMutablePointer<Result>) -> Void
  ) -> Kernel {
    let (rows, depth) = extents(site.operands[0])
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Element.self))
      let y = Shared(results[0].pointer(to: Result.self))
      workers.split(rows, grain: max(1, 4096 / depth)) { part in
        let start = part.lowerBound * depth
        body(x.pointer + start, Int64(part.count), y.pointer + start)
      }
    }
  }

  /// The result's quantization must be the only one that the integer arithmetic gives.
  static func check(
    _ result: TensorType, hasQuantization expected: Quantization, _ kind: String
  ) throws {
    let found = try ElementChecks.perTensor(result, "the result", kind)
    guard found == expected else {
      throw Diagnostic(
        .resultScale(kind, found), help: "quantize the result of this `\(kind)` by \(expected)")
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func resultScale(_ kind: String, _ found: Quantization) -> Self {
    Self(
      id: "normalization-result-scale", .unsupported,
      "the result of `\(kind)` is quantized by \(found)")
  }
}
