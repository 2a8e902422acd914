import GraphIR
import Operators
import Tensors

/// How a value of real numbers is computed, followed from the value towards what it is computed from.
///
/// It remembers the nodes that it came past, so that a rule replaces them only where nobody else reads what they give.
struct Derivation {
  /// The graph as it is before the rule changes it.
  let graph: Graph
  private var nodes: Set<NodeID> = []

  /// Starts with no node at all.
  init(in graph: Graph) { self.graph = graph }

  /// The node that computes a value, if it is of a kind.
  mutating func node<Op: Operator>(_ value: ValueID, as kind: Op.Type) -> (
    op: Op, operands: [ValueID]
  )? {
    guard let id = graph.producer(of: value), let op = graph.op(id, as: kind), op.isUnlimited,
      graph.isReal(value)
    else { return nil }
    nodes.insert(id)
    return (op, graph.nodes[id].inputs)
  }

  /// The only operand of the node that computes a value, if it is of a kind.
  mutating func operand<Op: Operator>(_ value: ValueID, as kind: Op.Type) -> ValueID? {
    node(value, as: kind).flatMap { $0.operands.count == 1 ? $0.operands[0] : nil }
  }

  /// Remembers a node.
  mutating func take(_ id: NodeID) { nodes.insert(id) }

  /// Whether only nodes that were found, and the last of all, read what the others of them give.
  func isClosed(except last: NodeID) -> Bool {
    nodes.subtracting([last]).allSatisfy { id in
      graph.nodes[id].results.allSatisfy { value in
        !graph.exits.contains(value)
          && graph.values[value].uses.allSatisfy { nodes.contains($0.node) || $0.node == last }
      }
    }
  }

  /// The value as a product; its factors are computed by no product that it alone reads.
  mutating func product(_ value: ValueID) -> Product {
    var result = Product(scale: 1, factors: [])
    var pending = [(value: value, isRoot: true)]
    while let (next, isRoot) = pending.popLast() {
      if let number = graph.uniformNumber(next) {
        result.scale *= Double(number)
      } else if isRoot || graph.isReadOnce(next), result.factors.count < 4,
        let (operands, scale) = multiplication(next)
      {
        result.scale *= scale
        pending += operands.reversed().map { ($0, false) }
      } else {
        result.factors.append(next)
      }
    }
    return result
  }

  private mutating func multiplication(_ value: ValueID) -> (operands: [ValueID], scale: Double)? {
    var attempt = self
    if let (_, operands) = attempt.node(value, as: Multiply.self) {
      self = attempt
      return (operands, 1)
    }
    guard let (_, operands) = attempt.node(value, as: Divide.self),
      let divisor = graph.uniformNumber(operands[1])
    else { return nil }
    self = attempt
    return ([operands[0]], 1 / Double(divisor))
  }

  /// The value as `scale · f(operand) + offset`, where `f` is computed by a node of a kind.
  mutating func affine<Op: Operator>(_ value: ValueID, of kind: Op.Type) -> Affine<Op>? {
    var (scale, offset, value) = (1.0, 0.0, value)
    for _ in 0..<6 {
      if let (op, operands) = node(value, as: kind) {
        return Affine(scale: scale, offset: offset, op: op, operand: operands[0])
      }
      guard let step = affineStep(value) else { return nil }
      offset += scale * step.offset
      scale *= step.scale
      value = step.operand
    }
    return nil
  }

  /// The value as `scale · operand + offset`, as the last node before it has that.
  private mutating func affineStep(_ value: ValueID) -> (
    scale: Double, offset: Double, operand: ValueID
  )? {
    guard let id = graph.producer(of: value), graph.nodes[id].op.isUnlimited,
      let (constant, other, isFirst) = graph.constantAndOther(of: id),
      let number = graph.uniformNumber(constant).map({ Double($0) })
    else { return nil }
    nodes.insert(id)
    switch graph.nodes[id].op {
    case is Multiply: return (number, 0, other)
    case is Divide where !isFirst: return (1 / number, 0, other)
    case is Add: return (1, number, other)
    case is Subtract: return isFirst ? (-1, number, other) : (1, -number, other)
    default: return nil
    }
  }
}

/// `scale · factors[0] · factors[1] · …`
struct Product {
  var scale: Double
  var factors: [ValueID]

  /// Both orders of two factors; none if there are more or fewer.
  var pairs: [(ValueID, ValueID)] {
    factors.count == 2 ? [(factors[0], factors[1]), (factors[1], factors[0])] : []
  }
}

/// `scale · op(operand) + offset`
struct Affine<Op: Operator> {
  let scale: Double
  let offset: Double
  let op: Op
  let operand: ValueID
}
