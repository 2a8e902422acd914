import CKernels
import GraphIR
import Support
import Tensors

/// `y = clamp(a + b)`, with NumPy's broadcasting. Operands are `f32`, `i32` or `i64`, or `i8` or `i16` with one
/// scale each. Sums of integers that stand for themselves wrap.
public struct Add: ElementwiseOperator {
  public static let name = "add"
  public static let elements: [ElementType] = [.f64, .f32, .i8, .u8, .i16, .i32, .i64]
  public static let acceptsEmpty = true
  /// What a fused activation does.
  public var clamp: Clamp
  /// Whether `i16` operands are shifted where all scales are powers of two (TFLite: `pot_scale_int16`).
  public var shiftsPowersOfTwo: Bool
  /// The arithmetic by which sums of bytes are rescaled.
  public var rescaling: Rescaling

  public init() { self.init(clamp: .none) }

  /// - Parameters:
  ///   - clamp: of the sum.
  ///   - shiftsPowersOfTwo: which rounds otherwise than multiplying does.
  ///   - rescaling: of sums of bytes.
  public init(
    clamp: Clamp, shiftsPowersOfTwo: Bool = false, rescaling: Rescaling = .tflite
  ) {
    self.clamp = clamp
    self.shiftsPowersOfTwo = shiftsPowersOfTwo
    self.rescaling = rescaling
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let shape = try Broadcast.shape(operands[0].shape, operands[1].shape, Self.name)
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    if isScaled(operands[0].element) { _ = try kernelForm(operands, results[0]) }
  }

  private func isScaled(_ element: ElementType) -> Bool { [.i8, .u8, .i16].contains(element) }

  /// Scales, zero points and clamp as the integer kernel takes them.
  ///
  /// - Throws: a `Diagnostic` if one of the three is not quantized with a single scale.
  public func kernelForm(_ operands: [TensorType], _ result: TensorType) throws -> ck_addition {
    rescaling == .onnx && operands[0].element != .i16
      ? try QuantizedSum.singleForm(operands, result, clamp, Self.name)
      : try QuantizedSum.form(operands.map(\.signed), result.signed, clamp, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    guard isScaled(site.operands[0].element) else { return plainKernel(site) }
    let form = try kernelForm(site.operands, site.results[0])
    guard site.operands[0].element != .i16 else { return wideKernel(site, form) }
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, output) in
      withUnsafePointer(to: form) { ck_add_i8(a, b, Int64(count), $0, output) }
    }.unsigned(site)
  }

  private func wideKernel(_ site: Site, _ form: ck_addition) -> Kernel {
    if shiftsPowersOfTwo, let shifts = QuantizedSum.shifts(site.operands, site.results[0]) {
      return BroadcastKernel.make(site) { (a: UnsafePointer<Int16>, b, count, output) in
        ck_add_power_of_two_i16(
          a, shifts.a, b, shifts.b, Int64(count), form.clamp_min, form.clamp_max, output)
      }
    }
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int16>, b, count, output) in
      withUnsafePointer(to: form) { ck_add_i16(a, b, Int64(count), $0, output) }
    }
  }

  /// Of numbers that stand for themselves.
  private func plainKernel(_ site: Site) -> Kernel {
    switch site.operands[0].element {
    case .i32: return BroadcastKernel.make(site, clamp) { (a: Int32, b) in a &+ b }
    case .i64: return BroadcastKernel.make(site, clamp) { (a: Int64, b) in a &+ b }
    case .f64: return BroadcastKernel.make(site, clamp) { (a: Double, b) in a + b }
    default: break
    }
    let range = clamp.floatRange
    return BroadcastKernel.make(site) { (a: UnsafePointer<Float>, b, count, output) in
      for i in 0..<count { output[i] = min(max(a[i] + b[i], range.lower), range.upper) }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Add(clamp: .relu),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, -2, 3, 4]),
        Tensor(TensorType(.f32, [2]), numbers: [10, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [11, 0, 13, 4])]),
    Example(
      Add(),
      [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [2, 4]),
        Tensor(TensorType(.i8, [2], Quantization(scale: 1, zeroPoint: 1)), numbers: [3, 1]),
      ],
      gives: [Tensor(TensorType(.i8, [2], Quantization(scale: 0.25)), numbers: [12, 8])]),
    // A sum of 2.5 steps, whose half goes to the even number.
    Example(
      Add(clamp: .none, rescaling: .onnx),
      [
        Tensor(TensorType(.u8, [2], Quantization(scale: 0.5, zeroPoint: 3)), numbers: [6, 255]),
        Tensor(TensorType(.u8, [2], Quantization(scale: 1, zeroPoint: 2)), numbers: [3, 255]),
      ],
      gives: [
        Tensor(TensorType(.u8, [2], Quantization(scale: 1, zeroPoint: 8)), numbers: [10, 255])
      ]),
    Example(
      Add(clamp: .unlimited),
      [
        Tensor(TensorType(.f32, [2]), numbers: [1, 2]),
        Tensor(TensorType(.f32, [2]), numbers: [-.infinity, 3]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-.infinity, 5])]),
    // 3 quarters of a step of the result are 1 step: shifted operands are rounded before they are added.
    Example(
      Add(clamp: .none, shiftsPowersOfTwo: true),
      [
        Tensor(TensorType(.i16, [2], Quantization(scale: 0.25)), numbers: [3, 1000]),
        Tensor(TensorType(.i16, [2], Quantization(scale: 1)), numbers: [3, 1]),
      ],
      gives: [Tensor(TensorType(.i16, [2], Quantization(scale: 1)), numbers: [4, 251])]),
  ]
}
