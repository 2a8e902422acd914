import CKernels
import GraphIR
import Support
import Tensors

/// Makes kernels of images NHWC whose output rows can be computed apart: pools and resizes.
enum ImageRowsKernel {
  /// A kernel that computes output rows by calls of `body`, which gets input, output and a range of rows.
  static func make<Element: BitwiseCopyable>(
    _ site: Site,
    _ body:
      @escaping @Sendable (
        UnsafePointer<Element>, ck_shape, UnsafeMutablePointer<Element>, ck_shape, Int32, Int32
      ) -> Void
  ) -> Kernel {
    let (input, output) = (ck_shape(site.operands[0].shape), ck_shape(site.results[0].shape))
    let rows = Int(output.batches) * Int(output.height)
    return Kernel { operands, results, workers in
      let from = Shared(operands[0].pointer(to: Element.self))
      let to = Shared(results[0].pointer(to: Element.self))
      workers.split(rows, grain: 64) { rows in
        body(
          from.pointer, input, to.pointer, output, Int32(rows.lowerBound), Int32(rows.upperBound))
      }
    }
  }
}
