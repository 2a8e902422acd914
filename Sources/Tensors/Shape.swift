/// The extents of a tensor, outermost first; empty for a scalar. Images are NHWC.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  public let extents: [Int]

  /// - Precondition: no extent is negative, and their product fits in an `Int`; data from files goes
  ///   through `init(checking:)`.
  public init(_ extents: [Int]) { self.extents = extents }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The most elements a tensor may have: more cannot be meant, and sums of sizes then never overflow.
  public static let maximumElementCount = 1 << 40

  /// Nil if an extent is not positive or the element count is beyond `maximumElementCount`.
  public init?(checking extents: [Int]) {
    var count = 1
    for extent in extents {
      let product = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !product.overflow, product.partialValue <= Self.maximumElementCount
      else { return nil }
      count = product.partialValue
    }
    self.init(extents)
  }

  public var rank: Int { extents.count }

  public var elementCount: Int { extents.reduce(1, *) }

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
  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }

  /// As `1x49x10x1`, the usual form in tables and on the command line; `scalar` without extents.
  public var compactDescription: String {
    extents.isEmpty ? "scalar" : extents.map(String.init).joined(separator: "x")
  }
}

extension Shape: Codable {
  public init(from decoder: any Decoder) throws {
    self.init(try [Int](from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try extents.encode(to: encoder)
  }
}
