import CKernels
import GraphIR
import Support
import Tensors

/// A fully connected layer over a sequence, which also sees its last result: `h = activation(W · x + R · h + b)`.
///
/// Operands: input `[batches, steps, width]` (or steps first, or no steps), weights `[units, width]`, recurrent weights
/// `[units, units]`, bias `[units]`, and the state h. Results: h of every step, and the next state.
///
/// Elements are `f32`; weights may be `i8`, and inputs then become 8 bits wide row by row.
///
/// TFLite: `RNN` and `UNIDIRECTIONAL_SEQUENCE_RNN`.
public struct RNN: Operator {
  public static let name = "rnn"
  public static let elements: [ElementType] = [.f32]
  public static let weightElements: [ElementType: [ElementType]] = [.f32: [.f32, .i8]]
  /// Whether the input is `[steps, batches, width]`.
  public var isTimeMajor = false
  /// Of the sums.
  public var activation = RecurrentActivation.tanh
  /// Whether inputs of 8-bit weights get a zero point.
  public var quantizesAsymmetrically = false

  public init() {}

  /// The input's shape with the width of h, and the type of the state.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 5...5, Self.name)
    try RecurrentChecks.extents(operands, Self.name)
    let sequence = try RecurrentSequence(operands, isTimeMajor: isTimeMajor, Self.name)
    try RNNLayout.single.checkShapes(operands, sequence, Self.name)
    let units = RNNLayout.single.units(operands)
    return [TensorType(operands[0].element, sequence.result(width: units)), operands[4]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try RecurrentChecks.elements(
      operands, [[.f32, .f32, .f32, .f32, .f32], [.f32, .i8, .i8, .f32, .f32]], Self.name)
    try RecurrentChecks.weightScales(operands, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let (activation, isAsymmetric) = (activation, quantizesAsymmetrically)
    let sequence = try RecurrentSequence(types, isTimeMajor: isTimeMajor, Self.name)
    let form = sequence.kernelForm(outputWidth: RNNLayout.single.units(types))
    return Kernel { operands, results, _ in
      var layer = RNNLayout.single.kernelForm(
        RecurrentOperands(types, operands), inputs: sequence.width, activation,
        quantizesAsymmetrically: isAsymmetric)
      results[1].begin(as: operands[4])
      ck_rnn_f32(
        &layer, form, operands[0].pointer(to: Float.self), nil,
        results[1].pointer(to: Float.self), results[0].pointer(to: Float.self))
    }
  }

  /// The products with all weights, for each step of each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let rows = operands[0].elementCount / operands[0].shape[operands[0].shape.rank - 1]
    return Work(macs: Work.product(rows, RNNLayout.single.macs(operands)))
  }

  public static let examples = [
    // 2 + 4 / 2 + 1, then 4 + 5 / 2 + 1.
    example(weights: Tensor(TensorType(.f32, [1, 1]), numbers: [2]), recurrent: 0.5),
    // The same from 4 steps and 1 step of 1/2.
    example(
      weights: Tensor(TensorType(.i8, [1, 1], Quantization(scale: 0.5)), numbers: [4]), recurrent: 1
    ),
  ]

  private static func example(weights: Tensor, recurrent: Double) -> Example {
    var op = RNN()
    op.activation = .relu
    return Example(
      op,
      [
        Tensor(TensorType(.f32, [1, 2, 1]), numbers: [1, 2]), weights,
        Tensor(weights.type, numbers: [recurrent]),
        Tensor(TensorType(.f32, [1]), numbers: [1]),
        Tensor(TensorType(.f32, [1, 1]), numbers: [4]),
      ],
      gives: [
        Tensor(TensorType(.f32, [1, 2, 1]), numbers: [5, 7.5]),
        Tensor(TensorType(.f32, [1, 1]), numbers: [7.5]),
      ])
  }
}

/// Where the operands of one direction of a recurrent layer stand; nil for one that is left out.
struct RNNLayout {
  let weights: Int
  let recurrent: Int
  let bias: Int
  let state: Int
  var auxiliary: Int?

  /// That of a layer by itself.
  static let single = RNNLayout(weights: 1, recurrent: 2, bias: 3, state: 4)

  /// The width of the result.
  func units(_ operands: [TensorType]) -> Int { operands[weights].shape[0] }

  func checkShapes(
    _ operands: [TensorType], _ sequence: RecurrentSequence, auxiliaryWidth: Int = 0, _ kind: String
  ) throws {
    try ElementChecks.rank(operands, weights, 2, kind)
    let units = units(operands)
    try ElementChecks.shape(operands, weights, [units, sequence.width], kind)
    try ElementChecks.shape(operands, recurrent, [units, units], kind)
    try ElementChecks.shape(operands, bias, [units], kind)
    try RecurrentChecks.state(operands, state, sequence, width: units, kind)
    guard let auxiliary else { return }
    try ElementChecks.shape(operands, auxiliary, [units, auxiliaryWidth], kind)
  }

  func kernelForm(
    _ run: RecurrentOperands, inputs: Int, auxiliaryInputs: Int = 0,
    _ activation: RecurrentActivation, quantizesAsymmetrically: Bool
  ) -> ck_rnn_layer {
    ck_rnn_layer(
      inputs: Int32(clamping: inputs), auxiliary_inputs: Int32(clamping: auxiliaryInputs),
      units: Int32(clamping: units(run.types)), input: run.weights(weights),
      auxiliary: run.weights(auxiliary), recurrent: run.weights(recurrent),
      bias: run.pointer(bias, to: Float.self), activation: activation.kernelForm,
      quantizes_asymmetrically: quantizesAsymmetrically ? 1 : 0)
  }

  /// Multiplications for each row of the input.
  func macs(_ operands: [TensorType]) -> Int {
    [weights, recurrent, auxiliary].compactMap { $0 }
      .reduce(0) { Work.sum($0, operands[$1].elementCount) }
  }
}
