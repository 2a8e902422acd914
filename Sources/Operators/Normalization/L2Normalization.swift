import CKernels
import GraphIR
import Support
import Tensors

/// `y = x / √(Σ x²)`, the sum over the last axis.
///
/// The operand is `f32`, or `i8` with one scale; the result of `i8` has scale 1/128 and zero point 0.
public struct L2Normalization: Operator {
  public static let name = "l2_normalization"
  public static let elements: [ElementType] = [.f32, .i8, .u8]

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.i8]], Self.name)
    guard operands[0].element != .f32 else { return }
    _ = try ElementChecks.perTensor(operands[0], "operand 0", Self.name)
    try RowKernel.check(
      results[0].signed, hasQuantization: Quantization(scale: 1 / 128), Self.name)
  }

  /// Works on rows in parallel; of quantized elements in fixed point, whatever their scale.
  public func kernel(for site: Site) throws -> Kernel {
    let depth = Int32(RowKernel.extents(site.operands[0]).depth)
    guard site.operands[0].element != .f32 else {
      return RowKernel.make(site) { ck_l2_normalize_f32($0, $1, depth, $2) }
    }
    let zeroPoint = Int32(site.operands[0].quantization?.zeroPoint ?? 0)
    guard site.operands[0].element != .u8 else {
      return RowKernel.make(site) { ck_l2_normalize_u8($0, $1, depth, zeroPoint, $2) }
    }
    return RowKernel.make(site) { ck_l2_normalize_i8($0, $1, depth, zeroPoint, $2) }
  }

  /// Square and sum, and the product with the reciprocal of the root.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(2, results[0].elementCount))
  }

  public static let examples = [
    Example(
      L2Normalization(),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [3, 4])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [0.6, 0.8])]),
    Example(
      L2Normalization(),
      [
        Tensor(
          TensorType(.i8, [1, 2], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [31, -39])
      ],
      gives: [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1 / 128)), numbers: [77, -102])]),
  ]
}
