import Foundation
import GraphIR
import Tensors

/// `y = log(x)`, of `f32`, `i8`, `u8` or `i16` elements.
public struct Log: UnaryOperator {
  public static let name = "log"

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { log(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in log(x) }
  ]

  public static let examples = [
    Example(
      Log(),
      [Tensor(TensorType(.f32, [2]), numbers: [1, 10])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 2.302585093])])
  ]
}
