/// A limit that a figure has to keep, whatever was accepted before.
public struct Budget: Codable, Hashable, Sendable {
  /// The name of a figure, such as `latencyCycles`; one that several begin with, such as `trafficBytes.sram`, stands for
  /// their sum.
  public let metric: String
  /// Which layers it holds for, each by itself: a pattern of names with `*` and `?`. Nil for the whole network.
  public let layers: String?
  /// The largest figure allowed.
  public let maximum: Double?
  /// The smallest figure allowed.
  public let minimum: Double?
  /// By how much the figure may be worse than the accepted one, as a part of that; in place of the tolerance.
  public let maximumIncrease: Double?

  /// - Parameter layers: only cycles are known of single layers, so `metric` is then `latencyCycles`.
  public init(
    metric: String, layers: String? = nil, maximum: Double? = nil, minimum: Double? = nil,
    maximumIncrease: Double? = nil
  ) {
    self.metric = metric
    self.layers = layers
    self.maximum = maximum
    self.minimum = minimum
    self.maximumIncrease = maximumIncrease
  }
}

/// By how much figures may be worse than the accepted ones, as parts of them.
public struct Tolerance: Hashable, Sendable {
  /// Of figures of a whole network.
  public var totals: Double
  /// Of the cycles of single layers.
  public var layers: Double

  /// Half a percent: programs and simulation are deterministic, so every change has a cause.
  public static let standard = Tolerance(totals: 0.005, layers: 0.005)

  /// - Parameters are parts: 0.01 is one percent.
  public init(totals: Double, layers: Double) {
    self.totals = totals
    self.layers = layers
  }
}

/// A pattern of names, in which `*` stands for any text and `?` for one character.
struct NamePattern {
  private let pattern: [Character]

  init(_ pattern: String) { self.pattern = Array(pattern) }

  /// Whether the whole name is of the pattern.
  ///
  /// - Complexity: O(pattern · name): only the last star is ever tried again.
  func matches(_ name: String) -> Bool {
    let name = Array(name)
    var (p, n) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        (p, n) = (p + 1, n + 1)
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (p, n) = (last.pattern + 1, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
