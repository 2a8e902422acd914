/// Heights and widths that hardware limits; nil where an operator has no such thing.
public struct OperatorMeasures: Hashable, Sendable {
  /// Height and width of the window.
  public var kernel: [Int]?
  /// Height and width by which the window moves.
  public var stride: [Int]?
  /// Height and width by which the window's elements lie apart.
  public var dilation: [Int]?
  /// Output channels per input channel of a depthwise convolution.
  public var depthMultiplier: Int?
  /// Groups of channels that are convolved by themselves.
  public var groups: Int?

  /// Lists hold height and width; what is left out, no target can limit.
  public init(
    kernel: [Int]? = nil, stride: [Int]? = nil, dilation: [Int]? = nil, depthMultiplier: Int? = nil,
    groups: Int? = nil
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.depthMultiplier = depthMultiplier
    self.groups = groups
  }
}
