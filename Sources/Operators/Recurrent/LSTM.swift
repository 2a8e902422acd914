import CKernels
import GraphIR
import Support
import Tensors

/// Long short-term memory over a sequence, in one direction.
///
/// With the gates i, f, g, o of the input x, the last result h and the state of the cells c:
/// `c = f ∘ c + i ∘ g`, `h = o ∘ activation(c)`, where i, f, o are the logistic function of
/// `W · x + R · h + p ∘ c + b`, and g is the activation of `W · x + R · h + b`.
///
/// Operands, those of missing groups left out: input `[batches, steps, width]` (or steps first, or no steps), input
/// weights of the gates i, f, g, o, recurrent weights of these, peephole weights of i, f, o, biases of i, f, g, o,
/// projection weights and bias, the states h and c, and normalization weights of i, f, g, o. Results: h of every step,
/// and the next states h and c.
///
/// Elements are `f32`; weights may be `i8`, and inputs then become 8 bits wide row by row. Or the layer is of integers:
/// `i8` with `i16` cells, peephole and normalization weights, and `i32` biases.
///
/// TFLite: `UNIDIRECTIONAL_SEQUENCE_LSTM` and `LSTM`.
public struct LSTM: Operator {
  public static let name = "lstm"
  public static let elements: [ElementType] = [.f32, .i8]
  public static let weightElements: [ElementType: [ElementType]] = [.f32: [.f32, .i8]]
  /// Whether the input is `[steps, batches, width]`.
  public var isTimeMajor = false
  /// Of the cell gate and of the cells; layers of integers always take tanh.
  public var activation = RecurrentActivation.tanh
  /// The largest magnitude of the cells; 0 for none.
  public var cellClip: Float = 0
  /// The largest magnitude of projected results; 0 for none.
  public var projectionClip: Float = 0
  /// Whether the input gate is `1 − f` and has no operands (CIFG).
  public var isCoupled = false
  /// Whether the gates i, f, o see the state of the cells.
  public var hasPeephole = false
  /// Whether `h` is projected.
  public var hasProjection = false
  /// Whether the projection has a bias.
  public var hasProjectionBias = false
  /// Whether sums are normalized over the cells, before the bias.
  public var hasLayerNormalization = false
  /// Whether inputs of 8-bit weights get a zero point.
  public var quantizesAsymmetrically = false
  /// Of integers, the scales of the gates' normalized sums; empty without normalization.
  public var gateScales: [Float] = []
  /// Of integers, the scale of `o ∘ tanh(c)`, which is that of the result if it is not projected.
  public var hiddenScale: Float = 0
  /// The zero point of that.
  public var hiddenZeroPoint = 0

  public init() {}

  /// The input's shape with the width of h, and the types of the states.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let layout = layout
    try ElementChecks.count(operands, operandCount...operandCount, Self.name)
    try RecurrentChecks.extents(operands, Self.name)
    let sequence = try RecurrentSequence(operands, isTimeMajor: isTimeMajor, Self.name)
    try layout.checkShapes(operands, sequence, Self.name)
    let shape = sequence.result(width: layout.outputs(operands))
    return [
      TensorType(operands[0].element, shape), operands[layout.outputState],
      operands[layout.cellState],
    ]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try arithmetic.check(Self.name)
    let forms: [LSTMElements] = [.float, .hybrid, .integer]
    try RecurrentChecks.elements(operands, forms.map(elements), Self.name)
    guard operands[0].element != .f32 else {
      return try RecurrentChecks.weightScales(operands, Self.name)
    }
    for (state, position) in zip(results[1...], [layout.outputState, layout.cellState]) {
      try ElementChecks.sameQuantization(operands[position], state, Self.name)
    }
    _ = try IntegerLSTMFactors(self, operands, results[0])
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let sequence = try RecurrentSequence(types, isTimeMajor: isTimeMajor, Self.name)
    let form = sequence.kernelForm(outputWidth: layout.outputs(types))
    guard types[0].element != .f32 else { return floatKernel(types, sequence, form) }
    let factors = try IntegerLSTMFactors(self, types, site.results[0])
    return kernel { operands, results in
      var layer = factors.kernelForm(RecurrentOperands(types, operands), inputs: sequence.width)
      ck_lstm_i8(
        &layer, form, operands[0].pointer(to: Int8.self), results[1].pointer(to: Int8.self),
        results[2].pointer(to: Int16.self), results[0].pointer(to: Int8.self))
    }
  }

  private func floatKernel(
    _ types: [TensorType], _ sequence: RecurrentSequence, _ form: ck_sequence
  )
    -> Kernel
  {
    let (layout, arithmetic) = (layout, arithmetic)
    return kernel { operands, results in
      var layer = layout.kernelForm(
        RecurrentOperands(types, operands), inputs: sequence.width, arithmetic)
      ck_lstm_f32(
        &layer, form, operands[0].pointer(to: Float.self), nil,
        results[1].pointer(to: Float.self), results[2].pointer(to: Float.self),
        results[0].pointer(to: Float.self))
    }
  }

  /// A kernel whose body replaces states, which are those of the operands at first.
  private func kernel(
    _ body:
      @escaping @Sendable ([UnsafeRawBufferPointer], [UnsafeMutableRawBufferPointer]) -> Void
  ) -> Kernel {
    let layout = layout
    return Kernel { operands, results, _ in
      results[1].begin(as: operands[layout.outputState])
      results[2].begin(as: operands[layout.cellState])
      body(operands, results)
    }
  }

  /// The products with all weights, for each step of each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let rows = operands[0].elementCount / operands[0].shape[operands[0].shape.rank - 1]
    return Work(macs: Work.product(rows, layout.macs(operands)))
  }

  public static let examples = LSTM.floatExamples + LSTM.integerExamples
}

extension LSTM {
  var groups: LSTMGroups {
    var groups = LSTMGroups()
    groups.isCoupled = isCoupled
    groups.hasPeephole = hasPeephole
    groups.hasProjection = hasProjection
    groups.hasProjectionBias = hasProjectionBias
    groups.hasLayerNormalization = hasLayerNormalization
    return groups
  }

  var layout: LSTMLayout { placed.layout }

  private var operandCount: Int { placed.count }

  private var placed: (layout: LSTMLayout, count: Int) {
    var position = 1
    var layout = LSTMLayout(groups, from: &position)
    layout.placeStates(from: &position)
    layout.placeNormalization(from: &position)
    return (layout, position)
  }

  var arithmetic: LSTMArithmetic {
    LSTMArithmetic(
      activation: activation, cellClip: cellClip, projectionClip: projectionClip,
      quantizesAsymmetrically: quantizesAsymmetrically)
  }

  private func elements(_ form: LSTMElements) -> [ElementType] {
    var elements = Array(repeating: form.activations, count: operandCount)
    layout.placeElements(form, in: &elements)
    return elements
  }
}
