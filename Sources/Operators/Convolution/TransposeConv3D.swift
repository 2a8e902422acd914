import GraphIR
import Support
import Tensors

/// The transpose of a convolution of volumes, each element of the volume spread over a window of the result:
/// `y[b, d·stride + i·dilation − pad, …, o] += x[b, d, h, w, c] · weights[i, j, k, o, c]`, then `clamp(y + bias[o])`.
///
/// Operands, all of `f32` or all of `f64`: volume `[b, depth, height, width, c]`, weights
/// `[kernel depth, height, width, o, c]`, and optionally bias `[o]`.
///
/// TFLite: `CONV_3D_TRANSPOSE`.
public struct TransposeConv3D: VolumeOperator {
  public static let name = "transpose_conv3d"
  public static let elements: [ElementType] = [.f32, .f64]
  /// Depth, height and width of the result.
  public var size: [Int]
  /// Depth, height and width by which windows in the result lie apart.
  public var stride: [Int]
  /// Depth, height and width by which the kernel's elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// How the ordinary convolution, from result to volume, pads its borders: `same` or `valid`.
  public var padding: Padding
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(size: [1, 1, 1]) }

  /// - Parameters:
  ///   - size: of the result, from which the convolution gives the volume's.
  ///   - stride, dilation: depth, height and width, all positive; `resultTypes` refuses others.
  ///   - clamp: of the sum with the bias.
  public init(
    size: [Int], stride: [Int] = [1, 1, 1], dilation: [Int] = [1, 1, 1],
    padding: Padding = .valid, clamp: Clamp = .none
  ) {
    self.size = size
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.clamp = clamp
  }

  /// `[b, depth, height, width, o]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 0, 5, Self.name)
    try ElementChecks.rank(operands, 1, 5, Self.name)
    let (volume, weights) = (operands[0].shape, operands[1].shape)
    try ElementChecks.shape(
      operands, 1, Shape(weights.extents.prefix(4) + [volume[4]]), Self.name)
    if operands.count == 3 { try ElementChecks.shape(operands, 2, [weights[3]], Self.name) }
    guard try axes(operands).map(\.output) == Array(volume.extents[1...3]) else {
      throw Diagnostic(
        .sizeMismatch(size, volume), help: "the convolution of the result has the volume's extents")
    }
    return [TensorType(operands[0].element, Shape([volume[0]] + size + [weights[3]]))]
  }

  /// Those of the ordinary convolution, whose window slides over the result.
  private func axes(_ operands: [TensorType]) throws -> [VolumeAxis] {
    guard size.count == 3, size.allSatisfy({ (1...1 << 30).contains($0) }) else {
      throw Diagnostic(.sizeMismatch(size, operands[0].shape))
    }
    return try VolumeAxis.axes(
      over: size, kernel: Array(operands[1].shape.extents.prefix(3)), stride: stride,
      dilation: dilation, padding: padding, kind: Self.name)
  }

  func kernel<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    _ site: Site, of number: Number.Type
  ) throws -> Kernel {
    let volume = VolumeTransposition<Number>(
      axes: try axes(site.operands), channels: site.operands[1].shape[4],
      filters: site.operands[1].shape[3], clamp: clamp)
    return volume.kernel(for: site)
  }

  /// `elements of the volume · elements of the kernel · o`, those that fall outside of the result included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(
      macs: Work.product(
        operands[0].elementCount, operands[1].elementCount / operands[1].shape[4]))
  }

  public static let examples = [
    // Where windows overlap, products add up: 1·2, 1·3 + 5·2, 5·3.
    Example(
      TransposeConv3D(size: [3, 1, 1], clamp: .relu),
      [
        Tensor(TensorType(.f32, [1, 2, 1, 1, 1]), numbers: [1, 5]),
        Tensor(TensorType(.f32, [2, 1, 1, 1, 1]), numbers: [2, 3]),
        Tensor(TensorType(.f32, [1]), numbers: [-2.5]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 3, 1, 1, 1]), numbers: [0, 10.5, 12.5])]),
    Example(
      TransposeConv3D(size: [1, 1, 4], stride: [1, 1, 2]),
      [
        Tensor(TensorType(.f32, [1, 1, 1, 2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [1, 1, 2, 1, 2]), numbers: [10, 1, 0, -1]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 4, 1]), numbers: [12, -2, 34, -4])]),
    // An `f32` would lose the small part of the sum.
    Example(
      TransposeConv3D(size: [1, 1, 1]),
      [
        Tensor(TensorType(.f64, [1, 1, 1, 1, 2]), numbers: [1, 0x1p-40]),
        Tensor(TensorType(.f64, [1, 1, 1, 1, 2]), numbers: [3, 1]),
      ],
      gives: [Tensor(TensorType(.f64, [1, 1, 1, 1, 1]), numbers: [3 + 0x1p-40])]),
  ]
}

/// The transposed convolution of volumes, plane by plane of the result. Its axes are those of the convolution from result to
/// volume: their taps say where an element of the volume goes.
private struct VolumeTransposition<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>:
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
    let (depth, height, width) = (axes[0].output, axes[1].output, axes[2].output)
    let count = axes[1].input * axes[2].input * filters
    let plane = y + number * count
    plane.update(repeating: 0, count: count)
    for z in 0..<depth {
      guard let tap = axes[0].taps(z).first(where: { $0.input == number % axes[0].input }) else {
        continue
      }
      let image = x + (number / axes[0].input * depth + z) * height * width * channels
      let kernel = weights + tap.kernel * axes[1].kernel * axes[2].kernel * filters * channels
      spread(image, kernel, over: plane)
    }
    finish(plane, count, bias)
  }

  /// Adds the products of a plane of the volume and one of the kernel.
  private func spread(
    _ image: UnsafePointer<Number>, _ kernel: UnsafePointer<Number>,
    over plane: UnsafeMutablePointer<Number>
  ) {
    let columnTaps = (0..<axes[2].output).map(axes[2].taps)
    for row in 0..<axes[1].output {
      let rowTaps = axes[1].taps(row)
      for (column, taps) in columnTaps.enumerated() {
        let pixel = image + (row * axes[2].output + column) * channels
        for (i, v) in rowTaps {
          for (j, u) in taps {
            accumulate(
              pixel, kernel + (i * axes[2].kernel + j) * filters * channels,
              plane + (v * axes[2].input + u) * filters)
          }
        }
      }
    }
  }

  private func accumulate(
    _ pixel: UnsafePointer<Number>, _ weights: UnsafePointer<Number>,
    _ sums: UnsafeMutablePointer<Number>
  ) {
    for filter in 0..<filters {
      let row = weights + filter * channels
      for channel in 0..<channels { sums[filter] += pixel[channel] * row[channel] }
    }
  }

  private func finish(
    _ plane: UnsafeMutablePointer<Number>, _ count: Int, _ bias: UnsafePointer<Number>?
  ) {
    let (lower, upper) = clamp.range(of: Number.self)
    for index in 0..<count {
      let sum = plane[index] + (bias?[index % filters] ?? 0)
      plane[index] = min(max(sum, lower), upper)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func sizeMismatch(_ size: [Int], _ volume: Shape) -> Self {
    Self(
      id: "transposed-size", .malformed,
      "`transpose_conv3d` to \(size) does not belong to a volume of shape \(volume)")
  }
}
