import CKernels
import GraphIR
import Support
import Tensors

/// Limits the range of its operand, and does nothing else. The operand is `f32`, or `i8` or `i16` with one scale; the
/// result may have another.
public protocol ClampingOperator: ElementwiseOperator {
  /// The range, in real numbers.
  static var clamp: Clamp { get }
}

extension ClampingOperator {
  public static var elements: [ElementType] { [.f32, .i8, .u8, .i16] }

  /// The operand's type, quantization included, unless another is declared.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [operands[0]]
  }

  /// Refuses elements other than `f32`, `i8`, `u8` and `i16`, and integers without a single scale.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.i8], [.i16]], Self.name)
    guard operands[0].element != .f32 else { return }
    _ = try Clamping.factor(operands[0], results[0], Self.name)
  }

  /// Unsigned bytes run on the signed form.
  public func kernel(for site: Site) throws -> Kernel {
    try Clamping.kernel(site.signed, Self.clamp).unsigned(site)
  }

  /// One operation for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }
}

private enum Clamping {
  /// Source of the integer form: `ReluX` of the TFLite reference kernels.
  static func kernel(_ site: Site, _ clamp: Clamp) throws -> Kernel {
    guard site.operands[0].element != .f32 else { return floatKernel(site, clamp) }
    let factor = try factor(site.operands[0], site.results[0], "relu")
    let inputZeroPoint = Int32(site.operands[0].quantization?.zeroPoint ?? 0)
    let zeroPoint = Int32(site.results[0].quantization?.zeroPoint ?? 0)
    let range = clamp.storedRange(of: site.results[0])
    let count = site.results[0].elementCount
    guard site.operands[0].element == .i8 else {
      return Kernel { operands, results, _ in
        ck_relu_i16(
          operands[0].pointer(to: Int16.self), Int64(count), factor.multiplier, factor.shift,
          range.lower, range.upper, results[0].pointer(to: Int16.self))
      }
    }
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Int8.self), results[0].pointer(to: Int8.self))
      for i in 0..<count {
        let scaled = ck_requantize(Int32(x[i]) - inputZeroPoint, factor.multiplier, factor.shift)
        y[i] = Int8(clamping: min(max(scaled &+ zeroPoint, range.lower), range.upper))
      }
    }
  }

  private static func floatKernel(_ site: Site, _ clamp: Clamp) -> Kernel {
    let range = clamp.floatRange
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Float.self), results[0].pointer(to: Float.self))
      for i in 0..<count { y[i] = min(max(x[i], range.lower), range.upper) }
    }
  }

  static func factor(_ operand: TensorType, _ result: TensorType, _ kind: String) throws
    -> FixedPoint
  {
    let input = try ElementChecks.perTensor(operand, "operand 0", kind)
    let output = try ElementChecks.perTensor(result, "the result", kind)
    return try FixedPoint(Double(input.scale / output.scale))
  }
}
