import GraphIR
import Tensors

/// `y = clamp(a / b)`, with NumPy's broadcasting, of `f32` or `i32` elements.
public struct Divide: BinaryOperator {
  public static let name = "div"
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(clamp: .none) }

  /// - Parameter clamp: of the quotient.
  public init(clamp: Clamp) { self.clamp = clamp }

  public static func apply(_ a: Float, _ b: Float) -> Float { a / b }

  /// Drops the fraction. A quotient beyond 32 bits wraps, and by 0 it is 0, where LiteRT ends with an error.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { a, b in
    b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
  }

  public static let examples = [
    Example(
      Divide(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1.5, -1])])
  ]
}
