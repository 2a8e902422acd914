import CKernels
import GraphIR
import Support
import Tensors

/// Sums of products of bytes, `y[b, h, w, o] = Σ (x[b, h·stride + i·dilation, …, c] − p) · (weights[o, i, j, c] − q[o])`.
///
/// Operands: image NHWC and weights `[o, kernel height, kernel width, c]`, of `i8` or `u8` elements each, the zero point p of
/// the image, and those of the weights q, one or as many as there are output channels, of the same types. The result is
/// `i32`; sums wrap. Borders are padded with the zero point. Weights of fewer input channels than the image has are those of
/// groups, as in `Conv2D`.
///
/// ONNX: `ConvInteger`.
public struct IntegerConv2D: Operator {
  public static let name = "integer_conv2d"
  public static let elements: [ElementType] = [.i8, .u8]
  /// Height and width.
  public var stride: [Int]
  /// Height and width by which the kernel's elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// How the borders of the image are padded.
  public var padding: Padding

  public init() { self.init(stride: [1, 1]) }

  /// - Parameter stride, dilation: height and width, both positive; `resultTypes` refuses others.
  public init(stride: [Int], dilation: [Int] = [1, 1], padding: Padding = .valid) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  /// The shape that `Conv2D` gives.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 4...4, Self.name)
    let result = try convolution.resultTypes(Array(operands.prefix(2)))
    return [TensorType(.i32, result[0].shape)]
  }

  /// Zero points are bytes of the same sign as what they belong to.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements([operands[0], operands[2]], Self.elements, Self.name)
    try ElementChecks.sameElements([operands[1], operands[3]], Self.elements, Self.name)
    let channels = operands[1].shape[0]
    guard operands[2].elementCount == 1, [1, channels].contains(operands[3].elementCount) else {
      throw Diagnostic(.zeroPoints(operands[2].elementCount, operands[3].elementCount, channels))
    }
  }

  private var convolution: Conv2D {
    Conv2D(stride: stride, dilation: dilation, padding: padding)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let form = ByteConvolution(site, window: try convolution.window(site.operands))
    // The sums over windows of the image are needed where weights have zero points.
    let ready = site.constants[1].map { form.pack($0.bytes) }
    let ones = form.packedOnes()
    return Kernel { operands, results, _ in
      let weights = ready ?? form.pack(operands[1])
      form.run(operands, weights, ones, results[0].pointer(to: Int32.self))
    }
  }

  /// As that of `Conv2D`.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    convolution.work(operands, results)
  }

  /// As those of `Conv2D`.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    convolution.measures(operands)
  }

  public static let examples = [
    // The border stands for 0: (4 − 1) · (3 − 2) + …
    Example(
      IntegerConv2D(
        stride: [1, 1], padding: .explicit(top: 0, left: 0, bottom: 1, right: 1)),
      [
        Tensor(TensorType(.u8, [1, 2, 2, 1]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.u8, [1, 2, 2, 1]), numbers: [3, 2, 2, 4]),
        Tensor(TensorType(.u8, []), numbers: [1]),
        Tensor(TensorType(.u8, []), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.i32, [1, 2, 2, 1]), numbers: [6, 1, 2, 3])]),
    // A zero point for each output channel, and one group for each input channel.
    Example(
      IntegerConv2D(),
      [
        Tensor(TensorType(.u8, [1, 1, 1, 2]), numbers: [200, 10]),
        Tensor(TensorType(.i8, [2, 1, 1, 1]), numbers: [-100, 7]),
        Tensor(TensorType(.u8, []), numbers: [100]),
        Tensor(TensorType(.i8, [2]), numbers: [3, -3]),
      ],
      gives: [Tensor(TensorType(.i32, [1, 1, 1, 2]), numbers: [-10300, -900])]),
  ]
}

/// A convolution of bytes at one place in a graph.
private struct ByteConvolution: Sendable {
  private let window: ck_window
  private let shape: (input: ck_shape, output: ck_shape)
  private let weights: TensorType
  private let channels: Int
  private let bytes: (image: SignedBytes, weights: SignedBytes)

  init(_ site: Site, window: Window) {
    self.window = window.kernelForm
    shape = (ck_shape(site.operands[0].shape), ck_shape(site.results[0].shape))
    weights = TensorType(.i8, site.operands[1].shape)
    channels = site.operands[0].shape[3]
    bytes = (SignedBytes(site.operands[0]), SignedBytes(site.operands[1]))
  }

  func pack(_ elements: UnsafeRawBufferPointer) -> PackedWeights {
    bytes.weights.with(elements, packSigned)
  }

  func packedOnes() -> PackedWeights {
    packSigned([Int8](repeating: 1, count: weights.elementCount))
  }

  private func packSigned(_ elements: UnsafePointer<Int8>) -> PackedWeights {
    let shape = ck_shape(weights.shape)
    if shape.channels == 1, channels > 1 { return packDepthwise(elements) }
    guard weights.shape[3] != channels else {
      return PackedWeights(
        ck_pack_conv2d_i8(
          elements, 0, shape.batches, shape.height, shape.width, shape.channels))
    }
    let dense = ChannelGroups(weights, channels: channels)
      .expanded(UnsafeRawBufferPointer(start: elements, count: weights.byteCount))
    return withExtendedLifetime(dense) {
      PackedWeights(
        ck_pack_conv2d_i8(
          $0.bytes.pointer(to: Int8.self), 0, shape.batches, shape.height, shape.width,
          Int32(clamping: channels)))
    }
  }

  /// Weights `[o, h, w, 1]` as `[h, w, o]`.
  private func packDepthwise(_ elements: UnsafePointer<Int8>) -> PackedWeights {
    let (outputs, taps) = (weights.shape[0], weights.shape[1] * weights.shape[2])
    let byTap = (0..<outputs * taps).map { elements[$0 % outputs * taps + $0 / outputs] }
    let shape = ck_shape(weights.shape)
    return PackedWeights(
      ck_pack_depthwise_conv2d_i8(byTap, 0, shape.height, shape.width, shape.batches))
  }

  /// `Σ (x − p) · weights`, from which `q · Σ (x − p)` is taken.
  func run(
    _ operands: [UnsafeRawBufferPointer], _ weights: PackedWeights, _ ones: PackedWeights,
    _ y: UnsafeMutablePointer<Int32>
  ) {
    let p = bytes.image.zeroPoints(operands[2])[0]
    let q = bytes.weights.zeroPoints(operands[3])
    let (outputs, pixels) = (self.weights.shape[0], resultCount / self.weights.shape[0])
    bytes.image.with(operands[0]) { x in
      weights.accumulate(x, shape, zeroPoint: p, window, into: y)
      guard q.contains(where: { $0 != 0 }) else { return }
      var sums = [Int32](repeating: 0, count: resultCount)
      ones.accumulate(x, shape, zeroPoint: p, window, into: &sums)
      for pixel in 0..<pixels {
        for output in 0..<outputs {
          let index = pixel * outputs + output
          y[index] &-= q[q.count == 1 ? 0 : output] &* sums[index]
        }
      }
    }
  }

  private var resultCount: Int {
    Int(shape.output.batches) * Int(shape.output.height) * Int(shape.output.width)
      * Int(shape.output.channels)
  }
}

extension Diagnostic.Message {
  fileprivate static func zeroPoints(_ image: Int, _ weights: Int, _ channels: Int) -> Self {
    Self(
      id: "zero-point-count", .malformed,
      "`integer_conv2d` has \(image) and \(weights) zero points, "
        + "expected 1 for the image, and 1 or \(channels) for the weights")
  }
}
