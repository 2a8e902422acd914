import Tensors

/// One kind of operation: its attributes are its stored properties, everything else about it is here.
///
/// `Hashable` serves common-subexpression elimination, `Codable` the text form.
public protocol Operator: Hashable, Codable, Sendable {
  /// The name in the text form, in lower snake case.
  static var name: String { get }

  /// The operator with every attribute at its default; the text form leaves defaults out.
  init()

  /// The types of the results, without quantization where the operands do not determine it.
  ///
  /// - Throws: a `Diagnostic` that says which operand is at fault.
  func resultTypes(_ operands: [TensorType]) throws -> [TensorType]

  /// Checks what shapes alone do not say, such as which quantization operands and results must have.
  func check(_ operands: [TensorType], _ results: [TensorType]) throws

  /// The code that computes the operator at one place in a graph, with all that can be prepared once.
  func kernel(for site: Site) throws -> Kernel

  /// How much there is to compute, independent of any target.
  func work(_ operands: [TensorType], _ results: [TensorType]) -> Work

  /// The measures that targets limit.
  func measures(_ operands: [TensorType]) -> OperatorMeasures

  /// The element types that the first operand can have; by default those of the examples.
  static var elements: [ElementType] { get }

  /// The element types that weights can have, by the first operand's, where others go with it than its own.
  static var weightElements: [ElementType: [ElementType]] { get }

  /// Whether operands and results may be without elements.
  static var acceptsEmpty: Bool { get }

  /// Operands with the results they must give; `checkOperator` runs them.
  static var examples: [Example] { get }
}

/// An operator that gives the elements of its first operand in another order or shape: what the one is called, the other is, too.
public protocol LayoutOperator: Operator {}

extension Operator {
  /// Accepts everything: for operators whose result types say all there is to check.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {}

  /// No measure: for operators that targets support in any size, or not at all.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures { OperatorMeasures() }

  /// None: for operators whose weights have the type of the first operand, or that have no weights.
  public static var weightElements: [ElementType: [ElementType]] { [:] }

  /// No: kernels may count on elements.
  public static var acceptsEmpty: Bool { false }

  public static var elements: [ElementType] {
    let found = examples.compactMap { $0.operands.first?.type.element }
    return ElementType.allCases.filter(found.contains)
  }
}
