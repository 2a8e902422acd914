import Tensors

/// Which elements of a tensor share a scale: element `i` has scale `i / stride % count`.
public struct ScaleMap: Hashable, Sendable {
  /// The number of scales.
  public let count: Int
  /// Neighbouring elements that share one.
  public let stride: Int
  /// The axis along which scales vary, if it is a whole axis.
  public let axis: Int?

  /// One scale for all elements.
  static let single = ScaleMap(count: 1, stride: 1, axis: nil)

  /// - Parameters:
  ///   - shape: of weights.
  ///   - channelAxis: along which their output channels lie.
  ///   - granularity: groups that do not divide what is multiplied for a channel are whole channels.
  init(_ shape: Shape, channelAxis: Int, _ granularity: TensorScheme.Granularity) {
    let channel = ScaleMap(
      count: shape[channelAxis], stride: shape.strides[channelAxis], axis: channelAxis)
    switch granularity {
    case .tensor: self = .single
    case .channel: self = channel
    case .group(let size):
      let divides = channelAxis == 0 && channel.stride % size == 0 && channel.stride > size
      self =
        divides ? ScaleMap(count: shape.elementCount / size, stride: size, axis: nil) : channel
    }
  }

  private init(count: Int, stride: Int, axis: Int?) {
    (self.count, self.stride, self.axis) = (count, stride, axis)
  }

  /// The scale that an element has.
  package func scale(of element: Int) -> Int { element / stride % count }

  /// Calls `body` with each run of elements that lie next to each other and share a scale.
  func forEachRun(_ elementCount: Int, _ body: (_ scale: Int, _ elements: Range<Int>) -> Void) {
    guard count > 1 else { return body(0, 0..<elementCount) }
    for (run, start) in Swift.stride(from: 0, to: elementCount, by: stride).enumerated() {
      body(run % count, start..<start + stride)
    }
  }
}
