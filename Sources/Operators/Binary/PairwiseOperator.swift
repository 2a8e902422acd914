import GraphIR
import Support
import Tensors

/// Makes the kernel of a function of pairs, for one element type.
public typealias PairwiseForm = @Sendable (Site) -> Kernel

/// A function of the elements of two tensors of one type, pair by pair, with NumPy's broadcasting. Numbers are taken as
/// they are stored: scales play no part.
public protocol PairwiseOperator: ElementwiseOperator {
  /// The function for each element type that the operator takes.
  static var forms: [ElementType: PairwiseForm] { get }
}

extension PairwiseOperator {
  public static var elements: [ElementType] {
    ElementType.allCases.filter { forms[$0] != nil }
  }

  /// Elements or none.
  public static var acceptsEmpty: Bool { true }

  /// The broadcast shape with the operands' elements.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let shape = try Broadcast.shape(operands[0].shape, operands[1].shape, Self.name)
    return [TensorType(operands[0].element, shape)]
  }

  /// Refuses operands of different types, and of types without a form.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    guard let form = Self.forms[site.operands[0].element] else {
      preconditionFailure("`check` refuses element types without a form")
    }
    return form(site)
  }

  /// One operation for each element of the result, whatever the function.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  /// The form for elements that are stored as `Element`.
  static func form<Element: BitwiseCopyable>(
    _ apply: @escaping @Sendable (Element, Element) -> Element
  ) -> PairwiseForm {
    { site in
      BroadcastKernel.make(site) {
        (a: UnsafePointer<Element>, b, count, y: UnsafeMutablePointer<Element>) in
        for index in 0..<count { y[index] = apply(a[index], b[index]) }
      }
    }
  }
}
