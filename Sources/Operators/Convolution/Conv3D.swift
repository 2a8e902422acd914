import GraphIR
import Support
import Tensors

/// `y[b, d, h, w, o] = clamp(Σ x[b, d·stride + i·dilation, …, c] · weights[i, j, k, c, o] + bias[o])`, of `f32` or `f64`
/// elements.
///
/// Operands: volume `[b, depth, height, width, c]`, weights `[kernel depth, height, width, c, o]`, and optionally bias `[o]`.
public struct Conv3D: VolumeOperator {
  public static let name = "conv3d"
  public static let elements: [ElementType] = [.f32, .f64]
  /// Depth, height and width.
  public var stride: [Int]
  /// Depth, height and width by which the kernel's elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// How the borders of the volume are padded: `same` or `valid`.
  public var padding: Padding
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(stride: [1, 1, 1]) }

  /// - Parameters:
  ///   - stride, dilation: depth, height and width, all positive; `resultTypes` refuses others.
  ///   - padding: without explicit pads, which are for images.
  ///   - clamp: of the sum with the bias.
  public init(
    stride: [Int] = [1, 1, 1], dilation: [Int] = [1, 1, 1], padding: Padding = .valid,
    clamp: Clamp = .none
  ) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.clamp = clamp
  }

  /// `[b, depth, height, width, o]` with the window's extents.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 0, 5, Self.name)
    try ElementChecks.rank(operands, 1, 5, Self.name)
    let (volume, weights) = (operands[0].shape, operands[1].shape)
    try ElementChecks.shape(
      operands, 1, Shape(weights.extents.prefix(3) + [volume[4], weights[4]]), Self.name)
    if operands.count == 3 { try ElementChecks.shape(operands, 2, [weights[4]], Self.name) }
    let extents = try axes(operands).map(\.output)
    return [TensorType(operands[0].element, Shape([volume[0]] + extents + [weights[4]]))]
  }

  private func axes(_ operands: [TensorType]) throws -> [VolumeAxis] {
    try VolumeAxis.axes(
      over: Array(operands[0].shape.extents[1...3]),
      kernel: Array(operands[1].shape.extents.prefix(3)), stride: stride, dilation: dilation,
      padding: padding, kind: Self.name)
  }

  func kernel<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    _ site: Site, of number: Number.Type
  ) throws -> Kernel {
    let volume = VolumeConvolution<Number>(
      axes: try axes(site.operands), channels: site.operands[1].shape[3],
      filters: site.operands[1].shape[4], clamp: clamp)
    return volume.kernel(for: site)
  }

  /// `elements of the result · elements of the kernel · c`, those over padding included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(
      macs: Work.product(
        results[0].elementCount, operands[1].elementCount / operands[1].shape[4]))
  }

  public static let examples = [
    Example(
      Conv3D(clamp: .relu),
      [
        Tensor(TensorType(.f32, [1, 2, 1, 2, 1]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [2, 1, 1, 1, 2]), numbers: [10, 1, -1, 1]),
        Tensor(TensorType(.f32, [2]), numbers: [0.5, -5]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 2, 2]), numbers: [7.5, 0, 16.5, 1])]),
    // An `f32` would lose the small part of the sum.
    Example(
      Conv3D(),
      [
        Tensor(TensorType(.f64, [1, 1, 1, 2, 1]), numbers: [1, 0x1p-40]),
        Tensor(TensorType(.f64, [1, 1, 2, 1, 1]), numbers: [3, 1]),
      ],
      gives: [Tensor(TensorType(.f64, [1, 1, 1, 1, 1]), numbers: [3 + 0x1p-40])]),
  ]
}

/// The convolution of volumes, pixel by pixel.
private struct VolumeConvolution<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>:
  VolumePlanes
{
  let axes: [VolumeAxis]
  let channels: Int
  let filters: Int
  let clamp: Clamp

  /// Computes the plane of the result with this number, counted over all batches.
  func plane(
    _ number: Int, _ x: UnsafePointer<Number>, _ weights: UnsafePointer<Number>,
    _ bias: UnsafePointer<Number>?, _ y: UnsafeMutablePointer<Number>
  ) {
    let (height, width) = (axes[1].output, axes[2].output)
    let volume = axes[0].input * axes[1].input * axes[2].input * channels
    let image = x + number / axes[0].output * volume
    let depthTaps = axes[0].taps(number % axes[0].output)
    var sums = [Number](repeating: 0, count: filters)
    for row in 0..<height {
      let rowTaps = axes[1].taps(row)
      for column in 0..<width {
        for filter in 0..<filters { sums[filter] = 0 }
        for (i, z) in depthTaps {
          for (j, v) in rowTaps {
            for (k, u) in axes[2].taps(column) {
              let pixel = image + ((z * axes[1].input + v) * axes[2].input + u) * channels
              let tap = (i * axes[1].kernel + j) * axes[2].kernel + k
              accumulate(pixel, weights + tap * channels * filters, &sums)
            }
          }
        }
        finish(sums, bias, y + ((number * height + row) * width + column) * filters)
      }
    }
  }

  private func accumulate(
    _ pixel: UnsafePointer<Number>, _ weights: UnsafePointer<Number>, _ sums: inout [Number]
  ) {
    for channel in 0..<channels {
      let row = weights + channel * filters
      for filter in 0..<filters { sums[filter] += pixel[channel] * row[filter] }
    }
  }

  private func finish(
    _ sums: [Number], _ bias: UnsafePointer<Number>?, _ y: UnsafeMutablePointer<Number>
  ) {
    let (lower, upper) = clamp.range(of: Number.self)
    for filter in 0..<filters {
      y[filter] = min(max(sums[filter] + (bias?[filter] ?? 0), lower), upper)
    }
  }
}
