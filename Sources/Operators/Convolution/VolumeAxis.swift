import Support

/// One of the three axes along which a window moves over a volume.
struct VolumeAxis: Sendable {
  /// The extent of the volume.
  let input: Int
  /// How many positions the window has.
  let output: Int
  /// How many elements the kernel has.
  let kernel: Int
  private let stride: Int
  private let dilation: Int
  private let padBefore: Int

  /// Depth, height and width, each the first axis of a window with nothing in the other.
  ///
  /// - Parameters:
  ///   - extents, kernel, stride, dilation: depth, height and width each.
  ///   - padding: without explicit pads, which are for images.
  /// - Throws: a `Diagnostic` if an attribute is not positive or no window fits.
  static func axes(
    over extents: [Int], kernel: [Int], stride: [Int], dilation: [Int], padding: Padding,
    kind: String
  ) throws -> [VolumeAxis] {
    guard stride.count == 3, dilation.count == 3, padding == .same || padding == .valid else {
      throw Diagnostic(.badVolumeWindow(stride, dilation, kind))
    }
    return try (0..<3).map { axis in
      let window = try Window(
        over: [extents[axis], 1], kernel: [kernel[axis], 1], stride: [stride[axis], 1],
        dilation: [dilation[axis], 1], padding: padding, kind: kind)
      return VolumeAxis(window, input: extents[axis])
    }
  }

  private init(_ window: Window, input: Int) {
    self.input = input
    output = window.output.height
    kernel = window.kernel.height
    stride = window.stride.height
    dilation = window.dilation.height
    padBefore = window.padBefore.height
  }

  /// The elements of the window at `position` that lie inside, each with its index in the kernel.
  func taps(_ position: Int) -> [(kernel: Int, input: Int)] {
    (0..<kernel).compactMap { tap in
      let index = position * stride - padBefore + tap * dilation
      return (0..<input).contains(index) ? (tap, index) : nil
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badVolumeWindow(
    _ stride: [Int], _ dilation: [Int], _ kind: String
  ) -> Self {
    Self(
      id: "bad-volume-window", .malformed,
      "stride \(stride) and dilation \(dilation) of `\(kind)` are not of three axes, or pads are explicit"
    )
  }
}
