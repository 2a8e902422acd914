import CKernels
import GraphIR
import Support
import Tensors

/// Products of matrices, `y[…, m, n] = Σ a[…, m, k] · b[…, k, n]`, the axes in front broadcast as NumPy has it.
///
/// Operands are both `f32`, `f64`, `i8`, `u8` or `i16`, quantized ones with one scale each; or `a` is `f32` and `b` is
/// `i8`: each row of `a` is then quantized for the products. Of `i8` operands the result can be `i32`: sums of the
/// numbers as they are stored.
public struct BatchMatMul: Operator {
  public static let name = "batch_matmul"
  public static let elements: [ElementType] = [.f64, .f32, .i8, .u8, .i16]
  public static let weightElements: [ElementType: [ElementType]] = [.f32: [.f32, .i8]]
  /// Whether the last two axes of `a` are swapped (TFLite: `adj_x`).
  public var transposesFirst: Bool
  /// Whether the last two axes of `b` are swapped (TFLite: `adj_y`).
  public var transposesSecond: Bool
  /// Whether rows of real numbers are quantized from their smallest element to their largest (TFLite:
  /// `asymmetric_quantize_inputs`).
  public var quantizesAsymmetrically: Bool
  /// Whether the result holds the sums themselves, of `i8` operands whose scales and zero points then play no part.
  public var keepsSums: Bool
  /// Whether real products are added to their sum without being rounded before.
  public var fusesProducts: Bool

  public init() { self.init(transposesFirst: false) }

  /// - Parameters:
  ///   - transposesFirst: `a` is `[…, k, m]`.
  ///   - transposesSecond: `b` is `[…, n, k]`.
  ///   - quantizesAsymmetrically: where only `b` is quantized.
  ///   - keepsSums: where both are `i8`.
  ///   - fusesProducts: as of `Conv2D`; ONNX Runtime rounds those of a single row or column.
  public init(
    transposesFirst: Bool, transposesSecond: Bool = false, quantizesAsymmetrically: Bool = false,
    keepsSums: Bool = false, fusesProducts: Bool = false
  ) {
    self.transposesFirst = transposesFirst
    self.transposesSecond = transposesSecond
    self.quantizesAsymmetrically = quantizesAsymmetrically
    self.keepsSums = keepsSums
    self.fusesProducts = fusesProducts
  }

  /// The broadcast axes in front, then `m` and `n`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (a, b) = (operands[0].shape, operands[1].shape)
    guard a.rank >= 2, b.rank >= 2,
      depth(a, isTransposed: transposesFirst, isFirst: true)
        == depth(b, isTransposed: transposesSecond, isFirst: false)
    else { throw Diagnostic(.matrices(a, b)) }
    let batches = try Broadcast.shape(
      Shape(Array(a.extents.dropLast(2))), Shape(Array(b.extents.dropLast(2))), Self.name)
    return [
      TensorType(
        keepsSums ? .i32 : operands[0].element,
        Shape(
          batches.extents + [
            a[a.rank - (transposesFirst ? 1 : 2)], b[b.rank - (transposesSecond ? 2 : 1)],
          ]))
    ]
  }

  /// The extent that products are summed over.
  private func depth(_ shape: Shape, isTransposed: Bool, isFirst: Bool) -> Int {
    shape[shape.rank - (isTransposed == isFirst ? 2 : 1)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    if keepsSums { return try ElementChecks.sameElements(operands, [.i8], Self.name) }
    try ElementChecks.elements(
      operands, [[.f32, .f32], [.f64, .f64], [.i8, .i8], [.i16, .i16], [.f32, .i8]], Self.name)
    guard operands[0].element != .f64 else { return }
    guard operands[0].element != .f32 else {
      if operands[1].element != .f32 { _ = try hybridWeights(operands[1], columns: 1) }
      return
    }
    _ = try factor(operands, results[0])
  }

  /// How sums become elements of the result: the same for all of them.
  ///
  /// Source: `Prepare` in TFLite's batch_matmul kernel.
  private func factor(_ operands: [TensorType], _ result: TensorType) throws -> FixedPoint {
    let a = try ElementChecks.perTensor(operands[0], "operand 0", Self.name)
    let b = try ElementChecks.perTensor(operands[1], "operand 1", Self.name)
    let output = try ElementChecks.perTensor(result, "the result", Self.name)
    return try FixedPoint(Double(a.scale * b.scale) / Double(output.scale))
  }

  public func kernel(for site: Site) throws -> Kernel {
    let batch = MatrixBatch(site, form(site))
    if keepsSums { return batch.kernel { ck_matrix_product_i8_i32($0, $1, $2, $3) } }
    switch site.operands[0].element {
    case .f32 where site.operands[1].element != .f32: return try hybridKernel(site, batch)
    case .f32:
      let products = ck_products(areFused: fusesProducts)
      let blocks = fusesProducts ? ProductBlocks.of(batch.form) : .none
      return batch.kernel { [fusesProducts] (a: UnsafePointer<Float>, b, form, y) in
        if fusesProducts, ck_narrow_product_f32(a, b, form, y) != 0 { return }
        ck_matrix_product_f32(a, b, form, products, blocks.channels, y)
      }
    case .f64: return batch.kernel { DoubleProduct.multiply($0, $1, $2, into: $3) }
    case .i16:
      let factor = try factor(site.operands, site.results[0])
      return batch.kernel { a, b, form, y in
        ck_matrix_product_i16(a, b, form, factor.multiplier, factor.shift, y)
      }
    default: return try quantizedKernel(site.signed, batch).unsigned(site)
    }
  }

  private func quantizedKernel(_ site: Site, _ batch: MatrixBatch) throws -> Kernel {
    let factors = Array(
      repeating: try factor(site.operands, site.results[0]), count: Int(batch.form.columns))
    let requantization = Requantization(
      factors: .fixedPoint(factors), to: site.results[0], clamp: .none)
    let zeroPoints = site.operands.map { Int32($0.quantization?.zeroPoint ?? 0) }
    return batch.kernel { a, b, form, y in
      requantization.withKernelForm(bias: nil) { requantization in
        ck_matrix_product_i8(a, zeroPoints[0], b, zeroPoints[1], form, &requantization, y)
      }
    }
  }

  private func hybridWeights(_ type: TensorType, columns: Int) throws -> HybridWeights {
    try HybridWeights(type.signed, channels: columns, axis: nil, .none, Self.name)
  }

  /// Row by row, each with a scale of its own.
  private func hybridKernel(_ site: Site, _ batch: MatrixBatch) throws -> Kernel {
    let (rows, depth) = (Int(batch.form.rows), Int(batch.form.depth))
    let columns = Int(batch.form.columns)
    let weights = try hybridWeights(site.operands[1], columns: columns)
    return batch.kernel { (a: UnsafePointer<Float>, b: UnsafePointer<Int8>, _, y) in
      let left = Self.matrix(a, depth, rows, isTransposed: transposesFirst)
      let right = Self.matrix(b, depth, columns, isTransposed: !transposesSecond)
      let packed = PackedWeights(ck_pack_conv2d_i8(right, 0, Int32(columns), 1, 1, Int32(depth)))
      let shape = (ck_shape([1, 1, 1, depth]), ck_shape([1, 1, 1, columns]))
      var bytes = [Int8](repeating: 0, count: depth)
      for row in 0..<rows {
        let found = left.withUnsafeBufferPointer { left in
          bytes.withUnsafeMutableBufferPointer { bytes in
            // Matrices have elements, so there are base addresses.
            DynamicQuantization(
              left.baseAddress! + row * depth, depth, isAsymmetric: quantizesAsymmetrically,
              into: bytes.baseAddress!)
          }
        }
        let sums = packed.sums(
          bytes, shape, zeroPoint: found.zeroPoint, Window.single.kernelForm, count: columns)
        weights.finish(sums, scale: found.scale, nil, y + row * columns)
      }
    }.unsigned(site)
  }

  /// A matrix of `rows` rows of `depth`, from one that may be stored the other way.
  private static func matrix<Element: BitwiseCopyable>(
    _ elements: UnsafePointer<Element>, _ depth: Int, _ rows: Int, isTransposed: Bool
  ) -> [Element] {
    (0..<rows * depth).map { index in
      isTransposed ? elements[index % depth * rows + index / depth] : elements[index]
    }
  }

  private func form(_ site: Site) -> ck_matrix_product {
    let (a, result) = (site.operands[0].shape, site.results[0].shape)
    return ck_matrix_product(
      rows: Int32(clamping: result[result.rank - 2]),
      depth: Int32(clamping: depth(a, isTransposed: transposesFirst, isFirst: true)),
      columns: Int32(clamping: result[result.rank - 1]),
      a_is_transposed: transposesFirst ? 1 : 0, b_is_transposed: transposesSecond ? 1 : 0)
  }

  /// `elements of the result · k` multiply-accumulates.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(
      macs: Work.product(
        results[0].elementCount,
        depth(operands[0].shape, isTransposed: transposesFirst, isFirst: true)))
  }

  public static let examples = [
    Example(
      BatchMatMul(transposesFirst: false, transposesSecond: true),
      [
        Tensor(TensorType(.f32, [2, 1, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 10, 0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 1, 2]), numbers: [21, 2, 43, 4])]),
    // 2⁻³⁰ is lost beside 1 in single precision.
    Example(
      BatchMatMul(transposesFirst: true, transposesSecond: true),
      [
        Tensor(TensorType(.f64, [2, 1]), numbers: [1, 0x1p-30]),
        Tensor(TensorType(.f64, [2, 2]), numbers: [1, 1, 3, 2]),
      ],
      gives: [Tensor(TensorType(.f64, [1, 2]), numbers: [1 + 0x1p-30, 3 + 0x1p-29])]),
    // As of `Conv2D`.
    Example(
      BatchMatMul(transposesFirst: false, fusesProducts: true),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 1 + 0x1p-12, 0, 0]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [-1 - 0x1p-11, 0, 1 + 0x1p-12, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [0x1p-24, 0, 0, 0])]),
    Example(
      BatchMatMul(),
      [
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [2, 3]),
        Tensor(TensorType(.i8, [2, 1], Quantization(scale: 1)), numbers: [5, -1]),
      ],
      gives: [Tensor(TensorType(.i8, [1, 1], Quantization(scale: 0.5)), numbers: [6])]),
    Example(
      BatchMatMul(),
      [
        Tensor(TensorType(.i16, [1, 2], Quantization(scale: 1)), numbers: [200, 300]),
        Tensor(TensorType(.i16, [2, 1], Quantization(scale: 1)), numbers: [50, -10]),
      ],
      gives: [Tensor(TensorType(.i16, [1, 1], Quantization(scale: 0.5)), numbers: [14000])]),
    Example(
      BatchMatMul(transposesFirst: false, keepsSums: true),
      [
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [-128, 3]),
        Tensor(TensorType(.i8, [2, 1], Quantization(scale: 1)), numbers: [5, -1]),
      ],
      gives: [Tensor(TensorType(.i32, [1, 1]), numbers: [-643])]),
    // In steps of 2/127, 2 is 127.
    Example(
      BatchMatMul(),
      [
        Tensor(TensorType(.f32, [1, 2]), numbers: [2, -2]),
        Tensor(TensorType(.i8, [2, 1], Quantization(scale: 0.5)), numbers: [2, 4]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1]), numbers: [-2])]),
  ]
}

/// The matrices of all batches, each with the two that are multiplied for it.
private struct MatrixBatch: Sendable {
  let form: ck_matrix_product
  private let batches: Int
  private let first: StridedView
  private let second: StridedView

  init(_ site: Site, _ form: ck_matrix_product) {
    self.form = form
    let shapes = (site.operands + site.results).map { Shape(Array($0.shape.extents.dropLast(2))) }
    batches = shapes[2].elementCount
    first = Broadcast.view(shapes[0], as: shapes[2])
    second = Broadcast.view(shapes[1], as: shapes[2])
  }

  /// A kernel that multiplies two matrices by a call of `body`; it works on batches in parallel.
  func kernel<First: BitwiseCopyable, Second: BitwiseCopyable, Result: BitwiseCopyable>(
    _ body:
      @escaping @Sendable (
        UnsafePointer<First>, UnsafePointer<Second>, ck_matrix_product, UnsafeMutablePointer<Result>
      ) -> Void
  ) -> Kernel {
    let (rows, depth, columns) = (Int(form.rows), Int(form.depth), Int(form.columns))
    return Kernel { operands, results, workers in
      let offsets = (Broadcast.offsets(first), Broadcast.offsets(second))
      let a = Shared(operands[0].pointer(to: First.self))
      let b = Shared(operands[1].pointer(to: Second.self))
      let y = Shared(results[0].pointer(to: Result.self))
      workers.split(batches, grain: 1) { part in
        for batch in part {
          body(
            a.pointer + offsets.0[batch] * rows * depth,
            b.pointer + offsets.1[batch] * depth * columns, form,
            y.pointer + batch * rows * columns)
        }
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func matrices(_ a: Shape, _ b: Shape) -> Self {
    Self(
      id: "matrices-do-not-fit", .malformed,
      "`batch_matmul` has operands of shapes \(a) and \(b), which cannot be multiplied")
  }
}
