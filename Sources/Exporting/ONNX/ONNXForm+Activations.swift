import Operators

extension ONNXForm {
  /// Activations, which are functions of each element too.
  static let activations: [ONNXForm] = [
    .elements(CELU.self, "Celu") { [.float("alpha", $0.alpha)] },
    .elements(Clip.self) { op, names, element, file in file.clamped(names[0], op.clamp, element) },
    .elements(ELU.self, "Elu") { [.float("alpha", $0.alpha)] },
    .elements(GELU.self, "Gelu") { [.string("approximate", $0.isApproximate ? "tanh" : "none")] },
    .elements(HardSigmoid.self, "HardSigmoid") {
      [.float("alpha", $0.alpha), .float("beta", $0.beta)]
    },
    .elements(HardSwish.self, "HardSwish"),
    .elements(LeakyReLU.self, "LeakyRelu") { [.float("alpha", $0.slope)] },
    .elements(Logistic.self, "Sigmoid"),
    .elements(Mish.self, "Mish"),
    .clamping(ReLU.self),
    .clamping(ReLU0To1.self),
    .clamping(ReLU6.self),
    .clamping(ReLUN1To1.self),
    .elements(SELU.self, "Selu") { [.float("alpha", $0.alpha), .float("gamma", $0.gamma)] },
    .elements(Shrink.self, "Shrink") {
      [.float("bias", $0.bias), .float("lambd", $0.threshold)]
    },
    .elements(Softplus.self, "Softplus"),
    .elements(Softsign.self, "Softsign"),
    // An operator of its own came with version 24 only.
    .elements(Swish.self) { op, names, element, file in
      let alpha = file.scalar(Double(op.alpha), element, "alpha")
      let steep = op.alpha == 1 ? names[0] : file.add("Mul", [names[0], alpha])
      return file.add("Mul", [names[0], file.add("Sigmoid", [steep])])
    },
    .elements(ThresholdedReLU.self, "ThresholdedRelu") { [.float("alpha", $0.alpha)] },
  ]

  private static func clamping<Op: ClampingOperator>(_ type: Op.Type) -> ONNXForm {
    .elements(type) { _, names, element, file in file.clamped(names[0], Op.clamp, element) }
  }
}
