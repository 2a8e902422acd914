import CKernels
import GraphIR
import Support
import Tensors

/// A fully connected layer over the last inputs, with each unit's weights in features and time as a sum of products of
/// vectors (singular value decomposition filter).
///
/// `m = (last values of m, U · x)` for each filter, `y = activation(Σ V · m + b)` with `rank` filters for each unit.
///
/// Operands: input `[batches, width]`, weights of features `[filters, width]`, weights of time `[filters, memory]`,
/// optionally bias `[units]`, and the state m, `[batches, filters · memory]`. Results: y, and the next state.
///
/// Elements are `f32`; both weights may be `i8`, and inputs then become 8 bits wide row by row. Or the layer is of
/// integers: `i8` with `i16` weights of time and state, and `i32` bias.
///
/// Source: Nakkiran et al., "Compressing deep neural networks using a rank-constrained topology", Interspeech 2015.
/// TFLite: `SVDF`.
public struct SVDF: Operator {
  public static let name = "svdf"
  public static let elements: [ElementType] = [.f32, .i8]
  public static let weightElements: [ElementType: [ElementType]] = [.f32: [.f32, .i8]]
  /// The number of filters for each unit.
  public var rank = 1
  /// Of the sums. Layers of integers must have `relu`, which as in TFLite is left to the result's scale.
  public var activation = RecurrentActivation.none
  /// Whether inputs of 8-bit weights get a zero point.
  public var quantizesAsymmetrically = false

  public init() {}

  /// `[batches, units]`, and the type of the state.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 4...5, Self.name)
    try RecurrentChecks.extents(operands, Self.name)
    for index in 0..<3 { try ElementChecks.rank(operands, index, 2, Self.name) }
    let (input, time) = (operands[0].shape, operands[2].shape)
    try ElementChecks.shape(operands, 1, [time[0], input[1]], Self.name)
    guard rank > 0, time[0] % rank == 0 else { throw Diagnostic(.badRank(rank, time[0])) }
    if operands.count == 5 { try ElementChecks.shape(operands, 3, [time[0] / rank], Self.name) }
    let state = operands.count - 1
    try ElementChecks.shape(operands, state, [input[0], time.elementCount], Self.name)
    return [TensorType(operands[0].element, [input[0], time[0] / rank]), operands[state]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    let bias: [ElementType] = operands.count == 5 ? [.f32] : []
    let integers: [ElementType] = operands.count == 5 ? [.i32] : []
    try RecurrentChecks.elements(
      operands,
      [
        [.f32, .f32, .f32] + bias + [.f32], [.f32, .i8, .i8] + bias + [.f32],
        [.i8, .i8, .i16] + integers + [.i16],
      ], Self.name)
    guard operands[0].element != .f32 else {
      return try RecurrentChecks.weightScales(operands, Self.name)
    }
    guard activation == .relu else { throw Diagnostic(.integerActivation(activation)) }
    try ElementChecks.sameQuantization(operands[operands.count - 1], results[1], Self.name)
    _ = try factors(operands, results[0])
  }

  /// From products with features to the state, and from products with time to the result.
  private func factors(_ operands: [TensorType], _ result: TensorType) throws -> [FixedPoint] {
    func scale(_ index: Int) throws -> Double {
      Double(try ElementChecks.perTensor(operands[index], "operand \(index)", Self.name).scale)
    }
    let state = try scale(operands.count - 1)
    let output = try ElementChecks.perTensor(result, "the result", Self.name)
    return [
      try FixedPoint(scale(0) * scale(1) / state),
      try FixedPoint(state * scale(2) / Double(output.scale)),
    ]
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let (state, bias) = (types.count - 1, types.count == 5 ? 3 : nil)
    let shape = ck_svdf_shape(
      batches: Int32(clamping: types[0].shape[0]), inputs: Int32(clamping: types[0].shape[1]),
      filters: Int32(clamping: types[2].shape[0]), rank: Int32(clamping: rank),
      memory: Int32(clamping: types[2].shape[1]))
    guard types[0].element == .f32 else { return try integerKernel(site, shape) }
    let (activation, isAsymmetric) = (activation, quantizesAsymmetrically)
    return Kernel { operands, results, _ in
      let run = RecurrentOperands(types, operands)
      results[1].begin(as: operands[state])
      ck_svdf_f32(
        shape, operands[0].pointer(to: Float.self), run.weights(1), run.weights(2),
        run.pointer(bias, to: Float.self), activation.kernelForm, isAsymmetric ? 1 : 0,
        results[1].pointer(to: Float.self), results[0].pointer(to: Float.self))
    }
  }

  private func integerKernel(_ site: Site, _ shape: ck_svdf_shape) throws -> Kernel {
    let types = site.operands
    let (state, bias) = (types.count - 1, types.count == 5 ? 3 : nil)
    let factors = try factors(types, site.results[0])
    let scales = ck_svdf_scales(
      input_zero_point: Int32(types[0].quantization?.zeroPoint ?? 0),
      output_zero_point: Int32(site.results[0].quantization?.zeroPoint ?? 0),
      multiplier: factors[1].multiplier, shift: factors[1].shift)
    return Kernel { operands, results, _ in
      let features = ck_scaled_weights(
        weights: operands[1].pointer(to: Int8.self), multiplier: factors[0].multiplier,
        shift: factors[0].shift)
      results[1].begin(as: operands[state])
      ck_svdf_i8(
        shape, operands[0].pointer(to: Int8.self), features, operands[2].pointer(to: Int16.self),
        bias.map { operands[$0].pointer(to: Int32.self) }, scales,
        results[1].pointer(to: Int16.self), results[0].pointer(to: Int8.self))
    }
  }

  /// The products with both weights for each batch.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let weights = Work.sum(operands[1].elementCount, operands[2].elementCount)
    return Work(macs: Work.product(operands[0].shape[0], weights))
  }

  // 1 + 2 and 2 enter the memories; (7 + 30) + (1 + 2) + 1 = 41.
  public static let examples = [
    example(.none) { _, shape, numbers in Tensor(TensorType(.f32, shape), numbers: numbers) },
    // The bias has no scale of its own.
    example(.relu) { element, shape, numbers in
      let quantization = element == .i32 ? nil : Quantization(scale: 1)
      return Tensor(TensorType(element, shape, quantization), numbers: numbers)
    },
  ]

  private static func example(
    _ activation: RecurrentActivation, _ tensor: (ElementType, Shape, [Double]) -> Tensor
  ) -> Example {
    var op = SVDF()
    op.rank = 2
    op.activation = activation
    return Example(
      op,
      [
        tensor(.i8, [1, 2], [1, 2]), tensor(.i8, [2, 2], [1, 1, 0, 1]),
        tensor(.i16, [2, 2], [1, 10, 1, 1]), tensor(.i32, [1], [1]),
        tensor(.i16, [1, 4], [5, 7, 1, 1]),
      ],
      gives: [tensor(.i8, [1, 1], [41]), tensor(.i16, [1, 4], [7, 3, 1, 2])])
  }
}

extension Diagnostic.Message {
  fileprivate static func badRank(_ rank: Int, _ filters: Int) -> Self {
    Self(
      id: "bad-svdf-rank", .malformed, "`svdf` has \(filters) filters in units of rank \(rank)")
  }

  fileprivate static func integerActivation(_ activation: RecurrentActivation) -> Self {
    Self(
      id: "svdf-activation", .unsupported,
      "`svdf` of integers has the activation `\(activation.rawValue)`, and not `relu`")
  }
}
