import ONNXSchema
import Operators
import Tensors

/// The window of a convolution or a pool as the attributes of a node.
struct ONNXWindowAttributes {
  let kernel: [Int]
  let stride: [Int]
  let dilation: [Int]
  let before: [Int]
  let after: [Int]

  /// That of an image of two axes.
  ///
  /// - Parameters:
  ///   - image: height and width of what the window slides over.
  ///   - padding: explicit pads stay what they are, even where no window reaches them.
  init(_ window: Window, over image: [Int], _ padding: Padding) {
    kernel = [window.kernel.height, window.kernel.width]
    stride = [window.stride.height, window.stride.width]
    dilation = [window.dilation.height, window.dilation.width]
    before = [window.padBefore.height, window.padBefore.width]
    if case .explicit(_, _, let bottom, let right) = padding {
      after = [bottom, right]
    } else {
      let last = [window.output.height - 1, window.output.width - 1]
      let covered = [window.span.height, window.span.width]
      let (stride, before) = (stride, before)
      after = (0..<2).map { max(0, last[$0] * stride[$0] + covered[$0] - image[$0] - before[$0]) }
    }
  }

  /// That of an image of any number of axes, padded as little as the output needs, an odd pad behind it.
  ///
  /// - Parameters:
  ///   - image, output: with batches in front and channels behind.
  init(image: Shape, output: Shape, kernel: [Int], stride: [Int], dilation: [Int]) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    let totals = kernel.indices.map { axis in
      max(
        0,
        (output[axis + 1] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1
          - image[axis + 1])
    }
    before = totals.map { $0 / 2 }
    after = totals.map { $0 - $0 / 2 }
  }

  /// For a convolution.
  func attributes(groups: Int) -> [ONNXAttributeProto] {
    common + [.integers("pads", before + after), .integer("group", groups)]
  }

  /// For a pool, which in older versions of the standard has no dilations.
  var poolAttributes: [ONNXAttributeProto] {
    [
      .integers("kernel_shape", kernel), .integers("strides", stride),
      .integers("pads", before + after),
    ]
  }

  /// For a transposed convolution to a result of the given size.
  func transposedAttributes(size: [Int], image: Shape, groups: Int) -> [ONNXAttributeProto] {
    let behind = size.indices.map { axis in
      (image[axis + 1] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - size[axis]
        - before[axis]
    }
    return common + [
      .integers("pads", before + behind.map { max(0, $0) }),
      .integers("output_padding", behind.map { max(0, -$0) }), .integer("group", groups),
    ]
  }

  private var common: [ONNXAttributeProto] {
    [
      .integers("kernel_shape", kernel), .integers("strides", stride),
      .integers("dilations", dilation),
    ]
  }
}
