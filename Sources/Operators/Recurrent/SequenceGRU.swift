import GraphIR
import Tensors

/// Gated recurrent units over sequences of different lengths, in one direction or both.
///
/// With the gates z, r, n of the input x and the last result h, in the order of the weights:
/// `z, r = f(W · x + R · h + b)`, `n = g(W · x + R · (r ∘ h) + b)` and `h = (1 − z) ∘ n + z ∘ h`, where f, g are the
/// activations. If gates come behind the products, `n = g(W · x + b + r ∘ (R · h + b))`.
///
/// Operands and results: those of `SequenceLayer`.
///
/// ONNX: `GRU`.
public struct SequenceGRU: SequenceLayer {
  public static let name = "sequence_gru"
  public static let gateCount = 3
  public static let functionCount = 2
  public static let furtherOperands: [SequenceOperand] = []
  /// Whether sequences begin with their first step.
  public var direction = SequenceDirection.forward
  /// f and g, for each direction.
  public var activations: [GateFunction] = [.sigmoid, .tanh]
  /// The first parameters of the functions; empty if none has one.
  public var alphas: [Float] = []
  /// The second parameters of the functions; empty if none has one.
  public var betas: [Float] = []
  /// The largest magnitude of the functions' arguments; 0 for none.
  public var clip: Float = 0
  /// Whether r is a factor of the product with h, not of h (ONNX: `linear_before_reset`).
  public var resetsProducts = false

  public init() {}

  public func cell(_ run: SequenceRun) -> GRUCell {
    GRUCell(run, gates(run.layer), resetsProducts: resetsProducts)
  }

  public static let examples = [
    example(resetsProducts: false, y: [0.38356927, 0.6220411], h: 0.38356927),
    example(resetsProducts: true, y: [0.34267977, 0.5944659], h: 0.34267977),
  ]

  private static func example(resetsProducts: Bool, y: [Double], h: Double) -> Example {
    var op = SequenceGRU()
    op.direction = .reverse
    op.resetsProducts = resetsProducts
    return Example(
      op,
      [
        Tensor(TensorType(.f32, [2, 1, 1]), numbers: [1, -1]),
        Tensor(TensorType(.f32, [1, 3, 1]), numbers: [0.5, 1, -1]),
        Tensor(TensorType(.f32, [1, 3, 1]), numbers: [1, 0.5, -0.5]),
        Tensor(TensorType(.f32, [1, 6]), numbers: [0.1, 0.2, 0.3, 0, 0, 0.5]),
        Tensor(TensorType(.i32, [1]), numbers: [2]),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [0.25]),
      ],
      gives: [
        Tensor(TensorType(.f32, [2, 1, 1, 1]), numbers: y),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [h]),
      ])
  }
}

/// The state of one direction of a GRU in one run.
public struct GRUCell: SequenceCell {
  private let run: SequenceRun
  private let gates: [Gate]
  private let resetsProducts: Bool
  private var others: [Float]
  private var last: [Float]
  private var reset: [Float]

  init(_ run: SequenceRun, _ gates: [Gate], resetsProducts: Bool) {
    self.run = run
    self.gates = gates
    self.resetsProducts = resetsProducts
    others = Array(repeating: 0, count: run.form.batches * 2 * run.form.units)
    last = Array(repeating: 0, count: run.form.batches * run.form.units)
    reset = last
  }

  public mutating func advance(_ rows: [SequenceRow]) {
    let units = run.form.units
    for row in rows { begin(row, units) }
    run.addProducts(to: &others)
    if resetsProducts { run.addLastProducts(run.state(0), to: &last) }
    for row in rows { openGates(row.batch, units) }
    if !resetsProducts { run.addLastProducts(reset, to: &last) }
    for row in rows { update(row, units) }
  }

  /// To what there is, products are added: of the last gate to those of the input, or if r is their factor, to the biases.
  private mutating func begin(_ row: SequenceRow, _ units: Int) {
    for index in 0..<2 * units { others[row.batch * 2 * units + index] = row.sums[index] }
    let summand = resetsProducts ? run.recurrentBiases : row.sums
    for index in 0..<units { last[row.batch * units + index] = summand[2 * units + index] }
  }

  /// z and r, and `r ∘ h` where that is what is multiplied next.
  private mutating func openGates(_ batch: Int, _ units: Int) {
    let (h, start, biases) = (run.state(0) + batch * units, batch * units, run.biases)
    others.withUnsafeMutableBufferPointer { others in
      let sums = others.baseAddress! + 2 * start  // it is not empty
      for index in 0..<2 * units { sums[index] += biases[index] }
      gates[0].apply(to: sums, units)
      gates[0].apply(to: sums + units, units, roundsProducts: true)
      for index in 0..<units { reset[start + index] = sums[units + index] * h[index] }
    }
  }

  private mutating func update(_ row: SequenceRow, _ units: Int) {
    let (h, start) = (run.state(0) + row.batch * units, row.batch * units)
    last.withUnsafeMutableBufferPointer { last in
      let sums = last.baseAddress! + start  // it is not empty
      for index in 0..<units {
        let gate = 2 * units + index
        sums[index] =
          resetsProducts
          ? row.sums[gate] + others[2 * start + units + index] * sums[index]
            + run.inputBiases[gate]
          : sums[index] + run.biases[gate]
      }
      gates[1].apply(to: sums, units, roundsProducts: true)
      for index in 0..<units {
        let z = others[2 * start + index]
        h[index] = (1 - z) * sums[index] + z * h[index]
      }
    }
  }
}
