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
    switch site.results[0].element.bitWidth {
    case 8: return Self.kernel(views, moving: UInt8.self)
    case 16: return Self.kernel(views, moving: UInt16.self)
    case 32: return Self.kernel(views, moving: UInt32.self)
    default: return Self.kernel(views, moving: UInt64.self)
    }
  }

  /// A kernel that takes elements for bits of their width.
  private static func kernel<Bits: BitwiseCopyable & Sendable>(
    _ views: [StridedView], moving type: Bits.Type
  ) -> Kernel {
    let strides = views.map(\.run.stride)
    let count = views[0].run.count
    return Kernel { operands, results, _ in
      let (a, b) = (operands[1].pointer(to: Bits.self), operands[2].pointer(to: Bits.self))
      var y = results[0].pointer(to: Bits.self)
      let starts = views.map(runStarts)
      for run in starts[0].indices {
        let (condition, first, second) = (starts[0][run], starts[1][run], starts[2][run])
        for index in 0..<count {
          let isFirst = operands[0][condition + index * strides[0]] != 0
          y[index] = isFirst ? a[first + index * strides[1]] : b[second + index * strides[2]]
        }
        y += count
      }
    }
  }

  private static func runStarts(_ view: StridedView) -> [Int] {
    var starts: [Int] = []
    view.forEachRun { starts.append($0) }
    return starts
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
