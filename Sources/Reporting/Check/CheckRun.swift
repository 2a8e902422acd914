import Dispatch
import Hardware
import Support
import Synchronization

/// Measures the networks of a suite, several at a time, and answers from the cache what did not change.
public struct CheckRun: Sendable {
  /// What was measured of one entry, or why it could not be.
  public struct Measured: Sendable {
    /// The network and its target.
    public let entry: Suite.Entry
    /// Nil if it could not be measured.
    public let facts: NetworkFacts?
    /// Why it could not.
    public let diagnostics: [Diagnostic]
    /// Whether the facts were known from an earlier run.
    public let isCached: Bool
  }

  private let cache: CheckCache?
  private let tool: String
  private let measure: @Sendable (Suite.Entry, Target) throws -> NetworkFacts

  /// - Parameters:
  ///   - cache: nil measures everything.
  ///   - tool: the digest of what measures: facts of other builds are not used.
  ///   - measure: compiles and times the network of an entry on its target.
  public init(
    cache: CheckCache?, tool: String,
    measure: @escaping @Sendable (Suite.Entry, Target) throws -> NetworkFacts
  ) {
    self.cache = cache
    self.tool = tool
    self.measure = measure
  }

  /// What was measured, in the order of the entries, however many are measured at a time.
  ///
  /// - Parameter progress: is moved by each network, and removed at the end.
  public func measured(
    _ entries: [Suite.Entry], jobs: Int, progress: sending ProgressLine = .silent
  ) -> [Measured] {
    let progress = Mutex(progress)
    let results = Workers(count: jobs).map(entries.count) { index in
      let result = measured(entries[index])
      progress.withLock { $0.advance() }
      return result
    }
    progress.withLock { $0.finish() }
    return results
  }

  private func measured(_ entry: Suite.Entry) -> Measured {
    do {
      let target = try Target(entry.target, entry.choice)
      let key = try CheckKey(entry, on: target, tool: tool)
      if let key, let known: NetworkFacts = cache?.value(key.text) {
        return Measured(entry: entry, facts: known, diagnostics: [], isCached: true)
      }
      let facts = try measure(entry, target)
      if let key { cache?.store(facts, key.text) }
      return Measured(entry: entry, facts: facts, diagnostics: [], isCached: false)
    } catch {
      let found = Diagnostics(of: error).all
      let all = found.isEmpty ? [Diagnostic(.notMeasured("\(error)"))] : found
      return Measured(entry: entry, facts: nil, diagnostics: all, isCached: false)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func notMeasured(_ reason: String) -> Self {
    Self(id: "not-measured", .usage, "the network cannot be measured: \(reason)")
  }
}
