import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Layers over sequences. TFLite's own have states and precisions that the standard's have not.
  static let recurrent: [ONNXForm] = [
    ONNXForm(SequenceGRU.self) { op, site, writer in
      try writer.layer("GRU", op, site, [.flag("linear_before_reset", op.resetsProducts)])
    },
    ONNXForm(SequenceLSTM.self) { op, site, writer in
      try writer.layer("LSTM", op, site, [.flag("input_forget", op.couplesForgetGate)])
    },
    ONNXForm(SequenceRNN.self) { op, site, writer in try writer.layer("RNN", op, site, []) },
  ]
}

extension ONNXGraphWriter {
  fileprivate mutating func layer(
    _ kind: String, _ op: some SequenceLayer, _ site: ONNXSite,
    _ attributes: [ONNXAttributeProto]
  ) throws {
    let operands = try site.operands.map { try stored($0) }
    let units = ONNXAttributeProto.integer("hidden_size", site.shape(2)[2])
    let names = file.add(
      kind, operands, [units] + op.onnxAttributes + attributes, results: site.results.count)
    for (result, name) in zip(site.results, names) {
      define(result, plainOrder(result), as: name)
    }
  }
}

extension SequenceLayer {
  /// Parameters are listed for those functions alone that have some.
  fileprivate var onnxAttributes: [ONNXAttributeProto] {
    let first = zip(activations, alphas).filter { $0.0.hasAlpha }.map(\.1)
    let second = zip(activations, betas).filter { $0.0.hasBeta }.map(\.1)
    return [
      .string("direction", direction.rawValue),
      .strings("activations", activations.map(\.onnxName)),
    ] + (first.isEmpty ? [] : [.floats("activation_alpha", first)])
      + (second.isEmpty ? [] : [.floats("activation_beta", second)])
      + (clip == 0 ? [] : [.float("clip", clip)])
  }
}

extension GateFunction {
  fileprivate var onnxName: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

  fileprivate var hasAlpha: Bool {
    switch self {
    case .relu, .tanh, .sigmoid, .softsign, .softplus: false
    case .affine, .scaledTanh, .leakyRelu, .thresholdedRelu, .elu, .hardSigmoid: true
    }
  }

  fileprivate var hasBeta: Bool { [.affine, .scaledTanh, .hardSigmoid].contains(self) }
}
