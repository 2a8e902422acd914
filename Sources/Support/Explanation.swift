/// The long story behind a diagnostic, told by `dovetail explain ID`.
public struct Explanation: Sendable {
  /// The id of the message it explains.
  public let id: String
  /// Prose for the terminal: why the message appears, and what can be done.
  public let text: String

  /// The text that `dovetail explain` shows for `id`.
  public init(_ id: String, _ text: String) {
    self.id = id
    self.text = text
  }
}
