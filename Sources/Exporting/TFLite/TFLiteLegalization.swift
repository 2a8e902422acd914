import GraphIR
import Operators
import Tensors

/// Expresses operators that TFLite lacks by those that it has.
///
/// Integers stay what they are, bit for bit; real numbers too, but for functions that become several operators, whose
/// last digits differ.
enum TFLiteLegalization {
  /// Each may leave what the next ones express.
  static let passes = [functions, normalizations, indices, images, paddings, ranges]

  /// The graph with operators of TFLite, as far as they are expressed by each other.
  static func legal(_ graph: Graph) throws -> Graph {
    var legal = graph
    for pass in passes { _ = try pass.run(&legal) }
    return legal
  }
}

extension Graph {
  /// A constant without axes, of another value's type; of quantized ones the number that is stored.
  mutating func scalar(_ number: Double, as value: ValueID) -> ValueID {
    let type = values[value].type.with(shape: [])
    return addConstant("constant \(values.count)", type, Tensor(type, numbers: [number]).data)
  }

  /// Inserts an operator with the result of a node, before that.
  mutating func insert(_ op: some Operator, _ operands: [ValueID], like id: NodeID) throws
    -> ValueID
  {
    try insert(op, operands, results: types(of: nodes[id].results), before: id)[0]
  }

  /// Whether the node computes real numbers, not integers that stand for them.
  func isReal(_ id: NodeID) -> Bool { values[result(of: id)].type.element.isFloat }
}
