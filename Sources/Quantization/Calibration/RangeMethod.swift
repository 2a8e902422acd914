import Support

/// How the range that a value is quantized for is found from the numbers seen in calibration.
public enum RangeMethod: Hashable, Sendable {
  /// From the least number to the largest: nothing is clipped.
  case minMax
  /// As `minMax`, but inputs of the network reach as far as samples yet unseen are expected to.
  ///
  /// What is cut off an input is lost to all layers. Of keywords spoken by others than were calibrated with, most have a number
  /// beyond all of these; `Scripts/benchmark quantization --networks kws` measures what comes of `minMax` and of this.
  case expected
  /// As `minMax` sample by sample, and then `range += weight · (range of the sample − range)`.
  case movingAverage(Double)
  /// So that this percentage of the numbers is within; as many are cut off below as above.
  case percentile(Double)
  /// With the least expected square of the error, of rounding and clipping together.
  case meanSquaredError
  /// With the least divergence of the quantized distribution from that of the numbers.
  case entropy
}

extension RangeMethod {
  /// How the ranges of values are found that are no inputs of the network.
  var withinNetwork: Self { self == .expected ? .minMax : self }
}

extension RangeMethod: CustomStringConvertible {
  /// As on the command line: `min-max`, `expected`, `moving-average:0.01`, `percentile:99.99`, `mse`, `entropy`.
  public var description: String {
    switch self {
    case .minMax: "min-max"
    case .expected: "expected"
    case .movingAverage(let weight): "moving-average:\(weight)"
    case .percentile(let percentage): "percentile:\(percentage)"
    case .meanSquaredError: "mse"
    case .entropy: "entropy"
    }
  }

  /// The method that `description` gives this text for; `percentile` and `moving-average` may do without number.
  ///
  /// - Throws: a `Diagnostic` if there is none, or its number has no meaning.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let number = parts.count > 1 ? Double(parts[1]) : nil
    guard parts.count == 1 || number != nil, let name = parts.first,
      let method = Self.method(String(name), number)
    else { throw Diagnostic(.unknownMethod(text), help: Self.known) }
    self = method
  }

  private static let known =
    "the methods are min-max, expected, moving-average:WEIGHT (above 0, up to 1), percentile:P (above 50, "
    + "up to 100), mse and entropy"

  private static func method(_ name: String, _ number: Double?) -> Self? {
    switch (name, number) {
    case ("min-max", nil): .minMax
    case ("expected", nil): .expected
    case ("mse", nil): .meanSquaredError
    case ("entropy", nil): .entropy
    case ("moving-average", let weight): movingAverage(checking: weight ?? 0.01)
    case ("percentile", let percentage): percentile(checking: percentage ?? 99.99)
    default: nil
    }
  }

  private static func movingAverage(checking weight: Double) -> Self? {
    weight > 0 && weight <= 1 ? .movingAverage(weight) : nil
  }

  private static func percentile(checking percentage: Double) -> Self? {
    percentage > 50 && percentage <= 100 ? .percentile(percentage) : nil
  }
}

extension RangeMethod: Codable {
  /// From the text that `init(_:)` takes.
  public init(from decoder: any Decoder) throws {
    try self.init(try String(from: decoder))
  }

  /// As the text that `description` gives.
  public func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownMethod(_ text: String) -> Self {
    Self(id: "range-method", .usage, "there is no method `\(text)` to find ranges")
  }
}
