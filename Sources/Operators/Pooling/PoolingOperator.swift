import CKernels
import GraphIR
import Support
import Tensors

/// Reduces windows of an image NHWC, channel by channel: what its kinds share.
///
/// The operand is `f32`, `i8` or `i16`; operand and result are quantized alike.
public protocol PoolingOperator: Operator {
  /// Height and width of the window.
  var kernel: [Int] { get }
  /// Height and width by which the window moves.
  var stride: [Int] { get }
  /// How the borders are padded; padded elements take no part in a mean or maximum.
  var padding: Padding { get }
  /// What a fused activation does.
  var clamp: Clamp { get }

  /// Whether the largest element counts, not the mean.
  static var isMaximum: Bool { get }
}

extension PoolingOperator {
  public static var elements: [ElementType] { [.f32, .i8, .u8, .i16] }

  /// `[b, h, w, c]` with height and width from the window and all else from the image.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let window = try window(operands)
    let image = operands[0].shape
    return [
      TensorType(
        operands[0].element, [image[0], window.output.height, window.output.width, image[3]])
    ]
  }

  /// Operand and result must have one scale and zero point in common: pooling does not requantize.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.i8], [.i16]], Self.name)
    guard operands[0].element != .f32 else { return }
    let input = try ElementChecks.perTensor(operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(results[0], "the result", Self.name)
    guard abs(input.scale - output.scale) <= 1e-6, input.zeroPoint == output.zeroPoint else {
      throw Diagnostic(
        .scalesDiffer(Self.name, input, output), help: "quantize result and operand alike")
    }
  }

  /// The window that slides over the image.
  ///
  /// - Throws: a `Diagnostic` if an attribute is not positive or no window fits.
  public func window(_ operands: [TensorType]) throws -> Window {
    try Window(
      over: Array(operands[0].shape.extents[1...2]), kernel: kernel, stride: stride,
      padding: padding, kind: Self.name)
  }

  /// Works on rows of the result in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let window = try window(site.operands).kernelForm
    guard site.operands[0].element != .f32 else {
      let pool = Self.isMaximum ? ck_max_pool_f32 : ck_average_pool_f32
      let range = clamp.floatRange
      return ImageRowsKernel.make(site) {
        pool($0, $1, window, range.lower, range.upper, $2, $3, $4, $5)
      }
    }
    if !Self.isMaximum, site.operands[0].element == .u8 { return unsignedAverage(site, window) }
    let range = clamp.storedRange(of: site.results[0].signed)
    guard site.operands[0].element != .i16 else {
      let pool = Self.isMaximum ? ck_max_pool_i16 : ck_average_pool_i16
      return ImageRowsKernel.make(site) {
        pool($0, $1, window, range.lower, range.upper, $2, $3, $4, $5)
      }
    }
    let pool = Self.isMaximum ? ck_max_pool_i8 : ck_average_pool_i8
    return ImageRowsKernel.make(site) {
      pool($0, $1, window, range.lower, range.upper, $2, $3, $4, $5)
    }.unsigned(site)
  }

  /// Means of unsigned numbers are rounded up from a half: those of their signed forms would not always be.
  private func unsignedAverage(_ site: Site, _ window: ck_window) -> Kernel {
    let range = clamp.storedRange(of: site.results[0])
    return ImageRowsKernel.make(site) {
      ck_average_pool_u8($0, $1, window, range.lower, range.upper, $2, $3, $4, $5)
    }
  }

  /// `elements of the result · kernel height · kernel width`, those that padding takes up included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(results[0].elementCount, kernel[0], kernel[1]))
  }

  /// The window and its steps, both of which targets limit.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    OperatorMeasures(kernel: kernel, stride: stride)
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
