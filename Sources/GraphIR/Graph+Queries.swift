import Tensors

/// Questions that passes, lowering and reports ask of a graph.
extension Graph {
  /// What a run starts from: the inputs, then the states as the run before left them.
  public var entries: [ValueID] { inputs + states.map(\.current) }

  /// What a run ends with: the outputs, then the states as the next run finds them.
  public var exits: [ValueID] { outputs + states.map(\.next) }

  /// The node's operator, if it is of this kind.
  public func op<Op: Operator>(_ node: NodeID, as kind: Op.Type = Op.self) -> Op? {
    nodes[node].op as? Op
  }

  /// The first, and usually only, operand of a node that has activations as its first.
  ///
  /// - Precondition: the node has an operand.
  public func input(of node: NodeID) -> ValueID { nodes[node].inputs[0] }

  /// The only result of a node that has one.
  ///
  /// - Precondition: the node has a result.
  public func result(of node: NodeID) -> ValueID { nodes[node].results[0] }

  /// The node that computes a value; nil for inputs and constants.
  public func producer(of value: ValueID) -> NodeID? {
    if case .result(let node, _) = values[value].definition { node } else { nil }
  }

  /// The node of the given kind that computes `value`, if `value` has no reader but one and does not leave the graph.
  public func soleProducer<Op: Operator>(of value: ValueID, as kind: Op.Type) -> (
    id: NodeID, op: Op
  )? {
    guard values[value].uses.count == 1, !exits.contains(value),
      let id = producer(of: value), let op = op(id, as: kind)
    else { return nil }
    return (id, op)
  }

  /// Whether a value is a constant, elided or not.
  public func isConstant(_ value: ValueID) -> Bool {
    if case .constant = values[value].definition { true } else { false }
  }

  /// The bytes of a constant; nil for what is none, and for an elided one.
  public func constantData(_ value: ValueID) -> TensorData? {
    if case .constant(let data) = values[value].definition { data } else { nil }
  }

  /// The types of values, in the order given.
  public func types(of values: [ValueID]) -> [TensorType] { values.map { self.values[$0].type } }

  /// What a node's kernel is made from.
  ///
  /// The bytes of constants are shared with the graph, not copied.
  public func site(of node: NodeID) -> Site {
    let operands = nodes[node].inputs
    return Site(
      operands: types(of: operands), constants: operands.map(constantData),
      results: types(of: nodes[node].results))
  }

  /// The work of a node, independent of any target.
  public func work(of node: NodeID) -> Work {
    nodes[node].op.work(types(of: nodes[node].inputs), types(of: nodes[node].results))
  }

  /// All constants that a node reads or that leave the graph, in order of first use.
  public var usedConstants: [ValueID] {
    var seen: Set<ValueID> = []
    return (order.flatMap { nodes[$0].inputs } + exits).filter {
      isConstant($0) && seen.insert($0).inserted
    }
  }
}
