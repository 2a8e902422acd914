/// How far each layer's result is from the float network's, in a measure that the caller names.
public struct LayerAccuracy: Hashable, Sendable {
  /// The measure with its unit, such as `SQNR, dB`.
  public let title: String
  /// For each layer of the profile; nil where nothing was measured.
  public let values: [Double?]

  /// A measure with its values, in the order of `Profile.layers`; those that are missing at the end count as nil.
  public init(title: String, values: [Double?]) {
    self.title = title
    self.values = values
  }
}
