import GraphIR
import Support
import Tensors

/// The largest elements of each row along the last axis in falling order, or the smallest in rising order, and their
/// places in the row. Of equal ones, the first comes first.
///
/// Results: elements, of the operand's type; places, of `i32` elements.
///
/// TFLite and ONNX: `TOPK_V2`, `TopK`.
public struct TopK: Operator {
  public static let name = "top_k"
  public static let elements: [ElementType] = [.f64, .f32, .i8, .u8, .i16, .i32, .i64]
  public static let acceptsEmpty = true
  /// How many elements of each row there are to be.
  public var count: Int
  /// Whether the smallest elements are meant instead of the largest.
  public var takesSmallest: Bool

  public init() { self.init(count: 1) }

  /// - Parameter count: from 0 to the extent of the last axis.
  public init(count: Int, takesSmallest: Bool = false) {
    self.count = count
    self.takesSmallest = takesSmallest
  }

  /// The operand's extents with `count` as the last, twice.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard let length = operands[0].shape.extents.last, (0...length).contains(count) else {
      throw Diagnostic(.badCount(count, operands[0].shape))
    }
    let shape = Shape(operands[0].shape.extents.dropLast() + [count])
    return [operands[0].moved(into: shape), TensorType(.i32, shape)]
  }

  /// Scales do not change the order, so stored numbers are compared and moved.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    switch site.operands[0].element {
    case .f64: kernel(site, of: Double.self)
    case .i8: kernel(site, of: Int8.self)
    case .u8: kernel(site, of: UInt8.self)
    case .i16: kernel(site, of: Int16.self)
    case .i32: kernel(site, of: Int32.self)
    case .i64: kernel(site, of: Int64.self)
    default: kernel(site, of: Float.self)
    }
  }

  private func kernel<Number: Comparable & Sendable>(
    _ site: Site, of type: Number.Type
  ) -> Kernel {
    let length = site.operands[0].shape.extents.last ?? 1
    let rows = site.operands[0].elementCount / length
    return Kernel { [self] operands, results, _ in
      let (values, places) = (
        results[0].pointer(to: Number.self), results[1].pointer(to: Int32.self)
      )
      for row in 0..<rows {
        let x = operands[0].pointer(to: Number.self) + row * length
        let order = (0..<length).sorted { (a: Int, b: Int) in
          isBefore(x[a], x[b]) ?? (a < b)
        }
        for (rank, place) in order.prefix(count).enumerated() {
          values[row * count + rank] = x[place]
          places[row * count + rank] = Int32(clamping: place)
        }
      }
    }
  }

  /// Which of two elements comes first; nil if they are equal. What is no number comes last.
  private func isBefore<Number: Comparable>(_ a: Number, _ b: Number) -> Bool? {
    let (aIsNumber, bIsNumber) = (a == a, b == b)
    guard aIsNumber, bIsNumber else { return aIsNumber == bIsNumber ? nil : aIsNumber }
    if a == b { return nil }
    return takesSmallest ? a < b : a > b
  }

  /// One comparison for each element, and each of the largest before it is found.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(operands[0].elementCount, count))
  }

  public static let examples = [
    Example(
      TopK(count: 2),
      [Tensor(TensorType(.f32, [2, 3]), numbers: [1, 3, 2, 5, 4, 5])],
      gives: [
        Tensor(TensorType(.f32, [2, 2]), numbers: [3, 2, 5, 5]),
        Tensor(TensorType(.i32, [2, 2]), numbers: [1, 2, 0, 2]),
      ]),
    Example(
      TopK(count: 2, takesSmallest: true),
      [Tensor(TensorType(.i64, [4]), numbers: [3, 1, 2, 1])],
      gives: [
        Tensor(TensorType(.i64, [2]), numbers: [1, 1]),
        Tensor(TensorType(.i32, [2]), numbers: [1, 3]),
      ]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badCount(_ count: Int, _ shape: Shape) -> Self {
    Self(
      id: "bad-top-k", .malformed, "`top_k` cannot take \(count) elements of the rows of \(shape)")
  }
}
