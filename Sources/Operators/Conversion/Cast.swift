import GraphIR
import Support
import Tensors

/// The same numbers in another element type. Fractions are dropped. An integer that a narrower type cannot hold loses its
/// high bits, as in C; a float is clamped, where C leaves it open, and a NaN becomes 0.
///
/// Quantization plays no part: stored numbers are taken as they are.
public struct Cast: Operator {
  public static let name = "cast"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases
  /// The element type of the result.
  public var element: ElementType

  public init() { self.init(element: .f32) }

  /// - Parameter element: of the result; any type will do.
  public init(element: ElementType) { self.element = element }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(element, operands[0].shape)]
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (from, to) = (site.operands[0].element, site.results[0].element)
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      for index in 0..<count {
        if from.isFloat {
          let number = from.load(from: operands[0], at: index)
          let isKept = to.isFloat || to == .bool
          to.store(isKept ? number : number.rounded(.towardZero), in: results[0], at: index)
        } else {
          let integer = from.loadInteger(from: operands[0], at: index)
          Self.store(integer, as: to, in: results[0], at: index)
        }
      }
    }
  }

  private static func store(
    _ integer: Int, as element: ElementType, in bytes: UnsafeMutableRawBufferPointer, at index: Int
  ) {
    switch element {
    // Rounded once, where `Double` would round before it.
    case .f32: element.store(Double(Float(integer)), in: bytes, at: index)
    case .f64, .f16, .bf16, .f8e4m3, .f8e5m2, .bool:
      element.store(Double(integer), in: bytes, at: index)
    default: element.storeLowBits(of: integer, in: bytes, at: index)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Cast(element: .i8),
      [Tensor(TensorType(.u8, [2]), numbers: [255, 130])],
      gives: [Tensor(TensorType(.i8, [2]), numbers: [-1, -126])]),
    Example(
      Cast(element: .i32),
      [Tensor(TensorType(.i64, [2]), numbers: [4_294_967_297, -3])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [1, -3])]),
    Example(
      Cast(element: .i32),
      [Tensor(TensorType(.f32, [3]), numbers: [1.9, -1.9, 3e10])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [1, -1, 2_147_483_647])]),
  ]
}
