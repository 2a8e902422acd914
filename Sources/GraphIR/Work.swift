import Tensors

/// The work of one operator, independent of any target.
public struct Work: Hashable, Sendable {
  /// Multiply-accumulate operations.
  public var macs: Int
  /// Other operations on elements: additions, comparisons, table look-ups.
  public var elementOperations: Int

  /// No work, but for what is given.
  public init(macs: Int = 0, elementOperations: Int = 0) {
    self.macs = macs
    self.elementOperations = elementOperations
  }

  /// An operator may not have more to do: more cannot be meant, and sums over a graph then do not overflow.
  public static let maximumCount = 1 << 56

  /// The product of counts, or `Int.max` where it would be larger; the operator is then refused.
  public static func product(_ counts: Int...) -> Int {
    counts.reduce(1) { product, count in
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: count)
      return isTooLarge ? .max : next
    }
  }

  /// The work of both, each count at most `Int.max`.
  public static func + (a: Work, b: Work) -> Work {
    Work(
      macs: sum(a.macs, b.macs), elementOperations: sum(a.elementOperations, b.elementOperations))
  }

  /// The sum of two counts, or `Int.max` where it would be larger.
  public static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, isTooLarge) = a.addingReportingOverflow(b)
    return isTooLarge ? .max : sum
  }

  /// One operation for each element of the result.
  public static func elementwise(_ result: TensorType) -> Work {
    Work(elementOperations: result.elementCount)
  }
}
