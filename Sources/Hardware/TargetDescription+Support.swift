extension TargetDescription {
  /// Which uses of an operator an engine can run.
  public struct Support: Codable, Hashable, Sendable {
    /// Element types of the first operand.
    public let elements: [String]
    /// Nil for any, or for an operator without a window; so for the others.
    public let kernel: Limit?
    /// Of the window's steps.
    public let stride: Limit?
    /// Of the distance between the window's elements.
    public let dilation: Limit?
    /// The most output channels per input channel of a depthwise convolution.
    public let maximumDepthMultiplier: Int?
  }

  /// The largest height and width.
  public struct Limit: Codable, Hashable, Sendable {
    /// Height and width, both 1 or more.
    public let maximum: [Int]
  }
}
