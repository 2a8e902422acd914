import GraphIR
import Support
import Tensors

/// `y = √x`, of `f32`, `i8`, `u8` or `i16` elements.
public struct SquareRoot: UnaryOperator {
  public static let name = "sqrt"

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { x.squareRoot() }

  public func quantizedKernel(_ site: Site) throws -> Kernel { try kernel(site, of: Int8.self) }

  public func wideKernel(_ site: Site) throws -> Kernel { try kernel(site, of: Int16.self) }

  /// In single precision, rounded down as in the reference kernel. Of a negative number the root counts as 0.
  private func kernel<Element: FixedWidthInteger & BitwiseCopyable & SendableMetatype>(
    _ site: Site, of element: Element.Type
  ) throws -> Kernel {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Element.self), results[0].pointer(to: Element.self))
      for index in 0..<count {
        let real = Float(max(0, Int(x[index]) - input.zeroPoint)) * input.scale
        let steps = min(real.squareRoot() / output.scale, 0x1p30)
        y[index] = Element(clamping: Int(steps) + output.zeroPoint)
      }
    }
  }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x.squareRoot() }
  ]

  public static let examples = [
    Example(
      SquareRoot(),
      [Tensor(TensorType(.f32, [2]), numbers: [4, 0.25])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, 0.5])])
  ]
}
