import GraphIR
import Tensors

/// Makes the kernel of running results, for one element type.
public typealias CumulativeForm = @Sendable (CumulativeWalk, Site) throws -> Kernel

/// How running results go along an axis.
public struct CumulativeWalk: Sendable {
  fileprivate let axis: Int
  fileprivate let isExclusive: Bool
  fileprivate let isReverse: Bool
  fileprivate let kind: String
}

/// Combines each element along an axis with all those before it. Numbers are taken as they are stored.
public protocol CumulativeOperator: Operator {
  /// The axis along which elements are combined; a negative one counts from the back.
  var axis: Int { get }
  /// Whether an element is left out of its own result.
  var isExclusive: Bool { get }
  /// Whether results begin at the end of the axis.
  var isReverse: Bool { get }

  /// The function for each element type that the operator takes.
  static var forms: [ElementType: CumulativeForm] { get }
}

extension CumulativeOperator {
  public static var elements: [ElementType] {
    ElementType.allCases.filter { forms[$0] != nil }
  }

  /// The operand's shape and elements.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    _ = try ElementChecks.axis(axis, rank: operands[0].shape.rank, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  /// Refuses element types without a form.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    guard let form = Self.forms[site.operands[0].element] else {
      preconditionFailure("`check` refuses element types without a form")
    }
    let walk = CumulativeWalk(
      axis: axis, isExclusive: isExclusive, isReverse: isReverse, kind: Self.name)
    return try form(walk, site)
  }

  /// One operation for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }

  /// The form for elements that are stored as `Number`.
  ///
  /// - Parameter first: what stands before the first element.
  static func form<Number: BitwiseCopyable & Sendable>(
    from first: Number, _ combine: @escaping @Sendable (Number, Number) -> Number
  ) -> CumulativeForm {
    { walk, site in
      let rows = try AxisRows(walk.axis, of: site.operands[0].shape, walk.kind)
      return Kernel { operands, results, _ in
        let (x, y) = (operands[0].pointer(to: Number.self), results[0].pointer(to: Number.self))
        rows.forEach { start in
          var result = first
          for step in 0..<rows.length {
            let place = start + (walk.isReverse ? rows.length - 1 - step : step) * rows.stride
            let next = combine(result, x[place])
            y[place] = walk.isExclusive ? result : next
            result = next
          }
        }
      }
    }
  }
}
