import Dispatch
import Synchronization

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

  /// What `body` gives for each item, in their order; a thread that is done with one takes the next.
  ///
  /// For items that take longer than each other, and each longer than a thread takes to start.
  public func map<Result: Sendable>(
    _ items: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    let next = Atomic(0)
    let results = Mutex([Int: Result]())
    DispatchQueue.concurrentPerform(iterations: max(1, min(count, items))) { _ in
      while true {
        let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard item < items else { return }
        let result = body(item)
        results.withLock { $0[item] = result }
      }
    }
    return results.withLock { found in (0..<items).compactMap { found[$0] } }
  }
}
