import GraphIR
import Support
import Tensors

/// Computes a graph again and again, each time on its last results, as long as a condition on them holds.
///
/// Operands are what the first round works on, results what the last one left; the types stay the same.
public struct While: Operator {
  public static let name = "while"
  public static let elements: [ElementType] = ElementType.allCases
  /// Takes what the body takes, and gives a single `bool`: whether there is another round.
  public var condition: Subgraph
  /// Gives as many results as it takes operands, of the same types.
  public var body: Subgraph
  /// A loop with more rounds than this is taken for one without end.
  public static let maximumRounds = 1 << 20

  public init() { self.init(condition: .empty, body: .empty) }

  /// - Parameters:
  ///   - condition, body: with the operands of the node as inputs; `resultTypes` refuses others.
  public init(condition: Subgraph, body: Subgraph) {
    self.condition = condition
    self.body = body
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let decisions = try condition.outputTypes(operands, "condition", Self.name)
    guard decisions.count == 1, decisions[0].element == .bool, decisions[0].elementCount == 1
    else { throw Diagnostic(.condition) }
    let results = try body.outputTypes(operands, "body", Self.name)
    guard results.count == operands.count, zip(results, operands).allSatisfy({ $0.matches($1) })
    else { throw Diagnostic(.bodyResults) }
    return results
  }

  /// The results themselves are what goes from round to round: each round reads them and then replaces them.
  public func kernel(for site: Site) throws -> Kernel {
    let condition = try PreparedSubgraph(condition)
    let body = try PreparedSubgraph(body)
    return Kernel { operands, results, workers in
      for (result, operand) in zip(results, operands) { result.copyMemory(from: operand) }
      let state = results.map { UnsafeRawBufferPointer($0) }
      var rounds = 0
      while try condition.run(state, workers, { $0[0].pointer(to: UInt8.self)[0] != 0 }) {
        rounds += 1
        guard rounds <= Self.maximumRounds else { throw Diagnostic(.endless) }
        try body.run(state, workers) { outputs in
          for (result, output) in zip(results, outputs) { result.copyMemory(from: output) }
        }
      }
    }
  }

  /// That of one round: how many there are, only the elements tell.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    condition.work + body.work
  }

  public static let examples = [
    // Doubled until it is no less than 10.
    Example(
      While(
        condition: graph("condition") { graph, x in
          let ten = Tensor(TensorType(.f32, []), numbers: [10])
          let limit = graph.addConstant("limit", ten.type, ten.data)
          let equal = try graph.insert(Maximum(), [x, limit])
          return try graph.insert(Equal(), [equal[0], limit])
        },
        body: graph("body") { graph, x in try graph.insert(Add(), [x, x]) }),
      [Tensor(TensorType(.f32, []), numbers: [3])],
      gives: [Tensor(TensorType(.f32, []), numbers: [12])])
  ]

  private static func graph(
    _ name: String, _ insert: (inout Graph, ValueID) throws -> [ValueID]
  ) -> Subgraph {
    var graph = Graph(name: name)
    let x = graph.addInput("x", TensorType(.f32, []))
    guard let outputs = try? insert(&graph, x) else { preconditionFailure("the example is sound") }
    graph.setOutputs(outputs)
    return Subgraph(graph)
  }
}

extension Diagnostic.Message {
  fileprivate static var condition: Self {
    Self(id: "bad-condition", .malformed, "the condition of `while` does not give a single `bool`")
  }

  fileprivate static var bodyResults: Self {
    Self(
      id: "loop-results", .malformed,
      "the body of `while` gives results of other types than it takes")
  }

  fileprivate static var endless: Self {
    Self(
      id: "endless-loop", .unsupported,
      "`while` has not come to an end after \(While.maximumRounds) rounds")
  }
}
