import GraphIR
import Tensors

/// A fully connected layer over sequences of different lengths, in one direction or both, which also sees its last result:
/// `h = f(W · x + R · h + b)`, where f is the activation.
///
/// Operands and results: those of `SequenceLayer`.
///
/// ONNX: `RNN`.
public struct SequenceRNN: SequenceLayer {
  public static let name = "sequence_rnn"
  public static let gateCount = 1
  public static let functionCount = 1
  public static let furtherOperands: [SequenceOperand] = []
  /// Whether sequences begin with their first step.
  public var direction = SequenceDirection.forward
  /// f, for each direction.
  public var activations: [GateFunction] = [.tanh]
  /// The first parameters of the functions; empty if none has one.
  public var alphas: [Float] = []
  /// The second parameters of the functions; empty if none has one.
  public var betas: [Float] = []
  /// The largest magnitude of the function's arguments; 0 for none.
  public var clip: Float = 0

  public init() {}

  public func cell(_ run: SequenceRun) -> RNNCell { RNNCell(run, gates(run.layer)[0]) }

  public static let examples = [example]

  /// Forward 2 + 4 / 2 + 1, and 4 + 5 / 2 + 1; backward −2 + 4 + 1, and −1 + 3 + 1. The second sequence is one step long.
  private static var example: Example {
    var op = SequenceRNN()
    op.direction = .bidirectional
    op.activations = [.relu, .affine]
    op.alphas = [0, 1]
    op.betas = [0, 0]
    return Example(
      op,
      [
        Tensor(TensorType(.f32, [2, 2, 1]), numbers: [1, 1, 2, 9]),
        Tensor(TensorType(.f32, [2, 1, 1]), numbers: [2, -1]),
        Tensor(TensorType(.f32, [2, 1, 1]), numbers: [0.5, 1]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [0.75, 0.25, 1, 0]),
        Tensor(TensorType(.i32, [2]), numbers: [2, 1]),
        Tensor(TensorType(.f32, [2, 2, 1]), numbers: [4, 4, 4, 4]),
      ],
      gives: [
        Tensor(TensorType(.f32, [2, 2, 2, 1]), numbers: [5, 5, 3, 4, 7.5, 0, 3, 0]),
        Tensor(TensorType(.f32, [2, 2, 1]), numbers: [7.5, 5, 3, 4]),
      ])
  }
}

/// The state of one direction of a fully connected recurrent layer in one run.
public struct RNNCell: SequenceCell {
  private let run: SequenceRun
  private let gate: Gate
  private var last: [Float]

  init(_ run: SequenceRun, _ gate: Gate) {
    self.run = run
    self.gate = gate
    last = Array(repeating: 0, count: run.form.batches * run.form.units)
  }

  public mutating func advance(_ rows: [SequenceRow]) {
    let units = run.form.units
    for row in rows {
      for index in 0..<units {
        last[row.batch * units + index] = run.biases[index] + row.sums[index]
      }
    }
    run.addLastProducts(run.state(0), to: &last)
    for row in rows {
      let h = run.state(0) + row.batch * units
      for index in 0..<units { h[index] = last[row.batch * units + index] }
      gate.apply(to: h, units)
    }
  }
}
