import Support
import Tensors

/// What must hold in every graph:
///
/// - each node reads only values that are defined: inputs, constants, and results of nodes before it;
/// - each node stands in the order once, and its results name it as their definition;
/// - use lists agree with operands, both ways;
/// - result types are what the operator infers, and operands are such that it accepts them;
/// - quantization parameters fit shape and element type;
/// - constants have as many bytes as their type asks for;
/// - outputs and the next values of states exist, the latter in the shape and element type of the state;
/// - no operator of the source model stands in two nodes.
extension Graph {
  /// Everything that is wrong with the graph; empty for a sound one.
  public func verify() -> [Diagnostic] {
    let position = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { $1 })
    var found: [Diagnostic] = []
    if position.count != order.count { found.append(Diagnostic(.repeatedNode)) }
    for id in order {
      found += orderProblems(id, position) + typeProblems(id)
    }
    return found + useProblems(position) + valueProblems() + exitProblems(position)
      + stateProblems()
      + sourceProblems()
  }

  /// `operator 3 (CONV_2D)`, by its place in the model file, or else ``node `%name` (conv2d)``: where a diagnostic points.
  public func spot(of id: NodeID) -> String {
    let node = nodes[id]
    if let source = node.sources.first { return "operator \(source.index) (\(source.kind))" }
    return "node `%\(node.results.first.map { values[$0].name } ?? "")` (\(node.kind))"
  }

  private func orderProblems(_ id: NodeID, _ position: [NodeID: Int]) -> [Diagnostic] {
    let late = nodes[id].inputs.filter { value in
      guard let producer = producer(of: value) else { return false }
      return position[producer].map { $0 >= position[id]! } ?? true
    }
    let stray = nodes[id].results.enumerated().filter { index, value in
      if case .result(id, index) = values[value].definition { false } else { true }
    }
    return late.map { Diagnostic(.readBeforeDefinition(values[$0].name), at: spot(of: id)) }
      + stray.map { Diagnostic(.wrongDefinition(values[$0.element].name), at: spot(of: id)) }
  }

  private func typeProblems(_ id: NodeID) -> [Diagnostic] {
    let node = nodes[id]
    do {
      _ = try node.op.checkedResultTypes(
        of: types(of: node.inputs), declared: types(of: node.results))
      return []
    } catch let diagnostic as Diagnostic {
      return [diagnostic.located(in: Diagnostic.Place(spot: spot(of: id)))]
    } catch {
      preconditionFailure("operators throw diagnostics only")
    }
  }

  private func useProblems(_ position: [NodeID: Int]) -> [Diagnostic] {
    var expected: [ValueID: Set<Use>] = [:]
    for id in order {
      for (operand, value) in nodes[id].inputs.enumerated() {
        expected[value, default: []].insert(Use(node: id, operand: operand))
      }
    }
    return values.ids.filter { id in
      Set(values[id].uses.filter { position[$0.node] != nil }) != expected[id] ?? []
        || values[id].uses.contains { position[$0.node] == nil }
    }.map { Diagnostic(.staleUses(values[$0].name)) }
  }

  private func valueProblems() -> [Diagnostic] {
    (entries + usedConstants).compactMap { id in
      let value = values[id]
      if let problem = value.type.quantization?.problem(for: value.type.shape, value.type.element) {
        return Diagnostic(.badValue(problem), at: "value `\(value.name)`")
      }
      guard let data = constantData(id), data.byteCount != value.type.byteCount else { return nil }
      return Diagnostic(
        .badValue("\(data.byteCount) bytes for \(value.type)"), at: "value `\(value.name)`")
    }
  }

  private func exitProblems(_ position: [NodeID: Int]) -> [Diagnostic] {
    exits.filter { value in producer(of: value).map { position[$0] == nil } ?? false }
      .map {
        Diagnostic(.readBeforeDefinition(values[$0].name), at: "the graph's outputs and states")
      }
  }

  private func stateProblems() -> [Diagnostic] {
    states.compactMap { state in
      let (value, next) = (values[state.current], values[state.next])
      if !value.type.matches(next.type) {
        return Diagnostic(.stateType(value.name, value.type, next.type))
      }
      guard let data = state.initial, data.byteCount != value.type.byteCount else { return nil }
      return Diagnostic(
        .badValue("\(data.byteCount) bytes for \(value.type)"), at: "state `\(value.name)`")
    }
  }

  private func sourceProblems() -> [Diagnostic] {
    var seen: Set<SourceOperator> = []
    return (order.flatMap { nodes[$0].sources } + eliminated)
      .filter { !seen.insert($0).inserted }
      .map { Diagnostic(.repeatedSource($0)) }
  }
}

extension Diagnostic.Message {
  fileprivate static var repeatedNode: Self {
    Self(id: "repeated-node", .ourFault, "a node stands in the order twice")
  }

  fileprivate static func readBeforeDefinition(_ name: String) -> Self {
    Self(id: "read-before-definition", .malformed, "`\(name)` is read before it is computed")
  }

  fileprivate static func wrongDefinition(_ name: String) -> Self {
    Self(id: "wrong-definition", .ourFault, "`\(name)` does not name its node as its definition")
  }

  fileprivate static func staleUses(_ name: String) -> Self {
    Self(id: "stale-uses", .ourFault, "the use list of `\(name)` does not agree with its readers")
  }

  fileprivate static func badValue(_ problem: String) -> Self {
    Self(id: "bad-value", .malformed, problem)
  }

  fileprivate static func stateType(
    _ name: String, _ found: TensorType, _ next: TensorType
  ) -> Self {
    Self(
      id: "state-type", .malformed,
      "state `\(name)` is \(found.element.rawValue)\(found.shape), its next value "
        + "\(next.element.rawValue)\(next.shape)")
  }

  fileprivate static func repeatedSource(_ source: SourceOperator) -> Self {
    Self(
      id: "repeated-source", .ourFault,
      "operator \(source.index) (\(source.kind)) of the model stands in two nodes")
  }
}
