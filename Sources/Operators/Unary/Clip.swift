import GraphIR
import Tensors

/// `y = min(max(x, lower), upper)`, of `f32`, `i8` or `u8` elements.
///
/// Where TFLite's activations make infinite numbers finite, these stay within an open end.
public struct Clip: UnaryOperator {
  public static let name = "clip"

  public static let hasQuantizedForm = true

  /// The range; nil bounds let everything pass.
  public var clamp: Clamp

  public init() { self.init(clamp: .none) }

  /// - Parameter clamp: of the elements.
  public init(clamp: Clamp) { self.clamp = clamp }

  public func apply(_ x: Float) -> Float {
    min(max(x, clamp.lower ?? -.infinity), clamp.upper ?? .infinity)
  }

  public static let examples = [
    Example(
      Clip(clamp: Clamp(lower: -1.5, upper: 2)),
      [Tensor(TensorType(.f32, [4]), numbers: [-2, 0, 2, 3])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [-1.5, 0, 2, 2])]),
    Example(
      Clip(clamp: Clamp(lower: 0)),
      [Tensor(TensorType(.f32, [2]), numbers: [-.infinity, .infinity])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, .infinity])]),
    Example(
      Clip(clamp: Clamp(upper: 2)),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [-7, 6])],
      gives: [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [-7, 4])]),
  ]
}
