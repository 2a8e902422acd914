import Operators
import Support

/// The window of a convolution or a pool, as the attributes of a node give it: a number for each axis of the image.
struct ONNXWindow {
  let kernel: [Int]
  let stride: [Int]
  let dilation: [Int]
  /// Pads before each axis.
  let before: [Int]
  /// Pads behind each axis.
  let after: [Int]

  /// - Parameters:
  ///   - image: the extents of the axes that the window moves along.
  ///   - kernel: those of the weights; left out, the attribute's.
  /// - Throws: a `Diagnostic` if a list has another length, or a number is out of range.
  init(_ node: ONNXNode, image: [Int], kernel: [Int]? = nil) throws {
    self = try ONNXWindow(unpadded: node, axes: image.count, kernel: kernel).padded(node, image)
  }

  private init(
    kernel: [Int], stride: [Int], dilation: [Int], before: [Int], after: [Int]
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.after = after
  }

  /// With the attribute's pads, whatever `auto_pad` says.
  init(unpadded node: ONNXNode, axes: Int, kernel: [Int]? = nil) throws {
    let ones = Array(repeating: 1, count: axes)
    let kernel = try kernel ?? node.integers("kernel_shape") ?? []
    let stride = try node.integers("strides") ?? ones
    let dilation = try node.integers("dilations") ?? ones
    let pads = try node.integers("pads") ?? (ones + ones).map { _ in 0 }
    guard axes > 0, pads.count == 2 * axes, pads.allSatisfy({ (0..<1 << 20).contains($0) }),
      [kernel, stride, dilation].allSatisfy({ list in
        list.count == axes && list.allSatisfy { (1...1 << 20).contains($0) }
      })
    else { throw Diagnostic(.window(node.kind, kernel, stride, dilation, pads)) }
    self.init(
      kernel: kernel, stride: stride, dilation: dilation, before: Array(pads.prefix(axes)),
      after: Array(pads.suffix(axes)))
  }

  private func padded(_ node: ONNXNode, _ image: [Int]) throws -> ONNXWindow {
    switch try node.string("auto_pad", default: "NOTSET") {
    case "SAME_UPPER": return with(totals: same(image), isUpper: true)
    case "SAME_LOWER": return with(totals: same(image), isUpper: false)
    case "VALID": return with(totals: image.map { _ in 0 }, isUpper: true)
    case "NOTSET", "": return self
    case let other: throw Diagnostic(.automaticPads(node.kind, other))
    }
  }

  /// The elements of the image that one window covers along each axis.
  var spans: [Int] { zip(kernel, dilation).map { ($0 - 1) * $1 + 1 } }

  /// The pads along each axis with which a stride of one keeps the extent.
  private func same(_ image: [Int]) -> [Int] {
    image.indices.map { axis in
      let output = (image[axis] + stride[axis] - 1) / stride[axis]
      return max(0, (output - 1) * stride[axis] + spans[axis] - image[axis])
    }
  }

  /// The same window with pads divided between both ends, an odd one going to the upper end if `isUpper`.
  func with(totals: [Int], isUpper: Bool) -> ONNXWindow {
    let smaller = totals.map { $0 / 2 }
    let larger = totals.map { $0 - $0 / 2 }
    return with(before: isUpper ? smaller : larger, after: isUpper ? larger : smaller)
  }

  func with(before: [Int], after: [Int]) -> ONNXWindow {
    ONNXWindow(kernel: kernel, stride: stride, dilation: dilation, before: before, after: after)
  }

  /// With one more axis in front, along which nothing happens.
  func withLeadingAxis() -> ONNXWindow {
    ONNXWindow(
      kernel: [1] + kernel, stride: [1] + stride, dilation: [1] + dilation,
      before: [0] + before, after: [0] + after)
  }

  /// The same window over the axes behind the first.
  func withoutLeadingAxis() -> ONNXWindow {
    ONNXWindow(
      kernel: Array(kernel.dropFirst()), stride: Array(stride.dropFirst()),
      dilation: Array(dilation.dropFirst()), before: Array(before.dropFirst()),
      after: Array(after.dropFirst()))
  }

  /// How many windows there are along each axis.
  ///
  /// - Parameter roundsUp: whether a last one counts that only begins inside.
  func outputs(_ image: [Int], roundsUp: Bool = false) -> [Int] {
    image.indices.map { axis in
      let room = image[axis] + before[axis] + after[axis] - spans[axis]
      guard room >= 0 else { return 0 }
      let count = (room + (roundsUp ? stride[axis] - 1 : 0)) / stride[axis] + 1
      let beginsBehind = (count - 1) * stride[axis] >= image[axis] + before[axis]
      return roundsUp && beginsBehind ? count - 1 : count
    }
  }

  /// With so much behind each axis that the last of a number of windows is whole.
  func covering(_ outputs: [Int], of image: [Int]) -> ONNXWindow {
    let needed = image.indices.map { axis in
      max(0, (outputs[axis] - 1) * stride[axis] + spans[axis] - image[axis] - before[axis])
    }
    return with(before: before, after: needed)
  }

  /// The pads of a window over an image of two axes.
  func padding(_ image: [Int]) -> Padding {
    if (before + after).allSatisfy({ $0 == 0 }) { return .valid }
    let same = with(totals: same(image), isUpper: true)
    if before == same.before, after == same.after { return .same }
    return .explicit(top: before[0], left: before[1], bottom: after[0], right: after[1])
  }
}

extension Diagnostic.Message {
  /// What an operator on images asks for, and cannot be.
  static func image(_ kind: String, _ problem: String) -> Self {
    Self(id: "onnx-image", .malformed, "`\(kind)` \(problem)")
  }

  fileprivate static func window(
    _ kind: String, _ kernel: [Int], _ stride: [Int], _ dilation: [Int], _ pads: [Int]
  ) -> Self {
    .image(
      kind,
      "has the window \(kernel) with strides \(stride), dilations \(dilation) and pads \(pads)")
  }

  fileprivate static func automaticPads(_ kind: String, _ found: String) -> Self {
    .image(kind, "has `auto_pad` \(found)")
  }
}
