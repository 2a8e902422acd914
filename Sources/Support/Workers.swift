import Dispatch

/// How many threads may share a piece of work. Results never depend on the number.
public struct Workers: Sendable {
  /// At least 1; the calling thread counts.
  public let count: Int

  /// - Parameter count: of threads; less than 1 is taken for 1.
  public init(count: Int) { self.count = max(1, count) }

  /// The calling thread alone.
  public static let one = Workers(count: 1)

  /// Calls `body` with parts that together cover `0..<items`, on several threads at once where that may pay.
  /// Returns when all parts are done. None is empty, unless there are no items at all.
  ///
  /// - Parameter grain: the fewest items worth a thread of their own.
  public func split(
    _ items: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let parts = min(count, items / max(1, grain))
    guard parts > 1 else { return body(0..<items) }
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      body(items * part / parts..<items * (part + 1) / parts)
    }
  }
}
