import CKernels
import GraphIR
import Support
import Tensors

/// One place where a convolution stands, as the kernels of its kinds see it: in its signed form.
public struct ConvolutionSite: Sendable {
  let site: Site
  let window: Window
  let input: ck_shape
  let output: ck_shape
  let weights: ck_shape
  let clamp: Clamp
  /// Whether input and result are unsigned bytes, which the kernels flip as they read and write them.
  let isUnsigned: Bool
  /// Multiply-accumulates per output row, by which work is shared among threads.
  private let rowMacs: Int

  init(_ site: Site, window: Window, clamp: Clamp, macs: Int) {
    isUnsigned = site.operands[0].element == .u8
    let site = site.signed
    self.site = site
    self.window = window
    self.clamp = clamp
    input = ck_shape(site.operands[0].shape)
    output = ck_shape(site.results[0].shape)
    weights = ck_shape(site.operands[1].shape)
    rowMacs = max(1, macs / (Int(output.batches) * Int(output.height)))
  }

  var inputZeroPoint: Int32 { Int32(site.operands[0].quantization?.zeroPoint ?? 0) }

  var weightZeroPoint: Int32 { Int32(site.operands[1].quantization?.zeroPoint ?? 0) }

  /// What one thread computes: output rows, counted over the whole batch.
  struct Part<Element> {
    let input: UnsafePointer<Element>
    let weights: OpaquePointer
    let output: UnsafeMutablePointer<Element>
    let begin: Int32
    let end: Int32
  }

  /// A kernel that packs weights and then computes parts, each by a call of `body`.
  ///
  /// - Parameters:
  ///   - free: frees what `pack` returned.
  ///   - body: gets a part and the bias, of the type that accumulators have.
  func kernel<Element, Weight, Accumulator>(
    pack: @escaping @Sendable (UnsafePointer<Weight>) -> OpaquePointer?,
    free: @escaping @Sendable (OpaquePointer) -> Void = PackedWeights.free,
    _ body: @escaping @Sendable (Part<Element>, UnsafePointer<Accumulator>?) -> Void
  ) -> Kernel {
    let weights = LazyWeights(site.constants[1]) {
      PackedWeights(pack($0.pointer(to: Weight.self)), free: free)
    }
    let rows = Int(output.batches) * Int(output.height)
    // Rows worth a thread of their own: about 50 µs of work.
    let grain = max(1, 2_000_000 / rowMacs)
    return Kernel { operands, results, workers in
      let packed = weights(operands[1])
      let input = Shared(operands[0].pointer(to: Element.self))
      let output = Shared(results[0].pointer(to: Element.self))
      let bias = Shared(operands.count > 2 ? operands[2].pointer(to: Accumulator.self) : nil)
      workers.split(rows, grain: grain) { rows in
        body(
          Part(
            input: input.pointer, weights: packed.form, output: output.pointer,
            begin: Int32(rows.lowerBound), end: Int32(rows.upperBound)), bias.pointer)
      }
    }
  }
}

extension ck_products {
  /// How products are added, as an operator's attribute has it.
  init(areFused: Bool) { self = areFused ? ck_products_fused : ck_products_rounded }
}

/// Weights that are packed now if they are constant, else anew in each run.
struct LazyWeights: Sendable {
  private let ready: PackedWeights?
  private let pack: @Sendable (UnsafeRawBufferPointer) -> PackedWeights

  init(
    _ constant: TensorData?, _ pack: @escaping @Sendable (UnsafeRawBufferPointer) -> PackedWeights
  ) {
    ready = constant.map { pack($0.bytes) }
    self.pack = pack
  }

  func callAsFunction(_ operand: UnsafeRawBufferPointer) -> PackedWeights {
    ready ?? pack(operand)
  }
}

/// Weights rearranged for the inner loops.
///
/// A class because it owns memory of the kernels: made once per loaded model, freed with the last kernel that uses it.
final class PackedWeights: Sendable {
  nonisolated(unsafe) let form: OpaquePointer
  private let free: @Sendable (OpaquePointer) -> Void

  /// Frees the weights of all kernels but transposed ones, which have their own.
  static let free: @Sendable (OpaquePointer) -> Void = { ck_free_packed_weights($0) }

  init(
    _ form: OpaquePointer?,
    free: @escaping @Sendable (OpaquePointer) -> Void = PackedWeights.free
  ) {
    guard let form else { fatalError("out of memory while packing weights") }
    self.form = form
    self.free = free
  }

  deinit { free(form) }
}
