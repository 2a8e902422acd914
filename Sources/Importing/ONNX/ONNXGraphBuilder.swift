import GraphIR
import Operators
import Support
import Tensors

/// The graph under construction, with what the names of the file stand for.
struct ONNXGraphBuilder {
  var graph: Graph
  /// By name, innermost scope last: nodes within a node see the names around it.
  private var scopes: [[String: ONNXValue]] = [[:]]
  /// Names whose operator could not be converted.
  private var unknown: Set<String> = []
  /// What nodes of a graph within a node read of the graph around it; nil in the model's own graph.
  var captures: ONNXCaptures?
  /// What constants come to that are dequantized in the graph, and perhaps moved.
  var dequantizedConstants: [ValueID: Tensor] = [:]
  /// What reading the file may still cost.
  let budget: ONNXBudget
  /// How many graphs of nodes stand around this one.
  private let depth: Int
  /// The text of a graph quotes those within it, and each quotes again.
  private static let maximumDepth = 8

  init(_ graph: Graph, _ budget: ONNXBudget) {
    self.graph = graph
    self.budget = budget
    depth = 0
  }

  /// For a graph within a node of another, which sees what is around it.
  ///
  /// - Throws: a `Diagnostic` if it lies too deep.
  init(_ graph: Graph, within outer: ONNXGraphBuilder) throws {
    guard outer.depth < Self.maximumDepth else { throw Diagnostic(.tooDeep(Self.maximumDepth)) }
    self.graph = graph
    budget = outer.budget
    depth = outer.depth + 1
    captures = ONNXCaptures(outer.scopes, of: outer.graph)
  }

  // MARK: Names

  /// Lets a name stand for a value from now on. A tensor that has no name of the file yet carries it.
  ///
  /// - Throws: a `Diagnostic` if the name stands for something already in this scope.
  mutating func define(_ name: String, as value: ONNXValue) throws {
    guard scopes[scopes.count - 1].updateValue(value, forKey: name) == nil else {
      throw Diagnostic(.definedTwice(name))
    }
    guard case .tensor(let id) = value, !named.contains(id) else { return }
    named.insert(id)
    graph.rename(id, name, sourceIndex: nil)
  }

  /// Values that carry a name of the file.
  private var named: Set<ValueID> = []

  /// What a name stands for.
  ///
  /// - Throws: a `Diagnostic` if it stands for nothing.
  mutating func value(_ name: String) throws -> ONNXValue {
    if let found = scopes.lazy.reversed().compactMap({ $0[name] }).first { return found }
    if let found = captures?.capture(name, into: &graph) {
      scopes[0][name] = found
      return found
    }
    throw Diagnostic(
      .notComputed(name),
      help: "operators must stand after those whose results they read, and form no cycle")
  }

  /// Runs `body` with names of its own.
  ///
  /// - Parameter hidesOuter: whether the names outside cannot be seen, as in a function.
  mutating func withScope<Result>(
    hidesOuter: Bool = false, _ body: (inout Self) throws -> Result
  ) rethrows -> Result {
    let outer = scopes
    scopes = (hidesOuter ? [] : scopes) + [[:]]
    defer { scopes = outer }
    return try body(&self)
  }

  /// Notes that results are missing, so that those who read them are not blamed for it.
  mutating func markUnknown(_ names: [String]) { unknown.formUnion(names.filter { !$0.isEmpty }) }

  /// Whether an operand is missing because of a problem that was reported already.
  func dependsOnUnknown(_ names: [String]) -> Bool { !unknown.isDisjoint(with: names) }

  // MARK: What is known of values

  /// Shape, element type and quantization.
  func type(_ value: ValueID) -> TensorType { graph.values[value].type }

  func shape(_ value: ValueID) -> Shape { type(value).shape }

  func element(_ value: ValueID) -> ElementType { type(value).element }

  /// The elements, if the value is constant, or comes of a constant alone.
  func tensor(_ value: ValueID) -> Tensor? {
    graph.constantData(value).map { Tensor(type(value), $0) } ?? dequantizedConstants[value]
  }

  /// The elements of an operand that decides about shapes or attributes.
  ///
  /// - Throws: a `Diagnostic` if the value is computed from the model's inputs.
  func integers(_ value: ValueID, _ role: String) throws -> [Int] {
    let tensor = try constantTensor(value, role)
    guard !tensor.type.element.isFloat else {
      return tensor.storedNumbers.map { Int(clamping: $0) }
    }
    return (0..<tensor.type.elementCount).map {
      tensor.type.element.loadInteger(from: tensor.data.bytes, at: $0)
    }
  }

  /// As `integers`, for numbers of any type.
  func floats(_ value: ValueID, _ role: String) throws -> [Double] {
    try constantTensor(value, role).storedNumbers
  }

  /// As `integers`, with type and shape.
  func constantTensor(_ value: ValueID, _ role: String) throws -> Tensor {
    guard let tensor = tensor(value) else {
      throw Diagnostic(
        .dependsOnValues(role, graph.values[value].name),
        help: "`dovetail run` computes such models, for the inputs that it is given")
    }
    return tensor
  }
}

extension Int {
  /// The nearest integer that there is; 0 of a NaN.
  fileprivate init(clamping number: Double) {
    guard !number.isNaN else {
      self = 0
      return
    }
    self = number >= 0x1p63 ? .max : number <= -0x1p63 ? .min : Int(number)
  }
}

extension Diagnostic.Message {
  fileprivate static func dependsOnValues(_ role: String, _ name: String) -> Self {
    Self(
      id: "depends-on-values", .unsupported, "\(role) (`\(name)`) depends on the values of inputs")
  }

  fileprivate static func definedTwice(_ name: String) -> Self {
    Self(id: "tensor-defined-twice", .malformed, "tensor `\(name)` is computed twice")
  }

  fileprivate static func notComputed(_ name: String) -> Self {
    Self(
      id: "tensor-not-computed", .malformed,
      "tensor `\(name)` is read, but is neither constant nor computed before")
  }

  fileprivate static func tooDeep(_ limit: Int) -> Self {
    Self(
      id: "too-deep", .unsupported,
      "graphs that only a run can choose lie in each other more than \(limit) deep")
  }
}
