import GraphIR
import Tensors

/// Long short-term memory over sequences of different lengths, in one direction or both.
///
/// With the gates i, o, f, g of the input x, the last result h and the state of the cells c, in the order of the weights:
/// `i, f = f(W · x + R · h + p ∘ c + b)`, `g = g(W · x + R · h + b)`, `c = f ∘ c + i ∘ g`, then `o = f(… + p ∘ c + b)`
/// with the new c, and `h = o ∘ h(c)`, where f, g, h are the activations.
///
/// Operands: those of `SequenceLayer`, the state c `[directions, batches, units]`, and peephole weights of i, o, f
/// `[directions, 3 · units]`. Results: h of every step, the last h, and the last c.
///
/// ONNX: `LSTM`.
public struct SequenceLSTM: SequenceLayer {
  public static let name = "sequence_lstm"
  public static let gateCount = 4
  public static let functionCount = 3
  public static let furtherOperands: [SequenceOperand] = [.state, .vectors(count: 3)]
  /// Whether sequences begin with their first step.
  public var direction = SequenceDirection.forward
  /// f, g and h, for each direction.
  public var activations: [GateFunction] = [.sigmoid, .tanh, .tanh]
  /// The first parameters of the functions; empty if none has one.
  public var alphas: [Float] = []
  /// The second parameters of the functions; empty if none has one.
  public var betas: [Float] = []
  /// The largest magnitude of the arguments of f and g; 0 for none.
  public var clip: Float = 0
  /// Whether the forget gate is `1 − i`.
  public var couplesForgetGate = false

  public init() {}

  public func cell(_ run: SequenceRun) -> LSTMCell {
    LSTMCell(run, gates(run.layer), couplesForgetGate: couplesForgetGate)
  }

  public static let examples = [
    Example(
      SequenceLSTM(),
      [
        Tensor(TensorType(.f32, [2, 1, 1]), numbers: [1, -1]),
        Tensor(TensorType(.f32, [1, 4, 1]), numbers: [0.5, 1, -1, 2]),
        Tensor(TensorType(.f32, [1, 4, 1]), numbers: [1, 0.5, -0.5, 1]),
        Tensor(TensorType(.f32, [1, 8]), numbers: [0.1, 0.2, 0.3, 0.4, 0, 0, 0.5, 0]),
        Tensor(TensorType(.i32, [1]), numbers: [2]),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [0.25]),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [-0.5]),
        Tensor(TensorType(.f32, [1, 3]), numbers: [0.5, 1, -1]),
      ],
      gives: [
        Tensor(TensorType(.f32, [2, 1, 1, 1]), numbers: [0.2970559, -0.049036384]),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [-0.049036384]),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [-0.160902]),
      ])
  ]
}

/// The state of one direction of an LSTM in one run.
public struct LSTMCell: SequenceCell {
  private let gates: LSTMGates
  private var others: [Float]
  private var last: [Float]

  init(_ run: SequenceRun, _ functions: [Gate], couplesForgetGate: Bool) {
    gates = LSTMGates(run, functions, couplesForgetGate: couplesForgetGate)
    others = Array(repeating: 0, count: run.form.batches * 3 * run.form.units)
    last = Array(repeating: 0, count: run.form.batches * run.form.units)
  }

  public mutating func advance(_ rows: [SequenceRow]) {
    let units = gates.run.form.units
    for row in rows {
      for index in 0..<3 * units { others[row.batch * 3 * units + index] = row.sums[index] }
      for index in 0..<units { last[row.batch * units + index] = row.sums[3 * units + index] }
    }
    gates.run.addProducts(to: &others)
    gates.run.addLastProducts(gates.run.state(0), to: &last)
    for row in rows { advance(row.batch) }
  }

  private mutating func advance(_ batch: Int) {
    let (gates, units) = (gates, gates.run.form.units)
    others.withUnsafeMutableBufferPointer { others in
      last.withUnsafeMutableBufferPointer { last in
        // Neither is empty.
        let input = others.baseAddress! + batch * 3 * units
        let cell = last.baseAddress! + batch * units
        gates.update(
          batch, (input: input, output: input + units, forget: input + 2 * units, cell: cell))
      }
    }
  }
}

/// What makes states of the sums of an LSTM's gates.
private struct LSTMGates {
  let run: SequenceRun
  private let functions: [Gate]
  private let couplesForgetGate: Bool

  init(_ run: SequenceRun, _ functions: [Gate], couplesForgetGate: Bool) {
    self.run = run
    // The argument of the last function is no sum, and not clipped.
    let output = functions[2]
    self.functions =
      functions.prefix(2) + [
        Gate(function: output.function, alpha: output.alpha, beta: output.beta, clip: .infinity)
      ]
    self.couplesForgetGate = couplesForgetGate
  }

  /// From the sums of the gates to the states of a sequence.
  func update(
    _ batch: Int,
    _ sums: (
      input: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
      forget: UnsafeMutablePointer<Float>, cell: UnsafeMutablePointer<Float>
    )
  ) {
    let units = run.form.units
    let (h, c) = (run.state(0) + batch * units, run.state(1) + batch * units)
    let peephole = run.operands[7].pointer(to: Float.self) + run.layer * 3 * units
    let biases = run.biases
    for index in 0..<units {
      sums.input[index] += peephole[index] * c[index]
      sums.input[index] += biases[index]
      sums.forget[index] += peephole[2 * units + index] * c[index]
      sums.forget[index] += biases[2 * units + index]
      sums.cell[index] += biases[3 * units + index]
    }
    functions[0].apply(to: sums.input, units)
    functions[0].apply(to: sums.forget, units)
    functions[1].apply(to: sums.cell, units)
    for index in 0..<units {
      let kept = couplesForgetGate ? 1 - sums.input[index] : sums.forget[index]
      c[index] = kept * c[index] + sums.input[index] * sums.cell[index]
      sums.output[index] += peephole[units + index] * c[index]
      sums.output[index] += biases[units + index]
      h[index] = c[index]
    }
    functions[0].apply(to: sums.output, units)
    functions[2].apply(to: h, units)
    for index in 0..<units { h[index] *= sums.output[index] }
  }
}
