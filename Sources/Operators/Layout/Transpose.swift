import GraphIR
import Support
import Tensors

/// `y[i₀, i₁, …] = x[…]` with axes in another order: axis `k` of the result is axis `permutation[k]` of the operand.
public struct Transpose: LayoutOperator {
  public static let name = "transpose"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// Every axis of the operand once, in the result's order.
  public var permutation: [Int]

  public init() { self.init(permutation: []) }

  /// - Parameter permutation: of the axes 0 to rank − 1.
  public init(permutation: [Int]) { self.permutation = permutation }

  /// The operand's extents in the new order; quantization along an axis goes with its axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let operand = operands[0]
    guard permutation.sorted() == Array(operand.shape.extents.indices) else {
      throw Diagnostic(.notPermutation(permutation, operand.shape.rank))
    }
    let shape = Shape(permutation.map { operand.shape[$0] })
    let quantization = operand.quantization.map { old in
      Quantization(
        axis: old.axis.flatMap { permutation.firstIndex(of: $0) }, scales: old.scales,
        zeroPoints: old.zeroPoints)
    }
    return [TensorType(operand.element, shape, quantization)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let strides = site.operands[0].shape.strides
    let view = StridedView(site.results[0].shape, strides: permutation.map { strides[$0] })
    return StridedCopy.kernel(view, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Transpose(permutation: [1, 0]),
      [Tensor(TensorType(.i16, [2, 3]), numbers: [1, 2, 3, 4, 5, 6])],
      gives: [Tensor(TensorType(.i16, [3, 2]), numbers: [1, 4, 2, 5, 3, 6])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func notPermutation(_ permutation: [Int], _ rank: Int) -> Self {
    Self(
      id: "not-permutation", .malformed,
      "\(permutation) is no permutation of the \(rank) axes of `transpose`'s operand")
  }
}
