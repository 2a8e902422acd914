import CKernels
import GraphIR
import Support
import Tensors

/// Two LSTM layers over one sequence, of which one reads it from the end. Each is as `LSTM` says, without normalization.
///
/// Operands, those of missing groups left out: input `[batches, steps, width]` (or steps first), the weights, biases
/// and projection of the forward layer and of the backward one, the states h and c of each, a second input, and its
/// weights for the gates i, f, g, o of each layer. Without such weights, the backward layer reads the second input
/// in place of the first. Results: h of both layers at every step, in two tensors or side by side, and the next states.
///
/// Elements are `f32`; weights may be `i8`.
///
/// TFLite: `BIDIRECTIONAL_SEQUENCE_LSTM`.
public struct BidirectionalLSTM: Operator {
  public static let name = "bidirectional_lstm"
  public static let elements: [ElementType] = [.f32]
  public static let weightElements: [ElementType: [ElementType]] = [.f32: [.f32, .i8]]
  /// Whether the inputs are `[steps, batches, width]`.
  public var isTimeMajor = false
  /// Whether both results stand side by side in one tensor, those of the forward layer first.
  public var mergesOutputs = false
  /// Of the cell gate and of the cells.
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
  /// Whether there is a second input.
  public var hasAuxiliaryInput = false
  /// Whether there are weights for it.
  public var hasAuxiliaryWeights = false
  /// Whether inputs of 8-bit weights get a zero point.
  public var quantizesAsymmetrically = false

  public init() {}

  /// The input's shape with the width of h, or of both, and the types of the states.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let layout = layout
    try ElementChecks.count(operands, layout.count...layout.count, Self.name)
    try RecurrentChecks.extents(operands, Self.name)
    try ElementChecks.rank(operands, 0, 3, Self.name)
    guard hasAuxiliaryInput || !hasAuxiliaryWeights else { throw Diagnostic(.noAuxiliaryInput) }
    let sequence = try RecurrentSequence(operands, isTimeMajor: isTimeMajor, Self.name)
    let auxiliaryWidth = try layout.checkAuxiliaryInput(operands, sequence, Self.name)
    for direction in layout.directions {
      try direction.checkShapes(operands, sequence, auxiliaryWidth: auxiliaryWidth, Self.name)
    }
    let widths = layout.directions.map { $0.outputs(operands) }
    return (mergesOutputs ? [widths[0] + widths[1]] : widths).map {
      TensorType(operands[0].element, sequence.result(width: $0))
    } + layout.states.map { operands[$0] }
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try arithmetic.check(Self.name)
    let forms: [LSTMElements] = [.float, .hybrid]
    try RecurrentChecks.elements(operands, forms.map(layout.elements), Self.name)
    try RecurrentChecks.weightScales(operands, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let (layout, arithmetic) = (layout, arithmetic)
    let sequence = try RecurrentSequence(types, isTimeMajor: isTimeMajor, Self.name)
    let outputs = RecurrentOutputs(
      widths: layout.directions.map { $0.outputs(types) }, isMerged: mergesOutputs)
    let auxiliaryInputs = layout.weightedInput.map { types[$0].shape[2] } ?? 0
    return Kernel { operands, results, _ in
      let run = RecurrentOperands(types, operands)
      for (number, direction) in layout.directions.enumerated() {
        var layer = direction.kernelForm(
          run, inputs: sequence.width, auxiliaryInputs: auxiliaryInputs, arithmetic)
        let states = results[(outputs.count + 2 * number)...]
        states[states.startIndex].begin(as: operands[direction.outputState])
        states[states.startIndex + 1].begin(as: operands[direction.cellState])
        ck_lstm_f32(
          &layer,
          sequence.kernelForm(outputWidth: outputs.rowWidth(number), isReversed: number == 1),
          operands[layout.inputs[number]].pointer(to: Float.self),
          run.pointer(layout.weightedInput, to: Float.self),
          states[states.startIndex].pointer(to: Float.self),
          states[states.startIndex + 1].pointer(to: Float.self),
          outputs.pointer(number, results))
      }
    }
  }

  /// The products with all weights, for each step of each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let rows = operands[0].elementCount / operands[0].shape[operands[0].shape.rank - 1]
    let macs = layout.directions.reduce(0) { Work.sum($0, $1.macs(operands)) }
    return Work(macs: Work.product(rows, macs))
  }

  public static let examples = [bothDirections]

  /// With weights of zero, gates are at 1/2 but for g, which is the input: c = 1, 2.5 forward and 2, 2 backward.
  private static var bothDirections: Example {
    var op = BidirectionalLSTM()
    op.activation = .relu
    op.mergesOutputs = true
    func row(_ number: Double) -> Tensor { Tensor(TensorType(.f32, [1, 1]), numbers: [number]) }
    let bias = Tensor(TensorType(.f32, [1]), numbers: [0])
    let layer =
      [0, 0, 1, 0, 0, 0, 0, 0].map(row) + Array(repeating: bias, count: 4)
    return Example(
      op,
      [Tensor(TensorType(.f32, [1, 2, 1]), numbers: [2, 4])] + layer + layer
        + [row(0), row(0), row(0), row(0)],
      gives: [
        Tensor(TensorType(.f32, [1, 2, 2]), numbers: [0.5, 1, 1.25, 1]), row(1.25), row(2.5),
        row(1), row(2),
      ])
  }
}

extension BidirectionalLSTM {
  private var layout: BidirectionalLayout {
    var groups = LSTMGroups()
    groups.isCoupled = isCoupled
    groups.hasPeephole = hasPeephole
    groups.hasProjection = hasProjection
    groups.hasProjectionBias = hasProjectionBias
    groups.hasAuxiliaryWeights = hasAuxiliaryWeights
    return BidirectionalLayout(groups, hasAuxiliaryInput: hasAuxiliaryInput)
  }

  private var arithmetic: LSTMArithmetic {
    LSTMArithmetic(
      activation: activation, cellClip: cellClip, projectionClip: projectionClip,
      quantizesAsymmetrically: quantizesAsymmetrically)
  }
}

/// Where the operands of both directions stand.
private struct BidirectionalLayout {
  let directions: [LSTMLayout]
  let auxiliaryInput: Int?
  let count: Int

  init(_ groups: LSTMGroups, hasAuxiliaryInput: Bool) {
    var position = 1
    var forward = LSTMLayout(groups, from: &position)
    var backward = LSTMLayout(groups, from: &position)
    forward.placeStates(from: &position)
    backward.placeStates(from: &position)
    auxiliaryInput = hasAuxiliaryInput ? position : nil
    position += hasAuxiliaryInput ? 1 : 0
    forward.placeAuxiliary(from: &position)
    backward.placeAuxiliary(from: &position)
    directions = [forward, backward]
    count = position
  }

  var states: [Int] { directions.flatMap { [$0.outputState, $0.cellState] } }

  /// The second input, if there are weights for it.
  var weightedInput: Int? { directions[0].groups.hasAuxiliaryWeights ? auxiliaryInput : nil }

  /// What each direction reads.
  var inputs: [Int] { [0, weightedInput == nil ? auxiliaryInput ?? 0 : 0] }

  /// - Returns: the width of the second input; 0 if there is none.
  func checkAuxiliaryInput(
    _ operands: [TensorType], _ sequence: RecurrentSequence, _ kind: String
  ) throws -> Int {
    guard let auxiliaryInput else { return 0 }
    try ElementChecks.rank(operands, auxiliaryInput, 3, kind)
    let width = weightedInput == nil ? sequence.width : operands[auxiliaryInput].shape[2]
    try ElementChecks.shape(operands, auxiliaryInput, sequence.result(width: width), kind)
    return width
  }

  func elements(_ form: LSTMElements) -> [ElementType] {
    var elements = Array(repeating: form.activations, count: count)
    for direction in directions { direction.placeElements(form, in: &elements) }
    return elements
  }
}

extension Diagnostic.Message {
  fileprivate static var noAuxiliaryInput: Self {
    Self(
      id: "no-auxiliary-input", .malformed,
      "`bidirectional_lstm` has weights for a second input, and no such input")
  }
}
