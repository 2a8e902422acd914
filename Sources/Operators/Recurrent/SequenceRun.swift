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

/// A matrix of real numbers, packed for products with rows; products are fused, as ONNX leaves it open.
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

  /// `y = Σ x · column`, for `count` rows x.
  func multiply(
    _ x: UnsafePointer<Float>, rows count: Int, into y: UnsafeMutablePointer<Float>
  ) {
    ck_conv2d_f32(
      x, ck_shape([1, count, 1, depth]), weights.form, Window.single.kernelForm, nil,
      -.greatestFiniteMagnitude, .greatestFiniteMagnitude, y, ck_shape([1, count, 1, columns]), 0,
      Int32(clamping: count), ck_products_fused)
  }
}

/// A matrix whose products are added to what there is, one block of its depth after another.
///
/// That gives other last digits than the sum of the blocks would, if there are several.
struct AddedMatrix: Sendable {
  private let blocks: [(depth: Range<Int>, matrix: FloatMatrix)]
  private let depth: Int
  private let columns: Int

  /// - Parameter elements: `[columns, depth]`.
  init(_ elements: UnsafePointer<Float>, columns: Int, depth: Int) {
    (self.columns, self.depth) = (columns, depth)
    let size = Int(ProductBlocks.ofConstants.channels)
    blocks = stride(from: 0, to: depth, by: size).map { first in
      let part = first..<min(first + size, depth)
      let own = Self.columns(part, of: elements, rows: columns, width: depth)
      return (part, FloatMatrix(own, columns: columns, depth: part.count))
    }
  }

  /// Some columns of a matrix, as one of its own.
  private static func columns(
    _ part: Range<Int>, of elements: UnsafePointer<Float>, rows: Int, width: Int
  ) -> [Float] {
    (0..<rows).flatMap { row in
      UnsafeBufferPointer(start: elements + row * width + part.lowerBound, count: part.count)
    }
  }

  /// `y = y + Σ x · column`, for `count` rows x.
  func add(_ x: UnsafePointer<Float>, rows count: Int, to y: inout [Float]) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * columns) { products in
      guard let sums = products.baseAddress else { return }
      for block in blocks {
        if blocks.count == 1 {
          block.matrix.multiply(x, rows: count, into: sums)
        } else {
          let own = Self.columns(block.depth, of: x, rows: count, width: depth)
          block.matrix.multiply(own, rows: count, into: sums)
        }
        for index in 0..<count * columns { y[index] += sums[index] }
      }
    }
  }
}

/// The weights of one direction, packed.
struct SequenceWeights: Sendable {
  let input: FloatMatrix
  /// That of all gates but the last, and that of the last: some layers multiply it with something else.
  let recurrent: (others: AddedMatrix?, last: AddedMatrix)

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
      others == 0 ? nil : AddedMatrix(own, columns: others, depth: form.units),
      AddedMatrix(own + others * form.units, columns: form.units, depth: form.units)
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
  /// The sums of the input's biases and the recurrent ones.
  let biases: [Float]
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
    let input = operands[3].pointer(to: Float.self) + 2 * layer * form.rows
    biases = (0..<form.rows).map { [rows = form.rows] in input[$0] + input[rows + $0] }
  }

  /// The biases of the input's weights.
  var inputBiases: UnsafePointer<Float> {
    operands[3].pointer(to: Float.self) + 2 * layer * form.rows
  }

  /// The biases of the recurrent weights.
  var recurrentBiases: UnsafePointer<Float> { inputBiases + form.rows }

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

  /// `W · x` of all steps.
  func inputSums() -> [Float] {
    let rows = form.steps * form.batches
    return [Float](unsafeUninitializedCapacity: rows * form.rows) { sums, count in
      count = rows * form.rows
      // There are rows, and the capacity asked for.
      weights.input.multiply(
        operands[0].pointer(to: Float.self), rows: rows, into: sums.baseAddress!)
    }
  }

  /// Makes the state h of a sequence the result of a step.
  func writeState(of batch: Int, at step: Int) {
    let place = ((step * layers + layer) * form.batches + batch) * form.units
    (results[0].pointer(to: Float.self) + place)
      .update(from: state(0) + batch * form.units, count: form.units)
  }

  /// Adds `R · h` of all sequences, for all gates but the last.
  func addProducts(to sums: inout [Float]) {
    weights.recurrent.others?.add(state(0), rows: form.batches, to: &sums)
  }

  /// Adds `R · x` of all sequences, for the last gate.
  func addLastProducts(_ x: UnsafePointer<Float>, to sums: inout [Float]) {
    weights.recurrent.last.add(x, rows: form.batches, to: &sums)
  }
}
