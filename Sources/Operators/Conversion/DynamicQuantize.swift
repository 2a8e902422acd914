import CKernels
import GraphIR
import Support
import Tensors

/// The stored bytes nearest to real numbers, in the smallest steps by which 256 of them span the numbers at hand and 0.
///
/// Results: bytes `clamp(round(x / scale) + zeroPoint)`, halves to even; the scale
/// `(max(x, 0) − min(x, 0)) / 255`, 1 where that is 0; and the zero point `round(−min(x, 0) / scale)`.
///
/// ONNX: `DynamicQuantizeLinear`.
public struct DynamicQuantize: Operator {
  public static let name = "dynamic_quantize"
  public static let elements: [ElementType] = [.f32]

  public init() {}

  /// The operand's shape with `u8` elements, and two scalars.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(.u8, operands[0].shape), TensorType(.f32, []), TensorType(.u8, [])]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, [.f32], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let count = site.operands[0].elementCount
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Int8.self))
      let (scale, zeroPoint) = Self.parameters(x.pointer, count)
      results[1].pointer(to: Float.self)[0] = scale
      results[2].pointer(to: UInt8.self)[0] = UInt8(zeroPoint)
      workers.split(count, grain: 1 << 14) { part in
        ck_quantize_half_even(
          x.pointer + part.lowerBound, Int64(part.count), scale, Int32(zeroPoint), 0, 255,
          y.pointer + part.lowerBound)
      }
    }
  }

  /// The zero point is a whole number from 0 to 255.
  private static func parameters(
    _ x: UnsafePointer<Float>, _ count: Int
  ) -> (scale: Float, zeroPoint: Float) {
    var (lowest, highest) = (Float(0), Float(0))
    for index in 0..<count {
      lowest = min(lowest, x[index])
      highest = max(highest, x[index])
    }
    let range = highest - lowest
    let scale = range > 0 && range.isFinite ? max(range / 255, .leastNonzeroMagnitude) : 1
    let zeroPoint = min(max(-lowest / scale, 0), 255).rounded(.toNearestOrEven)
    return (scale, zeroPoint.isNaN ? 0 : zeroPoint)
  }

  /// Smallest, largest, quotient and sum.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, operands[0].elementCount))
  }

  public static let examples = [
    Example(
      DynamicQuantize(),
      [Tensor(TensorType(.f32, [6]), numbers: [0, 2, -3, -2.5, 1.34, 0.5])],
      gives: [
        Tensor(TensorType(.u8, [6]), numbers: [153, 255, 0, 26, 221, 179]),
        Tensor(TensorType(.f32, []), numbers: [0.0196078438]),
        Tensor(TensorType(.u8, []), numbers: [153]),
      ]),
    Example(
      DynamicQuantize(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 0])],
      gives: [
        Tensor(TensorType(.u8, [2]), numbers: [0, 0]),
        Tensor(TensorType(.f32, []), numbers: [1]),
        Tensor(TensorType(.u8, []), numbers: [0]),
      ]),
  ]
}
