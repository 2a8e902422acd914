import GraphIR
import Synchronization

/// How weights of one graph are encoded in programs that are only timed: targets that cut a layer alike share the work.
///
/// Holds where streams lie and their code books, not the streams. It lives for as long as somebody compares targets, and
/// may be asked by several threads at once.
public final class KnownEncodings: Sendable {
  private let findings = Mutex([Key: Finding]())

  /// All that the encoding of a layer depends on, weights being constant.
  private struct Key: Hashable {
    let node: NodeID
    let layout: WeightLayout
  }

  /// With a lock of its own, so that nobody waits for other layers than the one that is asked for.
  private final class Finding: Sendable {
    let encoding = Mutex(Encoding.unknown)
  }

  private enum Encoding {
    case unknown
    /// Nil where a code saves nothing.
    case known(EncodedWeights?)
  }

  /// Nothing is known yet.
  public init() {}

  /// The encoded weights of a layer, without their bytes; nil if a code saves nothing.
  ///
  /// - Parameter encode: is called by the first that asks.
  func weights(
    of node: NodeID, _ layout: WeightLayout, encode: () throws -> EncodedWeights?
  ) throws -> EncodedWeights? {
    try finding(Key(node: node, layout: layout)).encoding.withLock { encoding in
      if case .known(let weights) = encoding { return weights }
      let weights = try encode()?.withoutBytes
      encoding = .known(weights)
      return weights
    }
  }

  private func finding(_ key: Key) -> Finding {
    findings.withLock { findings in
      if let known = findings[key] { return known }
      let finding = Finding()
      findings[key] = finding
      return finding
    }
  }
}
