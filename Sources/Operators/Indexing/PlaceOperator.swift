import GraphIR
import Support
import Tensors

/// Where along an axis the largest or the smallest element lies, of `f32`, `f64`, `i8`, `u8`, `i32`, `i64` or `bool`
/// elements.
public protocol PlaceOperator: Operator {
  /// The axis that vanishes; a negative one counts from the back.
  var axis: Int { get }
  /// The type of the places, `i32` or `i64`.
  var element: ElementType { get }
  /// Whether the last of equal elements counts, not the first.
  var takesLast: Bool { get }

  /// Whether an element takes the place of the one found so far.
  static func isBetter<Number: Comparable>(_ x: Number, than best: Number) -> Bool
}

extension PlaceOperator {
  public static var elements: [ElementType] { [.f32, .f64, .i8, .u8, .i32, .i64, .bool] }

  /// The operand's extents without the axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let axis = try ElementChecks.axis(axis, rank: operands[0].shape.rank, Self.name)
    guard [.i32, .i64].contains(element) else {
      throw Diagnostic(.noIndexType(Self.name, element))
    }
    var extents = operands[0].shape.extents
    extents.remove(at: axis)
    return [TensorType(element, Shape(extents))]
  }

  /// Refuses element types without a form; scales do not change the order.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    switch site.operands[0].element {
    case .i8: try kernel(site, of: Int8.self)
    case .u8, .bool: try kernel(site, of: UInt8.self)
    case .i32: try kernel(site, of: Int32.self)
    case .i64: try kernel(site, of: Int64.self)
    case .f64: try kernel(site, of: Double.self)
    default: try kernel(site, of: Float.self)
    }
  }

  private func kernel<Number: Comparable & Sendable>(
    _ site: Site, of type: Number.Type
  ) throws -> Kernel {
    let rows = try AxisRows(axis, of: site.operands[0].shape, Self.name)
    return Kernel { [element, takesLast] operands, results, _ in
      let x = operands[0].pointer(to: Number.self)
      var row = 0
      rows.forEach { start in
        var best = 0
        for place in 1..<max(rows.length, 1) {
          let (next, found) = (x[start + place * rows.stride], x[start + best * rows.stride])
          if Self.isBetter(next, than: found) || takesLast && next == found { best = place }
        }
        element.store(Double(best), in: results[0], at: row)
        row += 1
      }
    }
  }

  /// One comparison for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }
}

extension Diagnostic.Message {
  fileprivate static func noIndexType(_ kind: String, _ element: ElementType) -> Self {
    Self(
      id: "bad-index-type", .malformed,
      "`\(kind)` cannot give `\(element.rawValue)` elements, only `i32` or `i64`")
  }
}
