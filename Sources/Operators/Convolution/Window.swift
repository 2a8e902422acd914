import CKernels
import Support
import Tensors

/// How the borders of an image are padded.
///
/// In text `"same"`, `"valid"`, or `[top, left, bottom, right]`.
public enum Padding: Hashable, Sendable {
  /// So that a stride of one keeps the extent; an odd pad goes to the bottom and the right (TensorFlow).
  case same
  /// Not at all: only windows that lie inside the image count (TensorFlow).
  case valid
  /// By so many rows and columns, none of them negative.
  case explicit(top: Int, left: Int, bottom: Int, right: Int)
}

extension Padding: Codable {
  /// - Throws: a `DecodingError` for other words, and for lists that are not of four pads.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let pads = try? container.decode([Int].self), pads.count == 4, pads.allSatisfy({ $0 >= 0 }) {
      self = .explicit(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
      return
    }
    switch try container.decode(String.self) {
    case "same": self = .same
    case "valid": self = .valid
    default:
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown padding")
    }
  }

  /// As in the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .same: try container.encode("same")
    case .valid: try container.encode("valid")
    case .explicit(let top, let left, let bottom, let right):
      try container.encode([top, left, bottom, right])
    }
  }
}

/// One number for the height and one for the width, which are axes 0 and 1.
public struct Spatial: Hashable, Sendable {
  /// The number for rows, axis 0.
  public let height: Int
  /// The number for columns, axis 1.
  public let width: Int

  /// Any two numbers: extents, steps or distances.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Of a list with two numbers.
  init(_ pair: [Int]) { self.init(height: pair[0], width: pair[1]) }

  /// What leaves strides and dilations without effect.
  public static let one = Spatial(height: 1, width: 1)

  /// `height · width`, such as the elements of a kernel.
  public var product: Int { height * width }

  /// The height for axis 0, the width for any other.
  public subscript(axis: Int) -> Int { axis == 0 ? height : width }
}

/// A window that slides over height and width of an image, with the padding worked out.
public struct Window: Hashable, Sendable {
  /// The elements of the window.
  public let kernel: Spatial
  /// By how much the window moves.
  public let stride: Spatial
  /// By how much its elements lie apart; 1 for neighbours.
  public let dilation: Spatial
  /// Rows above and columns to the left of the image that the first window covers.
  public let padBefore: Spatial
  /// Height and width of the result.
  public let output: Spatial

  /// - Parameters:
  ///   - image: height and width of the input.
  ///   - kernel, stride, dilation: height and width each.
  /// - Throws: a `Diagnostic` if an attribute is not positive or no window fits.
  public init(
    over image: [Int], kernel: [Int], stride: [Int], dilation: [Int] = [1, 1], padding: Padding,
    kind: String
  ) throws {
    for (name, pair) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
      guard pair.count == 2, pair.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw Diagnostic(.badWindow(name, pair, kind))
      }
    }
    let spans = zip(kernel, dilation).map { ($0 - 1) * $1 + 1 }
    // The kernels count rows and pads in 32 bits.
    guard spans.allSatisfy({ $0 <= 1 << 20 }) else {
      throw Diagnostic(.windowTooLarge(kind, spans, image))
    }
    let axes = (0..<2).map { axis in
      Self.place(image[axis], span: spans[axis], stride: stride[axis], padding, axis)
    }
    guard axes.allSatisfy({ $0.output > 0 }) else {
      throw Diagnostic(
        .windowTooLarge(kind, spans, image), help: "pad the image, or shrink the window")
    }
    self.kernel = Spatial(kernel)
    self.stride = Spatial(stride)
    self.dilation = Spatial(dilation)
    padBefore = Spatial(axes.map(\.padBefore))
    output = Spatial(axes.map(\.output))
  }

  private static func place(
    _ extent: Int, span: Int, stride: Int, _ padding: Padding, _ axis: Int
  ) -> (padBefore: Int, output: Int) {
    switch padding {
    case .same:
      let output = (extent + stride - 1) / stride
      return (max(0, (output - 1) * stride + span - extent) / 2, output)
    case .valid:
      return (0, extent < span ? 0 : (extent - span) / stride + 1)
    case .explicit(let top, let left, let bottom, let right):
      let (before, after) = axis == 0 ? (top, bottom) : (left, right)
      guard max(before, after) < 1 << 20 else { return (0, 0) }
      let padded = extent + before + after
      return (before, padded < span ? 0 : (padded - span) / stride + 1)
    }
  }

  /// Height and width of the image that one window covers.
  public var span: Spatial {
    Spatial(
      height: (kernel.height - 1) * dilation.height + 1,
      width: (kernel.width - 1) * dilation.width + 1)
  }

  /// The form that the kernels take.
  public var kernelForm: ck_window {
    ck_window(
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      pad_top: Int32(padBefore.height), pad_left: Int32(padBefore.width))
  }
}

extension Window {
  /// One pixel at a time.
  public static let single: Window = {
    do {
      return try Window(
        over: [1, 1], kernel: [1, 1], stride: [1, 1], padding: .valid, kind: "pixel")
    } catch { preconditionFailure("a window of one pixel is sound") }
  }()
}

extension ck_shape {
  /// Of an NHWC shape. Extents beyond 2³¹ cannot occur: tensors of that size are refused before.
  public init(_ shape: Shape) {
    self.init(
      batches: Int32(clamping: shape[0]), height: Int32(clamping: shape[1]),
      width: Int32(clamping: shape[2]), channels: Int32(clamping: shape[3]))
  }
}

extension Diagnostic.Message {
  fileprivate static func badWindow(_ name: String, _ pair: [Int], _ kind: String) -> Self {
    Self(
      id: "bad-window", .malformed, "\(name) \(pair) of `\(kind)` is not a pair of positive numbers"
    )
  }

  fileprivate static func windowTooLarge(_ kind: String, _ spans: [Int], _ image: [Int]) -> Self {
    Self(
      id: "window-too-large", .malformed,
      "the window of `\(kind)` covers \(spans), the padded image has less than that around \(image)"
    )
  }
}
