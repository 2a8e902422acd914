import Support
import Tensors

/// The only ways to change a graph.
extension Graph {
  /// Adds an input behind those there are.
  ///
  /// - Parameters:
  ///   - name: by which users give a tensor for it.
  ///   - sourceIndex: the tensor's index in the model file; nil if it has none.
  @discardableResult
  public mutating func addInput(
    _ name: String, _ type: TensorType, sourceIndex: Int? = nil
  ) -> ValueID {
    let id = addValue(name, sourceIndex, type, .input)
    inputs.append(id)
    return id
  }

  /// Adds a state behind those there are, and gives what nodes read of it.
  ///
  /// Until `setNext` says otherwise, it stays as it is.
  ///
  /// - Parameter initial: what the first run finds; nil makes it an elided one.
  public mutating func addState(
    _ name: String, _ type: TensorType, initial: TensorData?, sourceIndex: Int? = nil
  ) -> ValueID {
    let id = addValue(name, sourceIndex, type, .input)
    states.append(State(current: id, next: id, initial: initial))
    return id
  }

  /// Says what the next run finds in place of `current`.
  ///
  /// - Precondition: `current` was given by `addState`; the verifier checks that `next` is of its type.
  public mutating func setNext(of current: ValueID, to next: ValueID) {
    guard let position = states.firstIndex(where: { $0.current == current }) else {
      preconditionFailure("only a state has a next value")
    }
    states[position].next = next
  }

  /// Adds a constant; `data` nil makes it an elided one.
  public mutating func addConstant(
    _ name: String, _ type: TensorType, _ data: TensorData?, sourceIndex: Int? = nil
  ) -> ValueID {
    addValue(name, sourceIndex, type, .constant(data))
  }

  /// Inserts a node and gives the ids of its results.
  ///
  /// - Parameters:
  ///   - results: the types of the results; left out, those that the operator infers.
  ///   - successor: the node before which it is placed; left out, it comes last.
  /// - Throws: a `Diagnostic` if the operator refuses the operands, or infers other types than `results`.
  @discardableResult
  public mutating func insert(
    _ op: any Operator, _ operands: [ValueID], results: [TensorType]? = nil,
    from sources: [SourceOperator] = [], before successor: NodeID? = nil
  ) throws -> [ValueID] {
    let types = operands.map { values[$0].type }
    let inferred = try op.checkedResultTypes(of: types, declared: results)
    let id = NodeID(index: nodes.count)
    let resultIDs = inferred.enumerated().map { position, type in
      addValue("\(values.count)", nil, type, .result(of: id, at: position))
    }
    _ = nodes.append(Node(op: op, inputs: operands, results: resultIDs, sources: sources))
    for (operand, value) in operands.enumerated() {
      values[value].uses.append(Use(node: id, operand: operand))
    }
    place(id, before: successor)
    return resultIDs
  }

  /// Gives a value the name and the index that a tensor has in the model file.
  public mutating func rename(_ value: ValueID, _ name: String, sourceIndex: Int?) {
    values[value].name = name
    values[value].sourceIndex = sourceIndex
  }

  /// Whether a value has a name from a model file, not the number that it got here.
  public func hasName(_ value: ValueID) -> Bool {
    !values[value].name.isEmpty && values[value].name != "\(value.index)"
  }

  /// Gives the name of a value to one that stands for it from now on, perhaps in another layout.
  ///
  /// So layers keep the names by which plans and reports know them. An index in the model file goes along where types are equal.
  ///
  /// - Parameter replacing: whether a name that the other has already is lost; else nothing is changed where it has one, or is no
  ///   result of a node, or where an output would lose its name.
  public mutating func moveName(of old: ValueID, to new: ValueID, replacing: Bool = false) {
    guard old != new, hasName(old) || outputs.contains(old),
      replacing || !hasName(new) && producer(of: new) != nil && !outputs.contains(old)
    else { return }
    let index = values[old].type == values[new].type ? values[old].sourceIndex : nil
    rename(new, values[old].name, sourceIndex: index)
    rename(old, "\(old.index)", sourceIndex: nil)
  }

  /// Removes nodes whose results nothing reads outside of the set.
  ///
  /// What they only put into another layout takes the name of their result.
  ///
  /// - Parameter absorber: the node that now does their work and takes over their sources; if nil, the
  ///   sources are listed as eliminated.
  /// - Precondition: every reader of a result is in the set, and none of the results leaves the graph.
  public mutating func erase(_ ids: Set<NodeID>, absorbedBy absorber: NodeID? = nil) {
    precondition(absorber.map { !ids.contains($0) } ?? true, "an absorber is not erased itself")
    // Names move from the last node towards the first.
    for id in ids.sorted(by: >) where nodes[id].op is any LayoutOperator {
      moveName(of: result(of: id), to: input(of: id))
    }
    // In a fixed order, so that lists of sources come out the same in every run.
    for id in ids.sorted() {
      for result in nodes[id].results {
        precondition(
          values[result].uses.allSatisfy { ids.contains($0.node) } && !exits.contains(result),
          "a node whose result is still read cannot be erased")
      }
      absorb(nodes[id].sources, into: absorber)
      for (operand, value) in nodes[id].inputs.enumerated() {
        values[value].uses.removeAll { $0 == Use(node: id, operand: operand) }
      }
      nodes[id].isErased = true
    }
    order.removeAll(where: ids.contains)
  }

  /// Lets a node read another value as its operand.
  ///
  /// - Precondition: `value` is defined before the node, and has a type that its operator accepts.
  public mutating func setInput(_ operand: Int, of node: NodeID, to value: ValueID) {
    let use = Use(node: node, operand: operand)
    values[nodes[node].inputs[operand]].uses.removeAll { $0 == use }
    nodes[node].inputs[operand] = value
    values[value].uses.append(use)
  }

  /// Lets every reader of `old`, and the graph's outputs and states, read `new` instead.
  ///
  /// `old` stays in the graph, read by nobody.
  ///
  /// - Precondition: `new` is defined before every reader of `old`, and has a type that suits them.
  public mutating func replaceAllUses(of old: ValueID, with new: ValueID) {
    guard old != new else { return }
    for use in values[old].uses { nodes[use.node].inputs[use.operand] = new }
    values[new].uses += values[old].uses
    values[old].uses = []
    outputs = outputs.map { $0 == old ? new : $0 }
    for index in states.indices where states[index].next == old { states[index].next = new }
  }

  /// Replaces the list of outputs; nodes that no output needs any more stay until they are erased.
  public mutating func setOutputs(_ outputs: [ValueID]) { self.outputs = outputs }

  /// Notes that the work of source operators is now done by `absorber`, or by nobody.
  public mutating func absorb(_ sources: [SourceOperator], into absorber: NodeID?) {
    guard !sources.isEmpty else { return }
    if let absorber {
      nodes[absorber].sources = Array(Set(nodes[absorber].sources + sources)).sorted()
    } else {
      let isBehind = eliminated.last.map { last in sources.allSatisfy { $0 > last } } ?? true
      eliminated += sources.sorted()
      if !isBehind { eliminated.sort() }
    }
  }

  private mutating func addValue(
    _ name: String, _ sourceIndex: Int?, _ type: TensorType, _ definition: Value.Definition
  ) -> ValueID {
    values.append(
      Value(name: name, sourceIndex: sourceIndex, type: type, definition: definition))
  }

  private mutating func place(_ id: NodeID, before successor: NodeID?) {
    guard let successor else { return order.append(id) }
    guard let position = order.firstIndex(of: successor) else {
      preconditionFailure("the node to insert before is not in the graph")
    }
    order.insert(id, at: position)
  }
}
