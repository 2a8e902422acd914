import GraphIR
import Operators
import Support
import Tensors

/// Recurrent layers, and the operators of TFLite that they are written as. Their states become variable tensors.
extension TFLiteExporter {
  static let recurrent = [
    TFLiteEncoder(BasicLSTM.self) { op, site in
      .layer(
        "LSTM", "LSTMOptions",
        ["kernel_type": .name("BASIC"), "fused_activation_function": .name("TANH")],
        op, site, [Array(repeating: true, count: 5)])
    },
    TFLiteEncoder(BidirectionalLSTM.self) { op, site in
      .layer(
        "BIDIRECTIONAL_SEQUENCE_LSTM", "BidirectionalSequenceLSTMOptions",
        op.options + ["merge_outputs": .boolean(op.mergesOutputs)], op, site, op.places)
    },
    TFLiteEncoder(BidirectionalRNN.self) { op, site in
      let hasWeights = site.operands.count == 12
      return .layer(
        "BIDIRECTIONAL_SEQUENCE_RNN", "BidirectionalSequenceRNNOptions",
        .recurrent(op.activation, op.quantizesAsymmetrically)
          + [
            "time_major": .boolean(op.isTimeMajor), "merge_outputs": .boolean(op.mergesOutputs),
          ], op, site,
        [
          Array(repeating: true, count: 9),
          [site.operands.count > 9, hasWeights, hasWeights],
        ])
    },
    TFLiteEncoder(LSTM.self) { op, site in
      var operation = op.operation(site)
      if site.operands[0].element == .i8 { operation.intermediates = op.intermediates }
      return operation
    },
    TFLiteEncoder(RNN.self) { op, site in
      let options = TFLiteOptions.recurrent(op.activation, op.quantizesAsymmetrically)
      let places = [Array(repeating: true, count: 5)]
      guard site.operands[0].shape.rank > 2 else {
        return .layer("RNN", "RNNOptions", options, op, site, places)
      }
      return .layer(
        "UNIDIRECTIONAL_SEQUENCE_RNN", "SequenceRNNOptions",
        options + ["time_major": .boolean(op.isTimeMajor)], op, site, places)
    },
    TFLiteEncoder(SVDF.self) { op, site in
      .layer(
        "SVDF", "SVDFOptions",
        .recurrent(op.activation, op.quantizesAsymmetrically) + ["rank": .integer(op.rank)], op,
        site, [[true, true, true, site.operands.count > 4, true]])
    },
  ]
}

/// An operator that keeps states in variable tensors of its own.
protocol TFLiteStateful: Operator {
  /// The positions of the operands that are states, whose next values are the last results in the same order.
  func statePositions(among count: Int) -> [Int]
}

extension Node {
  /// The positions of operands that the operator can keep in variable tensors; nil if it has no states.
  var statePositions: [Int]? {
    (op as? any TFLiteStateful)?.statePositions(among: inputs.count)
  }
}

extension BasicLSTM: TFLiteStateful {
  func statePositions(among count: Int) -> [Int] { [1, 4] }
}

extension BidirectionalLSTM: TFLiteStateful {
  func statePositions(among count: Int) -> [Int] {
    let first = places.flatMap { $0 }.prefix(35).count { $0 }
    return Array(first..<first + 4)
  }
}

extension BidirectionalRNN: TFLiteStateful {
  func statePositions(among count: Int) -> [Int] { [4, 8] }
}

extension LSTM: TFLiteStateful {
  func statePositions(among count: Int) -> [Int] {
    let first = places.flatMap { $0 }.prefix(18).count { $0 }
    return [first, first + 1]
  }
}

extension RNN: TFLiteStateful {
  func statePositions(among count: Int) -> [Int] { [4] }
}

extension SVDF: TFLiteStateful {
  func statePositions(among count: Int) -> [Int] { [count - 1] }
}

extension TFLiteOperation {
  /// - Parameter places: of all operands that there can be, which are there.
  fileprivate static func layer(
    _ kind: String, _ table: String, _ options: TFLiteOptions, _ op: some TFLiteStateful,
    _ site: Site, _ places: [[Bool]]
  ) -> Self {
    var operation = TFLiteOperation(
      kind, table, options, reading: Operand.places(places.flatMap { $0 }))
    operation.states = op.statePositions(among: site.operands.count)
    return operation
  }
}

extension TFLiteOptions {
  /// What all recurrent layers share.
  fileprivate static func recurrent(
    _ activation: RecurrentActivation, _ quantizesAsymmetrically: Bool
  ) -> Self {
    [
      "fused_activation_function": .name(activation.fileName),
      "asymmetric_quantize_inputs": .boolean(quantizesAsymmetrically),
    ]
  }
}

extension RecurrentActivation {
  fileprivate var fileName: String {
    switch self {
    case .none: "NONE"
    case .relu: "RELU"
    case .reluN1To1: "RELU_N1_TO_1"
    case .relu6: "RELU6"
    case .tanh: "TANH"
    case .signBit: "SIGN_BIT"
    }
  }
}

/// The operands that one direction of an LSTM layer has, in the order of TFLite's kernels: weights of the four gates for
/// the input and for the last result, peepholes, biases, projection.
private func lstmPlaces(
  isCoupled: Bool, hasPeephole: Bool, hasProjection: Bool, hasProjectionBias: Bool
) -> [[Bool]] {
  let gates = [!isCoupled, true, true, true]
  return [
    gates, gates, [hasPeephole && !isCoupled, hasPeephole, hasPeephole], gates,
    [hasProjection, hasProjectionBias],
  ]
}

extension LSTM {
  fileprivate var places: [[Bool]] {
    let normalization = [!isCoupled, true, true, true].map { $0 && hasLayerNormalization }
    let layer = lstmPlaces(
      isCoupled: isCoupled, hasPeephole: hasPeephole, hasProjection: hasProjection,
      hasProjectionBias: hasProjectionBias)
    return [[true]] + layer + [[true, true], normalization]
  }

  fileprivate func operation(_ site: Site) -> TFLiteOperation {
    let options: TFLiteOptions =
      .recurrent(activation, quantizesAsymmetrically)
      + ["cell_clip": .real(cellClip), "proj_clip": .real(projectionClip)]
    guard site.operands[0].shape.rank > 2 else {
      return .layer(
        "LSTM", "LSTMOptions", options + ["kernel_type": .name("FULL")], self, site, places)
    }
    return .layer(
      "UNIDIRECTIONAL_SEQUENCE_LSTM", "UnidirectionalSequenceLSTMOptions",
      options + ["time_major": .boolean(isTimeMajor)], self, site, places)
  }

  /// The scales of the gates' sums and of h, which layers of integers take from tensors.
  fileprivate var intermediates: [TensorType?] {
    let gates = (0..<4).map { gate in
      let scale = gateScales.indices.contains(gate) ? gateScales[gate] : nil
      return TensorType(.i16, [0], scale.map { Quantization(scale: $0) })
    }
    return gates
      + [TensorType(.i8, [0], Quantization(scale: hiddenScale, zeroPoint: hiddenZeroPoint))]
  }
}

extension BidirectionalLSTM {
  fileprivate var places: [[Bool]] {
    let layer = lstmPlaces(
      isCoupled: isCoupled, hasPeephole: hasPeephole, hasProjection: hasProjection,
      hasProjectionBias: hasProjectionBias)
    let gates = [!isCoupled, true, true, true].map { $0 && hasAuxiliaryWeights }
    return [[true]] + layer + layer + [[true, true, true, true, hasAuxiliaryInput], gates, gates]
  }

  fileprivate var options: TFLiteOptions {
    .recurrent(activation, quantizesAsymmetrically)
      + [
        "cell_clip": .real(cellClip), "proj_clip": .real(projectionClip),
        "time_major": .boolean(isTimeMajor),
      ]
  }
}
