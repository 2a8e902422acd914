import CKernels
import GraphIR
import Support
import Tensors

/// `y = x − log(Σ exp(x))`, the sum over the last axis.
///
/// The operand is `f32`, `f64`, or `i8` with one scale; the result of `i8` has scale 1/16 and zero point 127.
public struct LogSoftmax: Operator {
  public static let name = "log_softmax"
  public static let elements: [ElementType] = [.f64, .f32, .i8, .u8]

  /// The order of sums, and what stands for functions, of real numbers.
  public var arithmetic: RealArithmetic

  public init() { self.init(arithmetic: .tflite) }

  /// - Parameter arithmetic: of real numbers.
  public init(arithmetic: RealArithmetic) { self.arithmetic = arithmetic }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.f64], [.i8]], Self.name)
    guard !operands[0].element.isFloat else { return }
    try RowKernel.check(
      results[0].signed, hasQuantization: Quantization(scale: 1 / 16, zeroPoint: 127), Self.name)
    _ = try form(operands[0])
  }

  /// Works on rows in parallel; the largest element of a row is subtracted before the exponential.
  public func kernel(for site: Site) throws -> Kernel {
    let depth = Int32(RowKernel.extents(site.operands[0]).depth)
    guard site.operands[0].element != .f32 else {
      let logSoftmax = arithmetic == .onnx ? ck_vector_log_softmax_f32 : ck_log_softmax_f32
      return RowKernel.make(site) { logSoftmax($0, $1, depth, $2) }
    }
    guard site.operands[0].element != .f64 else {
      return RowKernel.make(site) { RealRows.logSoftmax($0, rows: $1, depth: Int(depth), into: $2) }
    }
    let form = try form(site.operands[0])
    return RowKernel.make(site) { (x: UnsafePointer<Int8>, rows, y) in
      withUnsafePointer(to: form) { ck_log_softmax_i8(x, rows, depth, $0, y) }
    }.unsigned(site)
  }

  /// The factor of a softmax's argument, and its inverse.
  ///
  /// Source: `PreprocessLogSoftmaxScalingExp` of TFLite.
  private func form(_ operand: TensorType) throws -> ck_log_softmax {
    let scaling = try Softmax().scaling(operand)
    let reverse = try FixedPoint(
      Double(Int64(1) << Int64(31 - scaling.factor.shift)) / Double(scaling.factor.multiplier))
    return ck_log_softmax(
      multiplier: scaling.factor.multiplier, shift: scaling.factor.shift,
      reverse_multiplier: reverse.multiplier, reverse_shift: reverse.shift,
      diff_min: scaling.smallestDifference)
  }

  /// Largest, difference and exponential, sum, and difference to its logarithm.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, results[0].elementCount))
  }

  public static let examples = [
    Example(
      LogSoftmax(),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [3, 3])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [-0.693147181, -0.693147181])]),
    Example(
      LogSoftmax(),
      [Tensor(TensorType(.f64, [1, 2]), numbers: [3, 3])],
      gives: [Tensor(TensorType(.f64, [1, 2]), numbers: [-0.693147181, -0.693147181])]),
    Example(
      LogSoftmax(arithmetic: .onnx),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [3, 3])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [-0.693147181, -0.693147181])]),
    // −0.69 in steps of 1/16 from 127.
    Example(
      LogSoftmax(),
      [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 0.5)), numbers: [7, 7])],
      gives: [
        Tensor(
          TensorType(.i8, [1, 2], Quantization(scale: 1 / 16, zeroPoint: 127)),
          numbers: [116, 116])
      ]),
  ]
}
