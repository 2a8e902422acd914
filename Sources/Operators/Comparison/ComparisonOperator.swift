import CKernels
import GraphIR
import Support
import Tensors

/// Whether a relation holds between the elements of two tensors, pair by pair, with NumPy's broadcasting.
///
/// Both are of one type: `f32`, `f64`, `i8`, `u8`, `i16`, `i32`, `i64`, `u64`, or `bool` where the operator says so.
/// Bytes may have a scale each; wider integers stand for themselves, but for the `i16` that are tested for equality.
public protocol ComparisonOperator: ElementwiseOperator {
  /// The relation.
  static func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool

  /// Whether the relation needs no order: truth values can then be compared too.
  static var isOfEquality: Bool { get }
}

extension ComparisonOperator {
  public static var elements: [ElementType] {
    [.f64, .f32, .i8, .u8, .i16, .i32, .i64, .u64] + (isOfEquality ? [.bool] : [])
  }

  /// Elements or none.
  public static var acceptsEmpty: Bool { true }

  /// Operators say so if it does not.
  public static var isOfEquality: Bool { false }

  /// The broadcast shape, of `bool` elements.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let shape = try Broadcast.shape(operands[0].shape, operands[1].shape, Self.name)
    return [TensorType(.bool, shape)]
  }

  /// Refuses element types that differ or have no order, and operands of which only one has a scale.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    _ = try scales(operands.map(\.signed))
  }

  /// Works on pairs in parallel; unsigned bytes run on the signed form.
  public func kernel(for site: Site) throws -> Kernel {
    switch site.operands[0].element {
    case .i8, .u8: try integerKernel(site.signed, of: Int8.self).unsigned(site)
    case .i16: try integerKernel(site, of: Int16.self)
    case .i32: kernel(site, of: Int32.self)
    case .i64: kernel(site, of: Int64.self)
    case .u64: kernel(site, of: UInt64.self)
    case .bool: kernel(site, of: UInt8.self)
    case .f64: kernel(site, of: Double.self)
    default: kernel(site, of: Float.self)
    }
  }

  /// The scales by which operands are compared; nil if they stand for themselves.
  private func scales(_ operands: [TensorType]) throws -> [ComparedScale]? {
    let takesScales =
      operands[0].element == .i8 || (operands[0].element == .i16 && Self.isOfEquality)
    guard takesScales, operands.contains(where: { $0.quantization != nil }) else { return nil }
    return try ComparedScale.pair(operands, Self.name)
  }

  private func integerKernel<Integer: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ site: Site, of type: Integer.Type
  ) throws -> Kernel {
    guard let scales = try scales(site.operands) else { return kernel(site, of: type) }
    return BroadcastKernel.make(site) {
      (a: UnsafePointer<Integer>, b, count, y: UnsafeMutablePointer<UInt8>) in
      for index in 0..<count {
        let (first, second) = (scales[0].number(a[index]), scales[1].number(b[index]))
        y[index] = Self.holds(first, second) ? 1 : 0
      }
    }
  }

  private func kernel<Number: Comparable & BitwiseCopyable & Sendable>(
    _ site: Site, of type: Number.Type
  ) -> Kernel {
    BroadcastKernel.make(site) {
      (a: UnsafePointer<Number>, b, count, y: UnsafeMutablePointer<UInt8>) in
      for index in 0..<count { y[index] = Self.holds(a[index], b[index]) ? 1 : 0 }
    }
  }

  /// One comparison for each element of the result.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }
}

/// What the integers of one operand are compared as: `(stored − zeroPoint) · 2⁸ · scale`, in fixed point.
private struct ComparedScale: Sendable {
  private let zeroPoint: Int32
  private let factor: FixedPoint

  /// Of both operands.
  ///
  /// Source: `ComparisonQuantized` in TFLite's comparison kernels. They abort where a scale is 1 or more; here both are
  /// then divided by the same number, which changes no comparison.
  static func pair(_ operands: [TensorType], _ kind: String) throws -> [ComparedScale] {
    let quantizations = try operands.enumerated().map {
      try ElementChecks.perTensor($1, "operand \($0)", kind)
    }
    let largest = Double(quantizations.map(\.scale).max() ?? 0)
    let divisor = largest < 1 ? 1 : 2 * largest
    return try quantizations.map {
      ComparedScale(
        zeroPoint: Int32($0.zeroPoint), factor: try FixedPoint(Double($0.scale) / divisor))
    }
  }

  func number(_ stored: some FixedWidthInteger) -> Int32 {
    ck_requantize((Int32(stored) - zeroPoint) << 8, factor.multiplier, factor.shift)
  }
}
