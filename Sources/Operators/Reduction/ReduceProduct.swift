import Foundation
import GraphIR
import Support
import Tensors

/// The product along some axes, of `f32` elements and of integers.
public struct ReduceProduct: ReductionOperator {
  public static let name = "reduce_prod"
  /// The axes that vanish; negative ones count from the back. Without any, the operand comes back.
  public var axes: [Int]
  /// Whether reduced axes stay, with an extent of 1 (TFLite: `keep_dims`).
  public var keepsAxes: Bool

  public init() { self.init(axes: []) }

  /// - Parameter axes: each from −rank to rank − 1; one that is named twice counts once.
  public init(axes: [Int], keepsAxes: Bool = false) {
    self.axes = axes
    self.keepsAxes = keepsAxes
  }

  /// A product begins at 1.
  public static let start: Float = 1

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum * x }

  public static func combine(_ sum: Double, _ x: Double) -> Double { sum * x }

  public static let integerStart: Int64 = 1

  public static func combine(_ sum: Int64, _ x: Int64) -> Int64 { sum &* x }

  /// Every factor is rescaled, by `scale / result scale^(1 / count)`: the whole product would be too large.
  ///
  /// Source: `QuantizedReduceProd` of the TFLite reference kernels.
  public func quantizedKernel(_ walk: ReductionWalk, _ site: Site) throws -> Kernel {
    site.operands[0].element == .i16
      ? try quantizedKernel(walk, site, of: Int16.self)
      : try quantizedKernel(walk, site, of: Int8.self)
  }

  private func quantizedKernel<Element: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ walk: ReductionWalk, _ site: Site, of element: Element.Type
  ) throws -> Kernel {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let root = pow(Double(output.scale), 1 / Double(walk.count))
    let factor = try FixedPoint(Double(input.scale) / root)
    let (from, to) = (Int64(input.zeroPoint), Int32(output.zeroPoint))
    @Sendable func rescaled(_ product: Int64) -> Int32 { Self.rescaled(product, factor) }
    return walk.kernel(
      start: Int32?.none,
      { (product, x: Element) in
        let next = Int64(x) - from
        return product.map { rescaled(Int64($0) * next) } ?? Int32(next)
      },
      finish: { product, _ in Element(clamping: rescaled(Int64(product ?? 1)) &+ to) })
  }

  /// In 64 bits with a multiplier of 15. Unlike sums of convolutions, what 32 bits cannot hold loses its high bits.
  private static func rescaled(_ product: Int64, _ factor: FixedPoint) -> Int32 {
    let multiplier = min((Int64(factor.multiplier) + 1 << 15) >> 16, 0x7fff)
    let shift = 15 - Int64(max(min(factor.shift, 14), -31))
    return Int32(truncatingIfNeeded: (product &* multiplier &+ 1 << (shift - 1)) >> shift)
  }

  public static let examples = [
    Example(
      ReduceProduct(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, 15])])
  ]
}
