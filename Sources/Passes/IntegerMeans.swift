import GraphIR
import Operators
import Tensors

/// How `quantize-operators` takes means: pools do not rescale and means round halves away from zero, but a convolution
/// (`IntegerMean`) does as ONNX has it.
extension Graph {
  /// The mean of each window.
  mutating func pool(_ pool: AveragePool2D, _ site: IntegerSite) throws -> ValueID? {
    guard let image = try bytes(of: site.node.inputs[0], before: site.successor) else {
      return nil
    }
    let type = values[image].type
    // Windows over the border have fewer elements than others.
    if try pool.window([type]).isInside(type.shape),
      let mean = IntegerMean(
        pool.kernel, channels: type.shape[3], stride: pool.stride,
        site.limits(pool.clamp, site.type))
    {
      return try insert(mean.onnx, [image, addWeights(of: mean)], site)
    }
    let isScaledAlike = site.type.stored(as: type.element).quantization == type.quantization
    return isScaledAlike ? try insert([image], site) : nil
  }

  /// The mean of all pixels of images, whose channels may be in any axis; nil if these are no images.
  mutating func mean(_ mean: Mean, _ site: IntegerSite) throws -> ValueID? {
    let shape = values[site.node.inputs[0]].type.shape
    let reduced = Set(mean.axes.map { $0 < 0 ? $0 + shape.rank : $0 }).sorted()
    let kept = shape.extents.indices.filter { !reduced.contains($0) }
    guard shape.rank == 4, reduced.count == 2, kept.count == 2,
      let bytes = try bytes(of: site.node.inputs[0], before: site.successor),
      case let type = site.type.stored(as: values[bytes].type.element),
      let mean = IntegerMean(
        reduced.map { shape[$0] }, channels: shape[kept[1]], site.limits(.none, type))
    else { return nil }
    let order = [kept[0]] + reduced + [kept[1]]
    let image = try transposed(bytes, order, before: site.successor)
    let pixels = type.with(shape: [shape[kept[0]], 1, 1, shape[kept[1]]])
    let pixel = try insert(
      mean.onnx, [image, addWeights(of: mean)], results: [pixels], before: site.successor)[0]
    let result = try insert(
      Reshape(shape: type.shape.extents), [pixel], results: [type], before: site.successor)[0]
    return try requantized(result, to: site.type, before: site.successor)
  }

  private mutating func transposed(
    _ value: ValueID, _ permutation: [Int], before successor: NodeID
  ) throws -> ValueID {
    guard permutation != permutation.sorted() else { return value }
    return try insert(Transpose(permutation: permutation), [value], before: successor)[0]
  }

  private mutating func addWeights(of mean: IntegerMean) -> ValueID {
    addConstant("weights", mean.weights.type, mean.weights.data)
  }
}

extension IntegerMean {
  /// The convolution as ONNX rescales.
  fileprivate var onnx: DepthwiseConv2D {
    var copy = op
    copy.rescaling = .onnx
    return copy
  }
}

extension Window {
  /// Whether every window lies inside an image NHWC.
  func isInside(_ image: Shape) -> Bool {
    padBefore == Spatial(height: 0, width: 0)
      && (0..<2).allSatisfy { axis in
        let span = (kernel[axis] - 1) * dilation[axis] + 1
        return (output[axis] - 1) * stride[axis] + span <= image[axis + 1]
      }
  }
}
