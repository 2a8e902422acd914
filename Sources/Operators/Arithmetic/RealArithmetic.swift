/// The order in which real numbers are added, and what stands for functions of them.
public enum RealArithmetic: String, Hashable, Sendable, Codable {
  /// One after another, and the functions of the system's library: TFLite's reference kernels.
  case tflite
  /// In the lanes of vectors, and polynomials: the bits of ONNX Runtime, and on every processor the same.
  case onnx
}

/// A function of many real numbers: the first operand, how many there are, and the first result.
public typealias VectorForm =
  @Sendable (UnsafePointer<Float>?, Int64, UnsafeMutablePointer<Float>?) -> Void

extension RealArithmetic {
  /// The function of one number.
  static func apply(_ form: VectorForm, _ x: Float) -> Float {
    var y: Float = 0
    withUnsafePointer(to: x) { form($0, 1, &y) }
    return y
  }
}
