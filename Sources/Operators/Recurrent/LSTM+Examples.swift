import GraphIR
import Tensors

// Weights of zero leave the gates i, f and o at 1/2, so that the results can be computed by hand.

extension LSTM {
  /// Layers of floats, and of floats with weights of 8 bits.
  static var floatExamples: [Example] {
    var plain = LSTM()
    plain.activation = .relu
    var coupled = plain
    coupled.isCoupled = true
    coupled.hasProjection = true
    coupled.projectionClip = 0.75
    let zero = column(0)
    return [
      // c = 2 / 2 = 1, then (1 + 4) / 2; h = c / 2.
      Example(
        plain,
        [Tensor(TensorType(.f32, [1, 2, 1]), numbers: [2, 4])]
          + [zero, zero, column(1), zero, zero, zero, zero, zero]
          + [vector(0), vector(0), vector(0), vector(0), row(0), row(0)],
        gives: [Tensor(TensorType(.f32, [1, 2, 1]), numbers: [0.5, 1.25]), row(1.25), row(2.5)]),
      // The clipped projection of h = (1 + 3) / 2 / 2 = 1 by ½ and −1.
      Example(
        coupled,
        [row(3)]
          + [zero, column(1), zero, pair(0, 0), pair(0, 0), pair(0, 0)]
          + [vector(0), vector(0), vector(0)]
          + [Tensor(TensorType(.f32, [2, 1]), numbers: [0.5, -1]), pair(0, 0), row(1)],
        gives: [pair(0.5, -0.75), pair(0.5, -0.75), row(2)]),
      // As the first, with weights of 2 steps of ½.
      Example(
        plain,
        [row(2)]
          + [bytes(0), bytes(0), bytes(2), bytes(0), bytes(0), bytes(0), bytes(0), bytes(0)]
          + [vector(0), vector(0), vector(0), vector(0), row(0), row(0)],
        gives: [row(0.5), row(0.5), row(1)]),
    ]
  }

  /// Layers of integers: c = 1024 is ½ and becomes ¼; h = tanh(¼) / 2 = 0.1225, or 15.7 steps of 1/128.
  static var integerExamples: [Example] {
    var op = LSTM()
    op.hiddenScale = 1 / 128
    let input = TensorType(.i8, [1, 1], Quantization(scale: 0.5, zeroPoint: 3))
    let output = TensorType(.i8, [1, 1], Quantization(scale: 1 / 128))
    let cell = TensorType(.i16, [1, 1], Quantization(scale: 1 / 2048))
    let bias = Tensor(TensorType(.i32, [1]), numbers: [0])
    return [
      Example(
        op,
        [Tensor(input, numbers: [-7])] + Array(repeating: bytes(0), count: 8)
          + Array(repeating: bias, count: 4)
          + [Tensor(output, numbers: [99]), Tensor(cell, numbers: [1024])],
        gives: [
          Tensor(output, numbers: [16]), Tensor(output, numbers: [16]),
          Tensor(cell, numbers: [512]),
        ])
    ]
  }

  private static func vector(_ number: Double) -> Tensor {
    Tensor(TensorType(.f32, [1]), numbers: [number])
  }

  private static func row(_ number: Double) -> Tensor {
    Tensor(TensorType(.f32, [1, 1]), numbers: [number])
  }

  private static func column(_ number: Double) -> Tensor { row(number) }

  private static func pair(_ first: Double, _ second: Double) -> Tensor {
    Tensor(TensorType(.f32, [1, 2]), numbers: [first, second])
  }

  private static func bytes(_ number: Double) -> Tensor {
    Tensor(TensorType(.i8, [1, 1], Quantization(scale: 0.5)), numbers: [number])
  }
}
