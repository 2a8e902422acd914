import GraphIR
import Support
import Tensors

/// Computes one of two graphs, as a condition says.
///
/// Operands: the condition, a single `bool`, and the inputs that both graphs take. Results: the outputs of the
/// graph that was chosen.
public struct If: Operator {
  public static let name = "if"
  public static let elements: [ElementType] = [.bool]
  /// What is computed where the condition holds.
  public var then: Subgraph
  /// What is computed elsewhere; it has inputs and outputs of the same types.
  public var otherwise: Subgraph

  public init() { self.init(then: .empty, otherwise: .empty) }

  /// - Parameters:
  ///   - then, otherwise: with the operands behind the condition as inputs; `resultTypes` refuses others.
  public init(then: Subgraph, otherwise: Subgraph) {
    self.then = then
    self.otherwise = otherwise
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    guard let condition = operands.first, condition.element == .bool, condition.elementCount == 1
    else { throw Diagnostic(.condition) }
    let inputs = Array(operands.dropFirst())
    let results = try then.outputTypes(inputs, "first branch", Self.name)
    let others = try otherwise.outputTypes(inputs, "second branch", Self.name)
    guard results.count == others.count, zip(results, others).allSatisfy({ $0.matches($1) })
    else { throw Diagnostic(.branches) }
    return results
  }

  public func kernel(for site: Site) throws -> Kernel {
    let branches = (try PreparedSubgraph(then), try PreparedSubgraph(otherwise))
    return Kernel { operands, results, workers in
      let isChosen = operands[0].pointer(to: UInt8.self)[0] != 0
      let branch = isChosen ? branches.0 : branches.1
      try branch.run(Array(operands.dropFirst()), workers) { outputs in
        for (result, output) in zip(results, outputs) { result.copyMemory(from: output) }
      }
    }
  }

  /// That of the branch with more to do.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let (first, second) = (then.work, otherwise.work)
    return first.macs + first.elementOperations >= second.macs + second.elementOperations
      ? first : second
  }

  public static let examples = [
    Example(
      If(
        then: branch { try $0.insert(Negate(), $0.inputs) },
        otherwise: branch { try $0.insert(Abs(), $0.inputs) }),
      [
        Tensor(TensorType(.bool, []), numbers: [1]),
        Tensor(TensorType(.f32, [2]), numbers: [-1, 2]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1, -2])])
  ]

  private static func branch(_ insert: (inout Graph) throws -> [ValueID]) -> Subgraph {
    var graph = Graph(name: "branch")
    graph.addInput("x", TensorType(.f32, [2]))
    guard let outputs = try? insert(&graph) else { preconditionFailure("the example is sound") }
    graph.setOutputs(outputs)
    return Subgraph(graph)
  }
}

extension Diagnostic.Message {
  fileprivate static var condition: Self {
    Self(id: "bad-condition", .malformed, "operand 0 of `if` is no single `bool`")
  }

  fileprivate static var branches: Self {
    Self(
      id: "branch-results", .malformed, "the branches of `if` have results of different types")
  }
}
