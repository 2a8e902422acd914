import CKernels
import GraphIR
import Support
import Tensors

/// `y = clamp(a − b)`, with NumPy's broadcasting, of `f32`, `i32`, `i8` or `u8` elements.
public struct Subtract: BinaryOperator {
  public static let name = "sub"
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(clamp: .none) }

  /// - Parameter clamp: of the difference.
  public init(clamp: Clamp) { self.clamp = clamp }

  public static func apply(_ a: Float, _ b: Float) -> Float { a - b }

  public static let hasQuantizedForm = true

  /// Brings operands to a common scale, as an addition does.
  ///
  /// Source: `PrepareGeneralSubOp` of TFLite.
  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let form = try QuantizedSum.form(site.operands, site.results[0], clamp, Self.name)
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, y) in
      withUnsafePointer(to: form) { ck_subtract_i8(a, b, Int64(count), $0, y) }
    }
  }

  /// Wraps where a difference is beyond 32 bits.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { $0 &- $1 }

  public static let examples = [
    Example(
      Subtract(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -8])])
  ]
}
