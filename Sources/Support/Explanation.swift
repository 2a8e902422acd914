/// The long story behind a diagnostic, told by `dovetail explain ID`.
public struct Explanation: Sendable {
  /// The id of the message it explains.
  public let id: String
  public let text: String

  public init(_ id: String, _ text: String) {
    self.id = id
    self.text = text
  }
}
