import CKernels
import Foundation

/// A function behind the sums of a layer over sequences. Some have one or two parameters, alpha and beta.
public enum GateFunction: String, Hashable, Sendable, Codable {
  /// `max(x, 0)`.
  case relu
  /// The hyperbolic tangent.
  case tanh
  /// The logistic function.
  case sigmoid
  /// `alpha · x + beta`.
  case affine
  /// `x`, or `alpha · x` below 0.
  case leakyRelu
  /// `x`, or 0 below alpha.
  case thresholdedRelu
  /// `alpha · tanh(beta · x)`.
  case scaledTanh
  /// `min(max(alpha · x + beta, 0), 1)`.
  case hardSigmoid
  /// `x`, or `alpha · (exp(x) − 1)` below 0.
  case elu
  /// `x / (1 + |x|)`.
  case softsign
  /// `log(1 + exp(x))`.
  case softplus
}

extension GateFunction {
  /// The function of many arguments at once, in ONNX Runtime's arithmetic; nil if there is none.
  fileprivate func vectorForm(roundsProducts: Bool) -> VectorForm? {
    switch self {
    case .tanh: roundsProducts ? ck_rounded_tanh_f32 : ck_quotient_tanh_f32
    case .sigmoid: roundsProducts ? ck_rounded_logistic_f32 : ck_quotient_logistic_f32
    default: nil
    }
  }
}

/// A gate's function with its parameters.
struct Gate: Sendable {
  let function: GateFunction
  let alpha: Float
  let beta: Float
  /// The largest magnitude of the function's arguments.
  let clip: Float

  /// Replaces the arguments by what the function gives for them.
  ///
  /// - Parameter roundsProducts: of polynomials, as ONNX Runtime has it in some gates.
  func apply(to x: UnsafeMutablePointer<Float>, _ count: Int, roundsProducts: Bool = false) {
    if clip < .infinity {
      for index in 0..<count { x[index] = min(max(x[index], -clip), clip) }
    }
    if let form = function.vectorForm(roundsProducts: roundsProducts) {
      return form(x, Int64(count), x)
    }
    for index in 0..<count { x[index] = value(x[index]) }
  }

  @inline(__always)
  private func value(_ x: Float) -> Float {
    switch function {
    case .relu: max(x, 0)
    case .tanh, .sigmoid: preconditionFailure("functions with a vector form are computed by it")
    case .affine: alpha * x + beta
    case .leakyRelu: x < 0 ? alpha * x : x
    case .thresholdedRelu: x < alpha ? 0 : x
    case .scaledTanh: alpha * Foundation.tanh(beta * x)
    case .hardSigmoid: min(max(alpha * x + beta, 0), 1)
    case .elu: x < 0 ? alpha * expm1(x) : x
    case .softsign: x / (1 + abs(x))
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    }
  }
}
