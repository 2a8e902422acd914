/// A change that would make a network faster, and by how much.
public struct ProfileAdvice: Codable, Hashable, Sendable {
  /// What to do, in a few words.
  public let title: String
  /// Why, and what was computed to find the gain.
  public let detail: String
  /// The cycles that the whole run would take less.
  public let gainCycles: Int
  /// The layers that gain, by their position in the profile; those that gain most come first.
  public let layers: [Int]

  /// - Parameter gainCycles: found by timing the changed network or target, not estimated.
  public init(title: String, detail: String, gainCycles: Int, layers: [Int]) {
    self.title = title
    self.detail = detail
    self.gainCycles = gainCycles
    self.layers = layers
  }
}
