/// A change to model or target that would make the run shorter, with what it is expected to gain.
public struct ProfileAdvice: Codable, Hashable, Sendable {
  /// What to do, in a few words.
  public let title: String
  /// Why it helps, and what it costs.
  public let detail: String
  /// The cycles by which the whole run is expected to become shorter.
  public let gainCycles: Int
  /// The positions in `Profile.layers` of those that gain; empty if it is the whole network.
  public let layers: [Int]

  /// Advice as given; nothing is checked.
  public init(title: String, detail: String, gainCycles: Int, layers: [Int]) {
    self.title = title
    self.detail = detail
    self.gainCycles = gainCycles
    self.layers = layers
  }
}
