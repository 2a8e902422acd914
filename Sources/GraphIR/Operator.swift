import Support
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

  /// The inferred types, or the declared ones if they agree with these in shape and element type.
  ///
  /// - Throws: a `Diagnostic` if the operator refuses the operands, the types disagree, a
  ///   quantization or shape cannot be, or there would be more work than `Work.maximumCount`.
  public func checkedResultTypes(of operands: [TensorType], declared: [TensorType]?) throws
    -> [TensorType]
  {
    // Before anything else: what there is to infer may divide by an extent.
    try Self.checkElements(of: operands)
    let inferred = try resultTypes(operands)
    if let shape = inferred.map(\.shape).first(where: { Shape(checking: $0.extents) == nil }) {
      throw Diagnostic(.impossibleShape(Self.name, shape))
    }
    let results = declared ?? inferred
    guard results.count == inferred.count else {
      throw Diagnostic(.resultCount(Self.name, found: results.count, expected: inferred.count))
    }
    for (position, pair) in zip(results, inferred).enumerated() where !pair.0.matches(pair.1) {
      throw Diagnostic(
        .resultType(position, Self.name, found: pair.0, expected: pair.1),
        help: "the operands and attributes decide the result's type")
    }
    try Self.checkElements(of: results)
    for type in operands + results {
      if let problem = type.quantization?.problem(for: type.shape, type.element) {
        throw Diagnostic(.badQuantization(problem))
      }
    }
    try check(operands, results)
    let work = work(operands, results)
    guard max(work.macs, work.elementOperations) <= Work.maximumCount else {
      throw Diagnostic(.tooMuchWork(Self.name))
    }
    return results
  }

  /// The kernel for a site; one that does nothing where no result has elements.
  public func preparedKernel(for site: Site) throws -> Kernel {
    site.results.allSatisfy(\.shape.isEmpty) ? Kernel { _, _, _ in } : try kernel(for: site)
  }

  private static func checkElements(of types: [TensorType]) throws {
    guard acceptsEmpty || !types.contains(where: \.shape.isEmpty) else {
      throw Diagnostic(.noElements(name))
    }
  }

  /// Computes results from operands: for tests, constant folding and other places where speed is no matter.
  ///
  /// - Parameter results: the types of the results; left out, those that the operator infers.
  /// - Throws: a `Diagnostic` if the operator refuses the operands, or what they hold.
  public func evaluate(_ operands: [Tensor], results: [TensorType]? = nil) throws -> [Tensor] {
    let types = operands.map(\.type)
    let results = try checkedResultTypes(of: types, declared: results)
    let site = Site(operands: types, constants: operands.map(\.data), results: results)
    let kernel = try preparedKernel(for: site)
    let outputs = results.map {
      UnsafeMutableRawBufferPointer.allocate(byteCount: $0.byteCount, alignment: 64)
    }
    defer { outputs.forEach { $0.deallocate() } }
    try kernel.run(
      operands.map { $0.data.bytes }, outputs, .one)
    return zip(results, outputs).map { type, memory in
      Tensor(
        type,
        TensorData(byteCount: memory.count) { $0.copyMemory(from: UnsafeRawBufferPointer(memory)) })
    }
  }
}

/// One place in a graph where an operator stands: all that its kernel may depend on.
public struct Site: Sendable {
  /// The types of the operands, in the operator's order.
  public let operands: [TensorType]
  /// The bytes of operands that are constants, nil for the others.
  public let constants: [TensorData?]
  /// The types of the results, with their quantization.
  public let results: [TensorType]

  /// - Precondition: there are as many `constants` as `operands`.
  public init(operands: [TensorType], constants: [TensorData?], results: [TensorType]) {
    self.operands = operands
    self.constants = constants
    self.results = results
  }
}

/// Code that computes results from operands, prepared for one site: weights are packed, multipliers known.
public struct Kernel: Sendable {
  /// Reads operands and writes results, whose memories do not overlap and have the sizes of the site's
  /// types. It may share the work among `workers`; the results do not depend on their number.
  ///
  /// It throws a `Diagnostic` where the elements themselves ask for what cannot be, such as a loop without end.
  public let run:
    @Sendable (
      _ operands: [UnsafeRawBufferPointer], _ results: [UnsafeMutableRawBufferPointer],
      _ workers: Workers
    ) throws -> Void

  /// - Parameter run: keeps the promises of the property; it may be called from any thread.
  public init(
    _ run:
      @escaping @Sendable (
        [UnsafeRawBufferPointer], [UnsafeMutableRawBufferPointer], Workers
      ) throws -> Void
  ) { self.run = run }
}

/// The work of one operator, independent of any target.
public struct Work: Hashable, Sendable {
  /// Multiply-accumulate operations.
  public var macs: Int
  /// Other operations on elements: additions, comparisons, table look-ups.
  public var elementOperations: Int

  /// No work, but for what is given.
  public init(macs: Int = 0, elementOperations: Int = 0) {
    self.macs = macs
    self.elementOperations = elementOperations
  }

  /// An operator may not have more to do: more cannot be meant, and sums over a graph then do not overflow.
  public static let maximumCount = 1 << 56

  /// The product of counts, or `Int.max` where it would be larger; the operator is then refused.
  public static func product(_ counts: Int...) -> Int {
    counts.reduce(1) { product, count in
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: count)
      return isTooLarge ? .max : next
    }
  }

  /// The work of both, each count at most `Int.max`.
  public static func + (a: Work, b: Work) -> Work {
    Work(
      macs: sum(a.macs, b.macs), elementOperations: sum(a.elementOperations, b.elementOperations))
  }

  /// The sum of two counts, or `Int.max` where it would be larger.
  public static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, isTooLarge) = a.addingReportingOverflow(b)
    return isTooLarge ? .max : sum
  }

  /// One operation for each element of the result.
  public static func elementwise(_ result: TensorType) -> Work {
    Work(elementOperations: result.elementCount)
  }
}

/// Heights and widths that hardware limits; nil where an operator has no such thing.
public struct OperatorMeasures: Hashable, Sendable {
  /// Height and width of the window.
  public var kernel: [Int]?
  /// Height and width by which the window moves.
  public var stride: [Int]?
  /// Height and width by which the window's elements lie apart.
  public var dilation: [Int]?
  /// Output channels per input channel of a depthwise convolution.
  public var depthMultiplier: Int?
  /// Groups of channels that are convolved by themselves.
  public var groups: Int?

  /// Lists hold height and width; what is left out, no target can limit.
  public init(
    kernel: [Int]? = nil, stride: [Int]? = nil, dilation: [Int]? = nil, depthMultiplier: Int? = nil,
    groups: Int? = nil
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.depthMultiplier = depthMultiplier
    self.groups = groups
  }
}

/// Operands and the results that an operator must give for them.
public struct Example: Sendable {
  /// With the attributes that the example is about.
  public let op: any Operator
  /// In the operator's order; `evaluate` hands them to the kernel as constants.
  public let operands: [Tensor]
  /// What the kernel must give; floats to within a millionth.
  public let results: [Tensor]

  /// - Parameter results: with the types, quantization included, that the node is declared with.
  public init(_ op: any Operator, _ operands: [Tensor], gives results: [Tensor]) {
    self.op = op
    self.operands = operands
    self.results = results
  }
}

/// The operators that a text or a file may name.
public struct OperatorSet: Sendable {
  /// Their types, in the order given.
  public let all: [any Operator.Type]
  private let byName: [String: any Operator.Type]

  /// - Precondition: no two have the same name.
  public init(_ all: [any Operator.Type]) {
    self.all = all
    byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }

  /// The operator of this name in the text form; nil if there is none.
  public subscript(name: String) -> (any Operator.Type)? { byName[name] }
}

extension Diagnostic.Message {
  fileprivate static func resultCount(_ kind: String, found: Int, expected: Int) -> Self {
    Self(id: "result-count", .malformed, "`\(kind)` has \(found) results, expected \(expected)")
  }

  fileprivate static func resultType(
    _ position: Int, _ kind: String, found: TensorType, expected: TensorType
  ) -> Self {
    Self(
      id: "result-type", .malformed,
      "result \(position) of `\(kind)` has type \(found.element.rawValue)\(found.shape), "
        + "expected \(expected.element.rawValue)\(expected.shape)")
  }

  fileprivate static func noElements(_ kind: String) -> Self {
    Self(id: "no-elements", .unsupported, "`\(kind)` has an operand or a result without elements")
  }

  fileprivate static func impossibleShape(_ kind: String, _ shape: Shape) -> Self {
    Self(
      id: "impossible-shape", .malformed,
      "a result of `\(kind)` would have the shape \(shape), which no tensor can have")
  }

  fileprivate static func tooMuchWork(_ kind: String) -> Self {
    Self(
      id: "too-much-work", .malformed,
      "`\(kind)` would need more than \(Work.maximumCount) operations")
  }

  fileprivate static func badQuantization(_ problem: String) -> Self {
    Self(id: "bad-quantization", .malformed, problem)
  }
}
