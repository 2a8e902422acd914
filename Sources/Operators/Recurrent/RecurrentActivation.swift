import CKernels

/// The function behind the sums of a recurrent layer.
public enum RecurrentActivation: String, Hashable, Sendable, Codable {
  /// Lets sums be as they are.
  case none
  /// `max(x, 0)`.
  case relu
  /// `min(max(x, −1), 1)`.
  case reluN1To1
  /// `min(max(x, 0), 6)`.
  case relu6
  /// The hyperbolic tangent.
  case tanh
  /// 1 for numbers with a sign, else 0.
  case signBit

  var kernelForm: ck_recurrent_activation {
    switch self {
    case .none: ck_recurrent_none
    case .relu: ck_recurrent_relu
    case .reluN1To1: ck_recurrent_relu_n1_to_1
    case .relu6: ck_recurrent_relu6
    case .tanh: ck_recurrent_tanh
    case .signBit: ck_recurrent_sign_bit
    }
  }
}
