import GraphIR
import Support
import Tensors

/// The operand's extents, as a list of `i32`.
///
/// TFLite: `SHAPE`.
public struct ShapeOf: Operator {
  public static let name = "shape_of"
  public static let elements = ElementType.allCases

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard operands[0].shape.rank > 0 else { throw Diagnostic(.scalar) }
    return [TensorType(.i32, [operands[0].shape.rank])]
  }

  /// The extents are known when the kernel is made; elements are not looked at.
  public func kernel(for site: Site) throws -> Kernel {
    let extents = site.operands[0].shape.extents
    return Kernel { _, results, _ in
      let y = results[0].pointer(to: Int32.self)
      for (axis, extent) in extents.enumerated() { y[axis] = Int32(clamping: extent) }
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
  fileprivate static var scalar: Self {
    Self(id: "shape-of-scalar", .unsupported, "`shape_of` of a scalar would be empty")
  }
}
