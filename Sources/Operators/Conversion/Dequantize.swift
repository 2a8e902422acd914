import CKernels
import GraphIR
import Support
import Tensors

/// The real numbers that stored ones stand for: `y = (x − zeroPoint) · scale`, or the same number with more bits.
///
/// The operand is a quantized integer tensor, or `f16` or `bf16`; the result is `f32`.
public struct Dequantize: Operator {
  public static let name = "dequantize"
  public static let elements = ElementType.allCases.filter { $0 != .bool }

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(.f32, operands[0].shape)]
  }

  /// Refuses integers without a scale: there is nothing to tell what they stand for.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    let element = operands[0].element
    guard element.isFloat || operands[0].quantization != nil else {
      throw Diagnostic(.nothingToDequantize(element))
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    switch site.operands[0].element {
    case .i8, .u8, .i16: runKernel(site)
    default: plainKernel(site)
    }
  }

  /// Works on runs of elements with one scale.
  private func runKernel(_ site: Site) -> Kernel {
    let type = site.operands[0]
    let (runs, element) = (ScaledRuns(type), ck_element(type.element))
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: UInt8.self))
      let y = Shared(results[0].pointer(to: Float.self))
      runs.forEach(workers) { range, scale, zeroPoint in
        let start = range.lowerBound * type.element.bitWidth / 8
        ck_dequantize_f32(
          x.pointer + start, element, Int64(range.count), scale, Int32(zeroPoint),
          y.pointer + range.lowerBound)
      }
    }
  }

  /// For floats, elements that share bytes, and rare ones.
  private func plainKernel(_ site: Site) -> Kernel {
    let type = site.operands[0]
    let quantization = type.quantization ?? Quantization(scale: 1)
    let stride = quantization.axis.map { type.shape.strides[$0] } ?? 1
    let channels = quantization.scales.count
    return Kernel { operands, results, _ in
      let y = results[0].pointer(to: Float.self)
      for index in 0..<type.elementCount {
        let channel = index / stride % channels
        let steps = type.element.load(from: operands[0], at: index)
        y[index] = Float(
          Double(quantization.scales[channel]) * (steps - Double(quantization.zeroPoints[channel])))
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Dequantize(),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [1, 4])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 1.5])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func nothingToDequantize(_ element: ElementType) -> Self {
    Self(
      id: "nothing-to-dequantize", .malformed,
      "`dequantize` has an operand of `\(element.rawValue)` elements without a scale")
  }
}
