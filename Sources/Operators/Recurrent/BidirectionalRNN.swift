import CKernels
import GraphIR
import Support
import Tensors

/// Two recurrent layers over one sequence, of which one reads it from the end. Each is as `RNN` says.
///
/// Operands: input `[batches, steps, width]` (or steps first), weights, recurrent weights, bias and state of the forward
/// layer and of the backward one, then, if it is there, a second input, and weights for it of each layer. Without such
/// weights, the backward layer reads the second input in place of the first, but as in TFLite only if steps come first.
/// Results: h of both layers at every step, in two tensors or side by side, and the next states.
///
/// Elements are `f32`; weights may be `i8`.
///
/// TFLite: `BIDIRECTIONAL_SEQUENCE_RNN`.
public struct BidirectionalRNN: Operator {
  public static let name = "bidirectional_rnn"
  public static let elements: [ElementType] = [.f32]
  public static let weightElements: [ElementType: [ElementType]] = [.f32: [.f32, .i8]]
  /// Whether the inputs are `[steps, batches, width]`.
  public var isTimeMajor = false
  /// Whether both results stand side by side in one tensor, those of the forward layer first.
  public var mergesOutputs = false
  /// Of the sums.
  public var activation = RecurrentActivation.tanh
  /// Whether inputs of 8-bit weights get a zero point.
  public var quantizesAsymmetrically = false

  public init() {}

  /// The input's shape with the width of h, or of both, and the types of the states.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    guard [9, 10, 12].contains(operands.count) else { throw Diagnostic(.count(operands.count)) }
    try RecurrentChecks.extents(operands, Self.name)
    try ElementChecks.rank(operands, 0, 3, Self.name)
    let sequence = try RecurrentSequence(operands, isTimeMajor: isTimeMajor, Self.name)
    let auxiliaryWidth = try auxiliaryWidth(operands, sequence)
    let directions = Self.directions(operands)
    for direction in directions {
      try direction.checkShapes(operands, sequence, auxiliaryWidth: auxiliaryWidth, Self.name)
    }
    let widths = directions.map { $0.units(operands) }
    return (mergesOutputs ? [widths[0] + widths[1]] : widths).map {
      TensorType(operands[0].element, sequence.result(width: $0))
    } + [operands[4], operands[8]]
  }

  private func auxiliaryWidth(_ operands: [TensorType], _ sequence: RecurrentSequence) throws -> Int
  {
    guard operands.count > 9 else { return 0 }
    try ElementChecks.rank(operands, 9, 3, Self.name)
    let width = operands.count == 12 ? operands[9].shape[2] : sequence.width
    try ElementChecks.shape(operands, 9, sequence.result(width: width), Self.name)
    return width
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    func elements(_ weights: ElementType) -> [ElementType] {
      [
        .f32, weights, weights, .f32, .f32, weights, weights, .f32, .f32, .f32, weights, weights,
      ]
    }
    try RecurrentChecks.elements(operands, [elements(.f32), elements(.i8)], Self.name)
    try RecurrentChecks.weightScales(operands, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let (activation, isAsymmetric) = (activation, quantizesAsymmetrically)
    let directions = Self.directions(types)
    let sequence = try RecurrentSequence(types, isTimeMajor: isTimeMajor, Self.name)
    let outputs = RecurrentOutputs(
      widths: directions.map { $0.units(types) }, isMerged: mergesOutputs)
    let auxiliary = types.count == 12 ? 9 : nil
    let inputs = [0, types.count == 10 && isTimeMajor ? 9 : 0]
    let passes = passes(types)
    return Kernel { operands, results, _ in
      let run = RecurrentOperands(types, operands)
      for (number, direction) in directions.enumerated() {
        var layer = direction.kernelForm(
          run, inputs: sequence.width, auxiliaryInputs: auxiliary.map { types[$0].shape[2] } ?? 0,
          activation, quantizesAsymmetrically: isAsymmetric)
        let state = results[outputs.count + number]
        state.begin(as: operands[direction.state])
        for _ in 0..<passes {
          ck_rnn_f32(
            &layer,
            sequence.kernelForm(outputWidth: outputs.rowWidth(number), isReversed: number == 1),
            operands[inputs[number]].pointer(to: Float.self),
            run.pointer(auxiliary, to: Float.self), state.pointer(to: Float.self),
            outputs.pointer(number, results))
        }
      }
    }
  }

  /// How often the sequence is read, each time from the state that the last time left.
  ///
  /// TFLite's kernel for 8-bit weights reads it once for each step if steps come first.
  private func passes(_ operands: [TensorType]) -> Int {
    isTimeMajor && operands[1].element == .i8 ? operands[0].shape[0] : 1
  }

  /// The products with all weights, for each step of each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let rows = operands[0].elementCount / operands[0].shape[operands[0].shape.rank - 1]
    let macs = Self.directions(operands).reduce(0) { Work.sum($0, $1.macs(operands)) }
    return Work(macs: Work.product(passes(operands), rows, macs))
  }

  private static func directions(_ operands: [TensorType]) -> [RNNLayout] {
    let hasAuxiliaryWeights = operands.count == 12
    return [
      RNNLayout(
        weights: 1, recurrent: 2, bias: 3, state: 4, auxiliary: hasAuxiliaryWeights ? 10 : nil),
      RNNLayout(
        weights: 5, recurrent: 6, bias: 7, state: 8, auxiliary: hasAuxiliaryWeights ? 11 : nil),
    ]
  }

  public static let examples = [bothDirections]

  /// Forward 2 + 4 / 2 + 1 and 4 + 5 / 2 + 1; backward 3 · 2 + 1 and 3 · 1 + 7.
  private static var bothDirections: Example {
    var op = BidirectionalRNN()
    op.activation = .relu
    func square(_ number: Double) -> Tensor { Tensor(TensorType(.f32, [1, 1]), numbers: [number]) }
    func bias(_ number: Double) -> Tensor { Tensor(TensorType(.f32, [1]), numbers: [number]) }
    func sequence(_ numbers: [Double]) -> Tensor {
      Tensor(TensorType(.f32, [1, 2, 1]), numbers: numbers)
    }
    return Example(
      op,
      [
        sequence([1, 2]), square(2), square(0.5), bias(1), square(4), square(3), square(1), bias(0),
        square(1),
      ],
      gives: [sequence([5, 7.5]), sequence([10, 7]), square(7.5), square(10)])
  }
}

extension Diagnostic.Message {
  fileprivate static func count(_ found: Int) -> Self {
    Self(
      id: "operand-count", .malformed,
      "`bidirectional_rnn` has \(found) operands, expected 9, 10 or 12")
  }
}
