/// The extents of a tensor, outermost first; empty for a scalar. Images are NHWC.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The number of indices along each axis; 0 where a tensor has no elements.
  public let extents: [Int]

  /// - Precondition: no extent is negative, and their product fits in an `Int`; data from files goes
  ///   through `init(checking:)`.
  public init(_ extents: [Int]) { self.extents = extents }

  /// `[1, 49, 10, 1]`, under the precondition of `init(_:)`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The most elements a tensor may have: more cannot be meant, and sums of sizes then never overflow.
  public static let maximumElementCount = 1 << 40

  /// Nil if an extent is negative, or the element count is beyond `maximumElementCount`, extents of 0 left aside.
  public init?(checking extents: [Int]) {
    var count = 1
    for extent in extents {
      let product = count.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !product.overflow, product.partialValue <= Self.maximumElementCount
      else { return nil }
      count = product.partialValue
    }
    self.init(extents)
  }

  /// As `init(checking:)`, and nil also if an extent is 0.
  public init?(checkingPositive extents: [Int]) {
    guard !extents.contains(0) else { return nil }
    self.init(checking: extents)
  }

  /// Whether a tensor of this shape has no elements.
  public var isEmpty: Bool { extents.contains(0) }

  /// The number of axes; 0 for a scalar.
  public var rank: Int { extents.count }

  /// The product of the extents; 1 for a scalar.
  public var elementCount: Int { extents.reduce(1, *) }

  /// The extent along an axis, counted from the front.
  public subscript(axis: Int) -> Int { extents[axis] }

  /// The distance in elements between neighbours along each axis, in row-major order.
  public var strides: [Int] {
    var strides = Array(repeating: 1, count: rank)
    for axis in extents.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }
}

extension Shape: CustomStringConvertible {
  /// `[1, 49, 10, 1]`, as in the text form.
  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }
}

extension Shape: Codable {
  /// From a list of extents, which are not checked.
  public init(from decoder: any Decoder) throws {
    self.init(try [Int](from: decoder))
  }

  /// As a list of extents.
  public func encode(to encoder: any Encoder) throws {
    try extents.encode(to: encoder)
  }
}
