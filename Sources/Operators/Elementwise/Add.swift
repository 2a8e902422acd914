import CKernels
import GraphIR
import Support
import Tensors

/// `y = clamp(a + b)`, with NumPy's broadcasting. Operands are `f32`, or `i8` with one scale each.
public struct Add: Operator {
  public static let name = "add"
  public var clamp: Clamp

  public init() { self.init(clamp: .none) }

  public init(clamp: Clamp) { self.clamp = clamp }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let shape = try Broadcast.shape(operands[0].shape, operands[1].shape, Self.name)
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32], [.i8, .i8]], Self.name)
    if operands[0].element != .f32 { _ = try kernelForm(operands, results[0]) }
  }

  /// Scales, zero points and clamp as the integer kernel takes them: operands are brought to a common scale,
  /// twice the larger, with 20 more bits.
  ///
  /// Source: `PrepareQuantized` in TFLite's add kernel.
  public func kernelForm(_ operands: [TensorType], _ result: TensorType) throws -> ck_addition {
    let a = try ElementChecks.perTensor(operands[0].signed, "operand 0", Self.name)
    let b = try ElementChecks.perTensor(operands[1].signed, "operand 1", Self.name)
    let output = try ElementChecks.perTensor(result.signed, "the result", Self.name)
    let common = 2 * Double(max(a.scale, b.scale))
    let first = try FixedPoint(Double(a.scale) / common)
    let second = try FixedPoint(Double(b.scale) / common)
    let sum = try FixedPoint(common / (Double(1 << Self.headroomBits) * Double(output.scale)))
    let range = clamp.storedRange(of: result.signed)
    return ck_addition(
      a_zero_point: Int32(a.zeroPoint), a_multiplier: first.multiplier, a_shift: first.shift,
      b_zero_point: Int32(b.zeroPoint), b_multiplier: second.multiplier, b_shift: second.shift,
      left_shift: Int32(Self.headroomBits), output_zero_point: Int32(output.zeroPoint),
      output_multiplier: sum.multiplier, output_shift: sum.shift, clamp_min: range.lower,
      clamp_max: range.upper)
  }

  private static let headroomBits = 20

  public func kernel(for site: Site) throws -> Kernel {
    guard site.operands[0].element != .f32 else { return floatKernel(site) }
    let form = try kernelForm(site.operands, site.results[0])
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, output) in
      withUnsafePointer(to: form) { ck_add_i8(a, b, Int64(count), $0, output) }
    }.unsigned(site)
  }

  private func floatKernel(_ site: Site) -> Kernel {
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
  ]
}
