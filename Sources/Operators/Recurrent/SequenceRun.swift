import CKernels
import Support
import Tensors

/// The extents of a layer over sequences.
struct SequenceForm: Sendable {
  let steps: Int
  let batches: Int
  let width: Int
  let units: Int
  let gates: Int

  /// - Precondition: the first three operands have rank 3.
  init(_ operands: [TensorType], gates: Int) {
    let input = operands[0].shape
    (steps, batches, width) = (input[0], input[1], input[2])
    units = operands[2].shape[2]
    self.gates = gates
  }

  /// The rows of weights of one direction.
  var rows: Int { gates * units }

  /// Where the products of one step's input begin.
  func sums(_ batch: Int, _ step: Int) -> Int { (step * batches + batch) * rows }

  func shape(_ operand: SequenceOperand, _ layers: Int) -> Shape {
    switch operand {
    case .state: [layers, batches, units]
    case .vectors(let count): [layers, count * units]
    }
  }
}

/// A matrix of real numbers, packed for products with rows.
struct FloatMatrix: Sendable {
  private let weights: PackedWeights
  private let depth: Int
  private let columns: Int

  /// - Parameter elements: `[columns, depth]`.
  init(_ elements: UnsafePointer<Float>, columns: Int, depth: Int) {
    (self.columns, self.depth) = (columns, depth)
    weights = PackedWeights(
      ck_pack_conv2d_f32(
        elements, Int32(clamping: columns), 1, 1, Int32(clamping: depth),
        ProductBlocks.ofConstants.channels))
  }

  /// `y = Σ x · column + bias`, for `count` rows x; products are fused, as ONNX leaves it open.
  func multiply(
    _ x: UnsafePointer<Float>, rows count: Int, bias: UnsafePointer<Float>? = nil,
    into y: UnsafeMutablePointer<Float>
  ) {
    ck_conv2d_f32(
      x, ck_shape([1, count, 1, depth]), weights.form, Window.single.kernelForm, bias,
      -.greatestFiniteMagnitude, .greatestFiniteMagnitude, y, ck_shape([1, count, 1, columns]), 0,
      Int32(clamping: count), ck_products_fused)
  }
}

/// The weights of one direction, packed.
struct SequenceWeights: Sendable {
  let input: FloatMatrix
  /// That of all gates but the last, and that of the last: some layers multiply it with something else.
  let recurrent: (others: FloatMatrix?, last: FloatMatrix)

  init(
    _ form: SequenceForm, _ weights: UnsafeRawBufferPointer, _ recurrent: UnsafeRawBufferPointer,
    layer: Int
  ) {
    input = FloatMatrix(
      weights.pointer(to: Float.self) + layer * form.rows * form.width, columns: form.rows,
      depth: form.width)
    let own = recurrent.pointer(to: Float.self) + layer * form.rows * form.units
    let others = form.rows - form.units
    self.recurrent = (
      others == 0 ? nil : FloatMatrix(own, columns: others, depth: form.units),
      FloatMatrix(own + others * form.units, columns: form.units, depth: form.units)
    )
  }
}

/// One direction of a layer in one run.
public struct SequenceRun {
  let form: SequenceForm
  let operands: [UnsafeRawBufferPointer]
  let results: [UnsafeMutableRawBufferPointer]
  let weights: SequenceWeights
  /// The number of the direction.
  let layer: Int
  private let layers: Int

  init(
    _ form: SequenceForm, _ operands: [UnsafeRawBufferPointer],
    _ results: [UnsafeMutableRawBufferPointer], _ weights: SequenceWeights, layer: Int,
    of layers: Int
  ) {
    self.form = form
    self.operands = operands
    self.results = results
    self.weights = weights
    self.layer = layer
    self.layers = layers
  }

  /// The biases of the input's weights, then those of the recurrent ones.
  var biases: UnsafePointer<Float> {
    operands[3].pointer(to: Float.self) + 2 * layer * form.rows
  }

  /// This direction's part of a state: h is number 0.
  func state(_ number: Int) -> UnsafeMutablePointer<Float> {
    results[number + 1].pointer(to: Float.self) + layer * form.batches * form.units
  }

  /// Copies a state from its operand: results are what goes from step to step.
  func beginState(_ number: Int) {
    let (start, count) = (layer * form.batches * form.units, form.batches * form.units)
    state(number).update(
      from: operands[number + 5].pointer(to: Float.self) + start, count: count)
  }

  /// How many steps a sequence has.
  func length(_ batch: Int) -> Int {
    min(max(Int(operands[4].pointer(to: Int32.self)[batch]), 0), form.steps)
  }

  /// `W · x + b` of all steps, the biases of W alone.
  func inputSums() -> [Float] {
    let rows = form.steps * form.batches
    return [Float](unsafeUninitializedCapacity: rows * form.rows) { sums, count in
      count = rows * form.rows
      // There are rows, and the capacity asked for.
      weights.input.multiply(
        operands[0].pointer(to: Float.self), rows: rows, bias: biases, into: sums.baseAddress!)
    }
  }

  /// Makes the state h of a sequence the result of a step.
  func writeState(of batch: Int, at step: Int) {
    let place = ((step * layers + layer) * form.batches + batch) * form.units
    (results[0].pointer(to: Float.self) + place)
      .update(from: state(0) + batch * form.units, count: form.units)
  }

  /// `R · h + b` of all sequences, for all gates but the last.
  func multiply(into sums: inout [Float]) {
    weights.recurrent.others?.multiply(
      state(0), rows: form.batches, bias: biases + form.rows, into: &sums)
  }

  /// `R · x + b` of all sequences, for the last gate.
  func multiplyLast(_ x: UnsafePointer<Float>, into sums: inout [Float]) {
    weights.recurrent.last.multiply(
      x, rows: form.batches, bias: biases + 2 * form.rows - form.units, into: &sums)
  }
}
