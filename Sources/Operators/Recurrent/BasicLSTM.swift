import CKernels
import GraphIR
import Support
import Tensors

/// One step of long short-term memory with the weights of all gates in one matrix, as TFLite's older kernel has it.
///
/// Operands: input `[batches, width]`, the last result h `[batches, cells]`, weights `[4 · cells, width + cells]` in the
/// order of the gates i, g, f, o, bias `[4 · cells]`, and the state of the cells c. Results: h, c, the joined operands
/// `[batches, width + cells]`, the sums `[batches, 4 · cells]`, and once more h and c, as the next states.
///
/// Elements are `f32`, or `u8` with `i16` cells and sums: activations then have scale 1/128 and zero point 128, cells
/// the scale 2⁻¹¹ and sums 2⁻¹².
///
/// TFLite: `LSTM` with the kernel `BASIC`.
public struct BasicLSTM: Operator {
  public static let name = "basic_lstm"
  public static let elements: [ElementType] = [.f32, .u8]

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 5...5, Self.name)
    try RecurrentChecks.extents(operands, Self.name)
    for index in 0..<2 { try ElementChecks.rank(operands, index, 2, Self.name) }
    let (input, cells) = (operands[0].shape, operands[1].shape[1])
    let depth = input[1] + cells
    try ElementChecks.shape(operands, 1, [input[0], cells], Self.name)
    try ElementChecks.shape(operands, 2, [4 * cells, depth], Self.name)
    try ElementChecks.shape(operands, 3, [4 * cells], Self.name)
    try ElementChecks.shape(operands, 4, [input[0], cells], Self.name)
    let states = [operands[1], operands[4]]
    return states + [
      TensorType(operands[0].element, [input[0], depth]),
      TensorType(operands[4].element, [input[0], 4 * cells]),
    ] + states
  }

  /// Of bytes, scales are those that the integer arithmetic has.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try RecurrentChecks.elements(
      operands, [[.f32, .f32, .f32, .f32, .f32], [.u8, .u8, .u8, .i32, .i16]], Self.name)
    guard operands[0].element == .u8 else { return }
    let activations = Quantization(scale: 1 / 128, zeroPoint: 128)
    let cells = Quantization(scale: 1 / 2048)
    for (type, expected) in [
      (operands[0], activations), (operands[1], activations), (operands[4], cells),
      (results[0], activations), (results[1], cells),
    ] where type.quantization != expected {
      throw Diagnostic(.scale(type, expected))
    }
    _ = try factor(operands)
  }

  /// From products to the sums of the gates.
  private func factor(_ operands: [TensorType]) throws -> FixedPoint {
    _ = try ElementChecks.perTensor(operands[2], "operand 2", Self.name)
    let bias = try ElementChecks.perTensor(operands[3], "operand 3", Self.name)
    return try FixedPoint(4096 * Double(bias.scale))
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let shape = ck_basic_lstm_shape(
      batches: Int32(clamping: types[0].shape[0]), inputs: Int32(clamping: types[0].shape[1]),
      cells: Int32(clamping: types[1].shape[1]))
    guard types[0].element == .u8 else {
      return kernel { operands, results in
        ck_basic_lstm_f32(
          shape, operands[0].pointer(to: Float.self), operands[2].pointer(to: Float.self),
          operands[3].pointer(to: Float.self), results[0].pointer(to: Float.self),
          results[1].pointer(to: Float.self), results[2].pointer(to: Float.self),
          results[3].pointer(to: Float.self))
      }
    }
    let factor = try factor(types)
    let zeroPoint = Int32(types[2].quantization?.zeroPoint ?? 0)
    return kernel { operands, results in
      ck_basic_lstm_u8(
        shape, operands[0].pointer(to: UInt8.self), operands[2].pointer(to: UInt8.self), zeroPoint,
        operands[3].pointer(to: Int32.self), factor.multiplier, factor.shift,
        results[0].pointer(to: UInt8.self), results[1].pointer(to: Int16.self),
        results[2].pointer(to: UInt8.self), results[3].pointer(to: Int16.self))
    }
  }

  /// A kernel whose body replaces states, which are those of the operands at first.
  private func kernel(
    _ body:
      @escaping @Sendable ([UnsafeRawBufferPointer], [UnsafeMutableRawBufferPointer]) -> Void
  ) -> Kernel {
    Kernel { operands, results, _ in
      results[0].begin(as: operands[1])
      results[1].begin(as: operands[4])
      body(operands, results)
      for state in 0..<2 { results[4 + state].begin(as: UnsafeRawBufferPointer(results[state])) }
    }
  }

  /// The products with all weights for each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(macs: Work.product(operands[0].shape[0], operands[2].elementCount))
  }

  public static let examples = [floatExample, integerExample]

  /// With weights of zero, gates are at 1/2: c = 1 / 2, h = tanh(1/2) / 2.
  private static var floatExample: Example {
    func tensor(_ shape: Shape, _ numbers: [Double]) -> Tensor {
      Tensor(TensorType(.f32, shape), numbers: numbers)
    }
    let (output, cell) = (tensor([1, 1], [0.23105858]), tensor([1, 1], [0.5]))
    return Example(
      BasicLSTM(),
      [
        tensor([1, 1], [3]), tensor([1, 1], [2]), tensor([4, 2], Array(repeating: 0, count: 8)),
        tensor([4], [0, 0, 0, 0]), tensor([1, 1], [1]),
      ],
      gives: [output, cell, tensor([1, 2], [3, 2]), tensor([1, 4], [0, 0, 0, 0]), output, cell])
  }

  /// Cells of 1024 steps are 1/2 and become 1/4; tanh(1/4) / 2 = 0.1225 is 15.7 steps of 1/128.
  private static var integerExample: Example {
    let activations = Quantization(scale: 1 / 128, zeroPoint: 128)
    func bytes(_ shape: Shape, _ numbers: [Double]) -> Tensor {
      Tensor(TensorType(.u8, shape, activations), numbers: numbers)
    }
    let cells = TensorType(.i16, [1, 1], Quantization(scale: 1 / 2048))
    let bias = TensorType(.i32, [4], Quantization(scale: 1 / 16384))
    let sums = TensorType(.i16, [1, 4])
    let (output, cell) = (bytes([1, 1], [144]), Tensor(cells, numbers: [512]))
    return Example(
      BasicLSTM(),
      [
        bytes([1, 1], [130]), bytes([1, 1], [7]), bytes([4, 2], Array(repeating: 128, count: 8)),
        Tensor(bias, numbers: [0, 0, 0, 0]), Tensor(cells, numbers: [1024]),
      ],
      gives: [
        output, cell, bytes([1, 2], [130, 7]), Tensor(sums, numbers: [0, 0, 0, 0]), output, cell,
      ])
  }
}

extension Diagnostic.Message {
  fileprivate static func scale(_ found: TensorType, _ expected: Quantization) -> Self {
    Self(
      id: "basic-lstm-scale", .unsupported,
      "`basic_lstm` has an operand or result \(found), which should be quantized by \(expected)")
  }
}
