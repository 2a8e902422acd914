import CKernels
import GraphIR
import Support
import Tensors

/// How a float LSTM layer computes, beside its operands.
struct LSTMArithmetic {
  let activation: RecurrentActivation
  let cellClip: Float
  let projectionClip: Float
  let quantizesAsymmetrically: Bool

  func check(_ kind: String) throws {
    try RecurrentChecks.clip(cellClip, kind)
    try RecurrentChecks.clip(projectionClip, kind)
  }
}

extension LSTMLayout {
  /// One direction in floats, with weights of floats or of 8 bits.
  func kernelForm(
    _ run: RecurrentOperands, inputs: Int, auxiliaryInputs: Int = 0, _ arithmetic: LSTMArithmetic
  ) -> ck_lstm_layer {
    ck_lstm_layer(
      inputs: Int32(clamping: inputs), auxiliary_inputs: Int32(clamping: auxiliaryInputs),
      cells: Int32(clamping: cells(run.types)), outputs: Int32(clamping: outputs(run.types)),
      input_gate: gate(0, run), forget_gate: gate(1, run), cell_gate: gate(2, run),
      output_gate: gate(3, run), projection: run.weights(projection),
      projection_bias: run.pointer(projectionBias, to: Float.self),
      activation: arithmetic.activation.kernelForm, cell_clip: arithmetic.cellClip,
      projection_clip: arithmetic.projectionClip,
      quantizes_asymmetrically: arithmetic.quantizesAsymmetrically ? 1 : 0)
  }

  private func gate(_ gate: Int, _ run: RecurrentOperands) -> ck_lstm_gate {
    ck_lstm_gate(
      input: run.weights(input[gate]), auxiliary: run.weights(auxiliary[gate]),
      recurrent: run.weights(recurrent[gate]), peephole: run.weights(peephole[gate]),
      normalization: run.pointer(normalization[gate], to: Float.self),
      bias: run.pointer(bias[gate], to: Float.self))
  }
}

/// The fixed-point factors of an LSTM layer in integers.
///
/// Source: `PopulateQuantizedLstmParams8x8_16` of TFLite, whose products are in single precision.
struct IntegerLSTMFactors {
  private let layout: LSTMLayout
  private let input: [FixedPoint?]
  private let recurrent: [FixedPoint?]
  private let peephole: [FixedPoint?]
  private let normalization: [FixedPoint?]
  private let leastVariances: [Int32]
  private let hidden: FixedPoint
  private let projection: FixedPoint?
  private let cellExponent: Int32
  private let clips: (cell: Int32, projection: Int32)
  private let zeroPoints: (input: Int32, output: Int32, hidden: Int32)

  /// - Throws: a `Diagnostic` if scales are missing or do not fit together.
  init(_ op: LSTM, _ operands: [TensorType], _ result: TensorType) throws {
    let layout = op.layout
    let scales = try IntegerLSTMScales(op, operands, result)
    self.layout = layout
    /// The factors of a group of operands, each times the scale of what it is multiplied with.
    func factors(
      _ positions: [Int?], times scale: Double, isRoundedBetween: Bool = true
    ) throws -> [FixedPoint?] {
      try positions.enumerated().map { gate, position in
        guard let position else { return nil }
        let product = Double(scales.of(position)) * scale
        let rounded = isRoundedBetween ? Double(Float(product)) : product
        return try FixedPoint(Double(Float(rounded / Double(scales.gates[gate]))))
      }
    }
    input = try factors(layout.input, times: Double(scales.of(0)))
    recurrent = try factors(layout.recurrent, times: Double(scales.of(layout.outputState)))
    let cellScale = Double(sign: .plus, exponent: Int(scales.cellExponent), significand: 1)
    peephole = try factors(layout.peephole, times: cellScale, isRoundedBetween: false)
    normalization = try layout.normalization.map { position in
      try position.map { try FixedPoint(Double(scales.of($0))) }
    }
    leastVariances = layout.normalization.map { position in
      // 10000 keeps the arithmetic from overflowing.
      position.map { Int32(min(max(10000 * scales.of($0), 1), 0x1p30)) } ?? 1
    }
    hidden = try FixedPoint(Double(Float(0x1p-30 / Double(op.hiddenScale))))
    projection = try layout.projection.map {
      let product = scales.of($0) * op.hiddenScale
      return try FixedPoint(Double(product / scales.of(layout.outputState)))
    }
    cellExponent = scales.cellExponent
    clips = scales.clips
    zeroPoints = (
      Int32(scales.zeroPoint(of: 0)), Int32(scales.zeroPoint(of: layout.outputState)),
      Int32(op.hiddenZeroPoint)
    )
  }

  func kernelForm(_ run: RecurrentOperands, inputs: Int) -> ck_integer_lstm_layer {
    ck_integer_lstm_layer(
      inputs: Int32(clamping: inputs), cells: Int32(clamping: layout.cells(run.types)),
      outputs: Int32(clamping: layout.outputs(run.types)), input_zero_point: zeroPoints.input,
      output_zero_point: zeroPoints.output, input_gate: gate(0, run), forget_gate: gate(1, run),
      cell_gate: gate(2, run), output_gate: gate(3, run), cell_exponent: cellExponent,
      hidden_multiplier: hidden.multiplier, hidden_shift: hidden.shift,
      hidden_zero_point: zeroPoints.hidden,
      projection: weights(layout.projection, projection, run),
      projection_bias: run.pointer(layout.projectionBias, to: Int32.self), cell_clip: clips.cell,
      projection_clip: clips.projection)
  }

  private func gate(_ gate: Int, _ run: RecurrentOperands) -> ck_integer_lstm_gate {
    ck_integer_lstm_gate(
      input: weights(layout.input[gate], input[gate], run),
      recurrent: weights(layout.recurrent[gate], recurrent[gate], run),
      bias: run.pointer(layout.bias[gate], to: Int32.self),
      peephole: run.pointer(layout.peephole[gate], to: Int16.self),
      peephole_multiplier: peephole[gate]?.multiplier ?? 0,
      peephole_shift: peephole[gate]?.shift ?? 0,
      normalization: run.pointer(layout.normalization[gate], to: Int16.self),
      normalization_multiplier: normalization[gate]?.multiplier ?? 0,
      normalization_shift: normalization[gate]?.shift ?? 0, least_variance: leastVariances[gate])
  }

  private func weights(_ position: Int?, _ factor: FixedPoint?, _ run: RecurrentOperands)
    -> ck_scaled_weights
  {
    ck_scaled_weights(
      weights: run.pointer(position, to: Int8.self), multiplier: factor?.multiplier ?? 0,
      shift: factor?.shift ?? 0)
  }
}

/// The scales of an LSTM layer in integers, checked.
private struct IntegerLSTMScales {
  private let quantizations: [Quantization?]
  /// Of the gates' sums.
  let gates: [Float]
  let cellExponent: Int32
  /// In steps of the cells and of the result.
  let clips: (cell: Int32, projection: Int32)

  init(_ op: LSTM, _ operands: [TensorType], _ result: TensorType) throws {
    // Biases have the scale of the sums that they are added to.
    quantizations = try operands.enumerated().map { index, type in
      type.element == .i32
        ? nil : try ElementChecks.perTensor(type, "operand \(index)", LSTM.name)
    }
    let output = try ElementChecks.perTensor(result, "the result", LSTM.name)
    guard op.hiddenScale.isFinite, op.hiddenScale > 0, (-128...127).contains(op.hiddenZeroPoint)
    else { throw Diagnostic(.hiddenScale(op.hiddenScale, op.hiddenZeroPoint)) }
    gates = op.hasLayerNormalization ? op.gateScales : Array(repeating: 0x1p-12, count: 4)
    guard gates.count == 4, gates.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw Diagnostic(.gateScales(gates))
    }
    let cells = quantizations[op.layout.cellState] ?? Quantization(scale: 1)
    cellExponent = try Self.exponent(of: cells)
    func steps(_ clip: Float, of scale: Float, upTo largest: Float) -> Int32 {
      clip > 0 ? Int32(min(clip / scale, largest)) : 0
    }
    clips = (
      steps(op.cellClip, of: cells.scale, upTo: 32767),
      steps(op.projectionClip, of: output.scale, upTo: 127)
    )
  }

  func of(_ position: Int) -> Float { quantizations[position]?.scale ?? 1 }

  func zeroPoint(of position: Int) -> Int { quantizations[position]?.zeroPoint ?? 0 }

  /// The power of two that the scale of the cells is, as nearly as TFLite asks for.
  private static func exponent(of cells: Quantization) throws -> Int32 {
    // The kernel's tanh has up to 6 bits before the point, of 15.
    let nearest = (-15...(-9)).first {
      abs(cells.scale / Float(sign: .plus, exponent: $0, significand: 1) - 1) < 7e-4
    }
    guard let nearest, cells.zeroPoint == 0 else { throw Diagnostic(.cellScale(cells)) }
    return Int32(nearest)
  }
}

extension Diagnostic.Message {
  fileprivate static func hiddenScale(_ scale: Float, _ zeroPoint: Int) -> Self {
    Self(
      id: "lstm-hidden-scale", .malformed,
      "`lstm` of integers has \(scale) and \(zeroPoint) for scale and zero point of what it projects"
    )
  }

  fileprivate static func gateScales(_ scales: [Float]) -> Self {
    Self(
      id: "lstm-gate-scales", .malformed,
      "`lstm` of integers has \(scales) for the scales of its four gates")
  }

  fileprivate static func cellScale(_ cells: Quantization) -> Self {
    Self(
      id: "lstm-cell-scale", .unsupported,
      "the cells of `lstm` are quantized by \(cells), which is no power of two from 2⁻¹⁵ to 2⁻⁹")
  }
}
