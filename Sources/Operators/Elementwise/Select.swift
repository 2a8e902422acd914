import GraphIR
import Support
import Tensors

/// The elements of `a` where `condition` holds, those of `b` elsewhere, with NumPy's broadcasting.
///
/// Operands: condition, of `bool` elements; `a` and `b`, of one type.
///
/// TFLite: `SELECT_V2`, and `SELECT`, whose condition may be about rows.
public struct Select: Operator {
  public static let name = "select"
  public static let acceptsEmpty = true
  /// Whether the condition is a list, an element for each index of the first axis of `a` and `b`.
  public var selectsRows: Bool

  public init() { self.init(selectsRows: false) }

  /// - Parameter selectsRows: aligns the condition with the first axis instead of the last.
  public init(selectsRows: Bool) { self.selectsRows = selectsRows }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    if selectsRows { try ElementChecks.rank(operands, 0, 1, Self.name) }
    let branches = try Broadcast.shape(operands[1].shape, operands[2].shape, Self.name)
    let condition = conditionShape(operands[0].shape, branches)
    let shape = try Broadcast.shape(condition, branches, Self.name)
    return [TensorType(operands[1].element, shape, operands[1].quantization)]
  }

  /// The condition's shape, aligned with the last axis.
  private func conditionShape(_ shape: Shape, _ branches: Shape) -> Shape {
    guard selectsRows else { return shape }
    return Shape(shape.extents + Array(repeating: 1, count: max(0, branches.rank - 1)))
  }

  /// Both branches and the result are quantized alike, because elements are only moved.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    guard operands[0].element == .bool, operands[1].element == operands[2].element else {
      throw Diagnostic(.branches(operands.map(\.element)))
    }
    try ElementChecks.wholeBytes(operands[1], Self.name)
    try ElementChecks.sameQuantization(operands[1], operands[2], Self.name)
    try ElementChecks.sameQuantization(operands[1], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.results[0].shape
    let condition = conditionShape(site.operands[0].shape, shape)
    let views = [condition, site.operands[1].shape, site.operands[2].shape]
      .map { Broadcast.view($0, as: shape) }
    let width = site.results[0].element.bitWidth / 8
    return Kernel { operands, results, _ in
      let offsets = views.map { view in Broadcast.offsets(view) }
      for index in 0..<shape.elementCount {
        let branch = operands[0][offsets[0][index]] != 0 ? 1 : 2
        let from = offsets[branch][index] * width
        UnsafeMutableRawBufferPointer(rebasing: results[0][index * width..<(index + 1) * width])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: operands[branch][from..<from + width]))
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Select(),
      [
        Tensor(TensorType(.bool, [2]), numbers: [1, 0]),
        Tensor(TensorType(.f32, []), numbers: [7]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 2]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [7, 2])]),
    Example(
      Select(selectsRows: true),
      [
        Tensor(TensorType(.bool, [2]), numbers: [1, 0]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [5, 6, 7, 8]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 7, 8])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func branches(_ found: [ElementType]) -> Self {
    let list = found.map(\.rawValue).joined(separator: ", ")
    return Self(
      id: "select-elements", .malformed, "operands of `select` have element types \(list)")
  }
}
