import GraphIR
import Operators
import Tensors

/// How `quantize-operators` takes means: pools do not rescale and means round halves away from zero, but a convolution whose
/// weights are all 1, and stand for one by the number of elements, does as ONNX has it.
extension Graph {
  /// The mean of each window.
  mutating func pool(_ pool: AveragePool2D, _ site: IntegerSite) throws -> ValueID? {
    guard let image = try bytes(of: site.node.inputs[0], before: site.successor) else {
      return nil
    }
    let type = values[image].type
    // Windows over the border have fewer elements than others.
    if try pool.window([type]).isInside(type.shape),
      let weights = averagingWeights(pool.kernel, channels: type.shape[3])
    {
      return try insert(
        DepthwiseConv2D(
          stride: pool.stride, clamp: site.limits(pool.clamp, site.type), rescaling: .onnx),
        [image, weights], site)
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
      let weights = averagingWeights(reduced.map { shape[$0] }, channels: shape[kept[1]]),
      let bytes = try bytes(of: site.node.inputs[0], before: site.successor)
    else { return nil }
    let order = [kept[0]] + reduced + [kept[1]]
    let image = try transposed(bytes, order, before: site.successor)
    let type = site.type.stored(as: values[bytes].type.element)
    let pixel = try insert(
      DepthwiseConv2D(clamp: site.limits(.none, type), rescaling: .onnx), [image, weights],
      results: [type.with(shape: [shape[kept[0]], 1, 1, shape[kept[1]]])], before: site.successor)[
        0]
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

  /// Weights of a depthwise convolution that gives the mean of each window; nil if they were too many to be worth it.
  private mutating func averagingWeights(_ kernel: [Int], channels: Int) -> ValueID? {
    guard kernel.allSatisfy({ (1...64).contains($0) }), channels <= 1 << 12 else { return nil }
    let type = TensorType(
      .i8, [1, kernel[0], kernel[1], channels],
      Quantization(scale: 1 / Float(kernel[0] * kernel[1])))
    let ones = Tensor(type, numbers: Array(repeating: 1, count: type.elementCount))
    return addConstant("weights", type, ones.data)
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
