import GraphIR
import Support
import Tensors

/// The ways in which a layer goes over its sequences.
public enum SequenceDirection: String, Hashable, Sendable, Codable {
  /// From the first step to the last.
  case forward
  /// From the last step to the first.
  case reverse
  /// Both, each with weights of its own; the forward one comes first.
  case bidirectional

  /// How many layers that is.
  var count: Int { self == .bidirectional ? 2 : 1 }

  /// Whether the layer of this number begins with the last step.
  func isReversed(_ layer: Int) -> Bool { self == .reverse || layer == 1 }
}

/// A recurrent layer over sequences of different lengths, in one direction or both, with the weights of all gates in one
/// matrix: what its kinds share.
///
/// Operands: input `[steps, batches, width]`; weights `[directions, gates · units, width]`; recurrent weights
/// `[directions, gates · units, units]`; biases `[directions, 2 · gates · units]`, those of the weights first; the
/// lengths of the sequences, `i32[batches]`; and the state h `[directions, batches, units]`. What else there is comes behind.
/// Results: h of every step, `[steps, directions, batches, units]`, 0 behind the end of a sequence; and the last h.
///
/// Sums have ONNX Runtime's order: products with the input, to which those with the state are added block by block, then the
/// sum of both biases.
public protocol SequenceLayer: Operator {
  /// Whether sequences begin with their first step.
  var direction: SequenceDirection { get }
  /// The functions of each direction, one direction after the other.
  var activations: [GateFunction] { get }
  /// The first parameters of the functions; empty if none has one.
  var alphas: [Float] { get }
  /// The second parameters of the functions; empty if none has one.
  var betas: [Float] { get }
  /// The largest magnitude of the functions' arguments; 0 for none.
  var clip: Float { get }

  /// Rows of weights for each unit.
  static var gateCount: Int { get }
  /// The functions of one direction.
  static var functionCount: Int { get }
  /// The width, in units, of each operand behind the state h; those that have rows for batches are states, too.
  static var furtherOperands: [SequenceOperand] { get }

  /// One direction's state and arithmetic in one run.
  associatedtype Cell: SequenceCell
  func cell(_ run: SequenceRun) -> Cell
}

/// An operand that only some layers have.
public enum SequenceOperand: Hashable, Sendable {
  /// `[directions, batches, units]`, with its last value as a result.
  case state
  /// `[directions, count · units]`.
  case vectors(count: Int)
}

/// Advances the states of one direction, step by step.
public protocol SequenceCell {
  /// Replaces the states of sequences that have another step.
  ///
  /// - Parameter rows: each with the input's products, without biases.
  mutating func advance(_ rows: [SequenceRow])
}

/// The next step of one sequence.
public struct SequenceRow {
  let batch: Int
  /// `W · x`, for all gates.
  let sums: UnsafePointer<Float>
}

extension SequenceLayer {
  public static var elements: [ElementType] { [.f32] }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let further = Self.furtherOperands
    try ElementChecks.count(operands, (6 + further.count)...(6 + further.count), Self.name)
    try RecurrentChecks.extents(operands, Self.name)
    for index in 0..<3 { try ElementChecks.rank(operands, index, 3, Self.name) }
    let form = SequenceForm(operands, gates: Self.gateCount)
    let (layers, rows) = (direction.count, Self.gateCount * form.units)
    let state = Shape([layers, form.batches, form.units])
    let shapes: [Shape] = [
      [layers, rows, form.width], [layers, rows, form.units], [layers, 2 * rows], [form.batches],
      state,
    ]
    for (index, shape) in shapes.enumerated() {
      try ElementChecks.shape(operands, index + 1, shape, Self.name)
    }
    for (index, operand) in further.enumerated() {
      try ElementChecks.shape(operands, index + 6, form.shape(operand, layers), Self.name)
    }
    let last = Array(
      repeating: TensorType(.f32, state), count: 1 + further.filter { $0 == .state }.count)
    return [TensorType(.f32, [form.steps, layers, form.batches, form.units])] + last
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    var expected = [ElementType](repeating: .f32, count: operands.count)
    expected[4] = .i32
    try RecurrentChecks.elements(operands, [expected], Self.name)
    try RecurrentChecks.clip(clip, Self.name)
    let count = direction.count * Self.functionCount
    guard activations.count == count, [0, count].contains(alphas.count),
      [0, count].contains(betas.count)
    else {
      throw Diagnostic(.functions(Self.name, count, direction))
    }
  }

  /// The functions of one direction.
  func gates(_ layer: Int) -> [Gate] {
    (0..<Self.functionCount).map {
      let index = layer * Self.functionCount + $0
      return Gate(
        function: activations[index], alpha: alphas.isEmpty ? 0 : alphas[index],
        beta: betas.isEmpty ? 0 : betas[index], clip: clip == 0 ? .infinity : clip)
    }
  }

  /// Multiplies all inputs with their weights at once, and then goes step by step, one direction beside the other.
  public func kernel(for site: Site) throws -> Kernel {
    let form = SequenceForm(site.operands, gates: Self.gateCount)
    let layers = direction.count
    var ready: [SequenceWeights]?
    if let weights = site.constants[1], let recurrent = site.constants[2] {
      ready = (0..<layers).map { SequenceWeights(form, weights.bytes, recurrent.bytes, layer: $0) }
    }
    return Kernel { [ready] operands, results, workers in
      // Behind the end of a sequence nobody writes.
      _ = results[0].initializeMemory(as: UInt8.self, repeating: 0)
      let (x, y) = (Shared(operands), Shared(results))
      workers.split(layers) { part in
        for layer in part {
          let weights =
            ready?[layer] ?? SequenceWeights(form, x.pointer[1], x.pointer[2], layer: layer)
          run(SequenceRun(form, x.pointer, y.pointer, weights, layer: layer, of: layers))
        }
      }
    }
  }

  private func run(_ run: SequenceRun) {
    let isReversed = direction.isReversed(run.layer)
    let sums = run.inputSums()
    for state in 0..<run.results.count - 1 { run.beginState(state) }
    var cell = cell(run)
    sums.withUnsafeBufferPointer { sums in
      for step in 0..<run.form.steps {
        let going = (0..<run.form.batches).filter { step < run.length($0) }
        let times = going.map { isReversed ? run.length($0) - 1 - step : step }
        cell.advance(
          zip(going, times).map { batch, time in
            // There are as many sums as the form says, none of them missing.
            SequenceRow(batch: batch, sums: sums.baseAddress! + run.form.sums(batch, time))
          })
        for (batch, time) in zip(going, times) { run.writeState(of: batch, at: time) }
      }
    }
  }

  /// The products with all weights, for each step of each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let rows = operands[0].shape[0] * operands[0].shape[1]
    return Work(macs: Work.product(rows, operands[1].elementCount + operands[2].elementCount))
  }
}

extension Diagnostic.Message {
  fileprivate static func functions(
    _ kind: String, _ count: Int, _ direction: SequenceDirection
  ) -> Self {
    Self(
      id: "function-count", .malformed,
      "`\(kind)` has another number of activations or parameters of these than \(count), "
        + "which direction \(direction.rawValue) asks for")
  }
}
