import GraphIR
import Operators
import Support
import Tensors

/// Recurrent layers of TFLite, and what they become. Their states are variable tensors.
extension TFLiteImporter {
  static let recurrent: [String: TFLiteConverter] = [
    "BIDIRECTIONAL_SEQUENCE_LSTM": { try $0.bidirectionalLSTM() },
    "BIDIRECTIONAL_SEQUENCE_RNN": { try $0.bidirectionalRNN() },
    // 1 is `BASIC`, the older of two kernels.
    "LSTM": { node in
      guard try node.integer("kernel_type") == 1 else { return try node.lstm(isTimeMajor: true) }
      try node.checkOperands([Array(repeating: true, count: 5)])
      return node.becomes(BasicLSTM(), statesAt: [1, 4])
    },
    "RNN": { try $0.rnn(isTimeMajor: true) },
    "SVDF": { node in
      try node.checkOperands([[true, true, true], [node.isThere(3)], [true]])
      var op = SVDF()
      op.rank = try node.integer("rank")
      op.activation = try node.recurrentActivation()
      op.quantizesAsymmetrically = try node.quantizesAsymmetrically()
      return node.becomes(op, statesAt: [4])
    },
    "UNIDIRECTIONAL_SEQUENCE_LSTM": { try $0.lstm(isTimeMajor: $0.isTimeMajor()) },
    "UNIDIRECTIONAL_SEQUENCE_RNN": { try $0.rnn(isTimeMajor: $0.isTimeMajor()) },
  ]
}

// The positions are those of TFLite's kernels; one that is left out is −1.
extension TFLiteNode {
  fileprivate func lstm(isTimeMajor: Bool) throws -> TFLiteConversion {
    var op = LSTM()
    op.isTimeMajor = isTimeMajor
    op.activation = try recurrentActivation()
    op.cellClip = try float("cell_clip")
    op.projectionClip = try float("proj_clip")
    op.isCoupled = !isThere(1)
    op.hasPeephole = isThere(10)
    op.hasProjection = isThere(16)
    op.hasProjectionBias = isThere(17)
    op.hasLayerNormalization = isThere(21)
    op.quantizesAsymmetrically = try quantizesAsymmetrically()
    let gates = [!op.isCoupled, true, true, true]
    let normalization = op.hasLayerNormalization ? gates : Array(repeating: false, count: 4)
    try checkOperands(
      [[true]] + layer() + [[true, true]] + (operands.count == 20 ? [] : [normalization]))
    if try operandType(0).element == .i8 { try takeScales(into: &op) }
    return becomes(op, statesAt: [18, 19])
  }

  /// The scales of a layer of integers, which only tensors tell that stand for what it computes within.
  private func takeScales(into op: inout LSTM) throws {
    let scales = try intermediateScales()
    guard scales.count == 5, let hidden = scales[4] else {
      throw Diagnostic(.intermediates(scales.count))
    }
    op.hiddenScale = hidden.scale
    op.hiddenZeroPoint = hidden.zeroPoint
    if op.hasLayerNormalization { op.gateScales = scales.prefix(4).compactMap { $0?.scale } }
  }

  fileprivate func bidirectionalLSTM() throws -> TFLiteConversion {
    var op = BidirectionalLSTM()
    op.isTimeMajor = try isTimeMajor()
    op.mergesOutputs = try integer("merge_outputs") != 0
    op.activation = try recurrentActivation()
    op.cellClip = try float("cell_clip")
    op.projectionClip = try float("proj_clip")
    op.isCoupled = !isThere(1)
    op.hasPeephole = isThere(10)
    op.hasProjection = isThere(16)
    op.hasProjectionBias = isThere(17)
    op.hasAuxiliaryInput = isThere(39)
    op.hasAuxiliaryWeights = isThere(41)
    op.quantizesAsymmetrically = try quantizesAsymmetrically()
    let gates =
      op.hasAuxiliaryWeights
      ? [!op.isCoupled, true, true, true] : Array(repeating: false, count: 4)
    // Both directions must have the same groups.
    try checkOperands(
      [[true]] + layer() + layer() + [[true, true, true, true, op.hasAuxiliaryInput]]
        + [gates, gates])
    return becomes(op, statesAt: [35, 36, 37, 38])
  }

  /// Which weights, biases and projections a layer has, judged by some of the first one's.
  private func layer() -> [[Bool]] {
    let gates = [isThere(1), true, true, true]
    return [
      gates, gates, [isThere(10) && isThere(1), isThere(10), isThere(10)], gates,
      [isThere(16), isThere(17)],
    ]
  }

  fileprivate func rnn(isTimeMajor: Bool) throws -> TFLiteConversion {
    try checkOperands([Array(repeating: true, count: 5)])
    var op = RNN()
    op.isTimeMajor = isTimeMajor
    op.activation = try recurrentActivation()
    op.quantizesAsymmetrically = try quantizesAsymmetrically()
    return becomes(op, statesAt: [4])
  }

  fileprivate func bidirectionalRNN() throws -> TFLiteConversion {
    let hasWeights = isThere(10)
    try checkOperands([
      Array(repeating: true, count: 9), [hasWeights || isThere(9), hasWeights, hasWeights],
    ])
    var op = BidirectionalRNN()
    op.isTimeMajor = try isTimeMajor()
    op.mergesOutputs = try integer("merge_outputs") != 0
    op.activation = try recurrentActivation()
    op.quantizesAsymmetrically = try quantizesAsymmetrically()
    return becomes(op, statesAt: [4, 8])
  }

  /// The conversion to an operator that reads all operands that are there, and updates some of them.
  fileprivate func becomes(_ op: some Operator, statesAt positions: [Int]) -> TFLiteConversion {
    TFLiteConversion(
      op: op, operands: operands.filter { $0 >= 0 }, updates: positions.map { operands[$0] })
  }

  fileprivate func isThere(_ position: Int) -> Bool {
    position < operands.count && operands[position] >= 0
  }

  /// Just those operands are there that belong together.
  fileprivate func checkOperands(_ groups: [[Bool]]) throws {
    let expected = groups.flatMap { $0 }
    guard operands.count == expected.count else {
      throw Diagnostic(.recurrentCount(kind, operands.count, expected.count))
    }
    if let position = expected.indices.first(where: { expected[$0] != isThere($0) }) {
      throw Diagnostic(.mixedGroups(kind, position, isThere: isThere(position)))
    }
  }

  fileprivate func isTimeMajor() throws -> Bool { try integer("time_major") != 0 }

  fileprivate func quantizesAsymmetrically() throws -> Bool {
    try integer("asymmetric_quantize_inputs") != 0
  }

  /// What `ActivationFunctionType` means for the sums of a recurrent layer.
  fileprivate func recurrentActivation() throws -> RecurrentActivation {
    let all: [RecurrentActivation] = [.none, .relu, .reluN1To1, .relu6, .tanh, .signBit]
    let code = try integer("fused_activation_function")
    guard all.indices.contains(code) else { throw Diagnostic(.unknownActivation(code)) }
    return all[code]
  }
}

extension Diagnostic.Message {
  fileprivate static func recurrentCount(_ kind: String, _ found: Int, _ expected: Int) -> Self {
    Self(
      id: "operand-count", .malformed, "`\(kind)` has \(found) operands, expected \(expected)")
  }

  fileprivate static func mixedGroups(_ kind: String, _ position: Int, isThere: Bool) -> Self {
    Self(
      id: "mixed-operand-groups", .malformed,
      "operand \(position) of `\(kind)` is \(isThere ? "there" : "left out"), unlike those that "
        + "belong to it")
  }

  fileprivate static func intermediates(_ count: Int) -> Self {
    Self(
      id: "lstm-intermediates", .unsupported,
      "an LSTM layer of integers has \(count) intermediate tensors, expected 5 with the scale of "
        + "the last")
  }

  fileprivate static func unknownActivation(_ code: Int) -> Self {
    Self(
      id: "unknown-activation", .malformed,
      "there is no activation function \(code)")
  }
}
