import GraphIR
import Support
import Tensors

/// The operand's extents, as a list of `i32` or `i64`.
///
/// TFLite: `SHAPE`.
public struct ShapeOf: Operator {
  public static let name = "shape_of"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases
  /// `i32` or `i64`.
  public var element: ElementType

  public init() { self.init(element: .i32) }

  /// - Parameter element: of the result, `i32` or `i64`.
  public init(element: ElementType) { self.element = element }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard operands[0].shape.rank > 0 else { throw Diagnostic(.scalar) }
    guard [.i32, .i64].contains(element) else { throw Diagnostic(.noIndexType(element)) }
    return [TensorType(element, [operands[0].shape.rank])]
  }

  /// The extents are known when the kernel is made; elements are not looked at.
  public func kernel(for site: Site) throws -> Kernel {
    let extents = site.operands[0].shape.extents
    return Kernel { [element] _, results, _ in
      for (axis, extent) in extents.enumerated() {
        element.store(Double(extent), in: results[0], at: axis)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      ShapeOf(),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [5, 6])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [1, 2])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func noIndexType(_ element: ElementType) -> Self {
    Self(
      id: "bad-index-type", .malformed,
      "`shape_of` cannot give `\(element.rawValue)` elements, only `i32` or `i64`")
  }

  fileprivate static var scalar: Self {
    Self(id: "shape-of-scalar", .unsupported, "`shape_of` of a scalar would be empty")
  }
}
