import GraphIR
import Support
import Tensors

/// The operand with a slice of it replaced, which is moved as far inside as it has to be.
///
/// Operands: what is changed; what is put there; the place of its first element, of `i32` or `i64` elements.
///
/// TFLite: `DYNAMIC_UPDATE_SLICE`.
public struct DynamicUpdateSlice: Operator {
  public static let name = "dynamic_update_slice"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }

  public init() {}

  /// The first operand's type; the second has no larger extents, and the third an index for each axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    let (whole, part) = (operands[0].shape.extents, operands[1].shape.extents)
    guard whole.count == part.count, !whole.isEmpty, zip(whole, part).allSatisfy({ $0 >= $1 })
    else { throw Diagnostic(.tooLarge(operands[1].shape, operands[0].shape)) }
    try ElementChecks.shape(operands, 2, [whole.count], Self.name)
    return [operands[0]]
  }

  /// All elements are of one type, because they are only moved.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(
      Array(operands.prefix(2)), Self.elements, Self.name)
    try ElementChecks.indices(operands, 2, Self.name)
    try ElementChecks.sameQuantization(operands[1], operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (whole, part) = (site.operands[0].shape, site.operands[1].shape)
    let width = site.results[0].element.bitWidth / 8
    let reader = IndexReader(site.operands[2])
    return Kernel { operands, results, _ in
      results[0].copyMemory(from: operands[0])
      let begin = whole.extents.indices.map { axis in
        reader.index(operands[2], at: axis, among: whole[axis] - part[axis] + 1)
      }
      let view = StridedView(part, of: whole, begin: begin, step: begin.map { _ in 1 })
      StridedCopy.scatter(operands[1], view, into: results[0], elementBytes: width)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      DynamicUpdateSlice(),
      [
        Tensor(TensorType(.f32, [4]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [2]), numbers: [8, 9]),
        Tensor(TensorType(.i32, [1]), numbers: [7]),
      ],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [1, 2, 8, 9])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func tooLarge(_ part: Shape, _ whole: Shape) -> Self {
    Self(
      id: "update-too-large", .malformed,
      "`dynamic_update_slice` cannot put \(part) into \(whole)")
  }
}
