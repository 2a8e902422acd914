import GraphIR
import Support
import Tensors

/// Computes a graph on the CPU: the reference that every other execution is compared with.
///
/// Weights are packed and memory is planned once; `run` may then be called many times.
/// A class because it owns the memory in which values live during a run.
public final class Evaluator {
  /// Which values can be read after a run.
  ///
  /// `everything` gives each value memory of its own for the whole run.
  public enum Keeping: Sendable { case outputs, everything }

  /// The graph that is computed; the ids that `value` takes are its own.
  public let graph: Graph
  private let steps: [Step]
  private let offsets: [ValueID: Int]
  private let arena: UnsafeMutableRawBufferPointer

  private struct Step {
    let kernel: Kernel
    let operands: [ValueID]
    let results: [ValueID]
  }

  /// Prepares every kernel and reserves memory for all values that are live at once.
  ///
  /// - Throws: a `Diagnostic` if a constant is elided, a node cannot be computed, or memory does not suffice.
  public init(_ graph: Graph, keeping: Keeping = .outputs) throws {
    self.graph = graph
    if let elided = graph.usedConstants.first(where: { graph.constantData($0) == nil }) {
      throw Diagnostic(
        .elidedConstant(graph.values[elided].name),
        help: "give a model with its weights, or use a command that needs none")
    }
    steps = try graph.order.map { id in
      let node = graph.nodes[id]
      let kernel = try locating(in: Diagnostic.Place(spot: graph.spot(of: id))) {
        try node.op.kernel(for: graph.site(of: id))
      }
      return Step(kernel: kernel, operands: node.inputs, results: node.results)
    }
    let lives = graph.liveness().sorted { $0.key < $1.key }
    let last = max(0, graph.order.count - 1)
    let blocks = lives.map { id, life in
      MemoryPlan.Block(
        byteCount: graph.values[id].type.byteCount,
        // A value that is kept is live to the end, so no other may lie in its place.
        life: keeping == .everything ? 0...last : life)
    }
    let plan = MemoryPlan(blocks, alignment: 64)
    try MemoryLimit.check(plan.byteCount, for: "the values that are live at once")
    offsets = Dictionary(uniqueKeysWithValues: zip(lives.map(\.key), plan.offsets))
    arena = .allocate(byteCount: max(1, plan.byteCount), alignment: 64)
  }

  deinit { arena.deallocate() }

  /// Computes the graph for inputs in the graph's order.
  ///
  /// - Precondition: the inputs have the types of the graph's inputs; `InputBinding` checks what users give.
  public func run(_ inputs: [Tensor], workers: Workers = .one) {
    precondition(inputs.count == graph.inputs.count, "each input of the graph has a tensor")
    for (id, tensor) in zip(graph.inputs, inputs) {
      memory(of: id).copyMemory(from: tensor.data.bytes)
    }
    for step in steps {
      step.kernel.run(
        step.operands.map { UnsafeRawBufferPointer(bytes(of: $0)) }, step.results.map(memory),
        workers)
    }
  }

  /// A value as the last run left it: an output, or any value if everything is kept.
  ///
  /// - Precondition: there was a run, and the value is a constant, or was kept.
  public func value(_ id: ValueID) -> Tensor {
    let bytes = bytes(of: id)
    return Tensor(
      graph.values[id].type, TensorData(byteCount: bytes.count) { $0.copyMemory(from: bytes) })
  }

  private func bytes(of id: ValueID) -> UnsafeRawBufferPointer {
    graph.constantData(id)?.bytes ?? UnsafeRawBufferPointer(memory(of: id))
  }

  private func memory(of id: ValueID) -> UnsafeMutableRawBufferPointer {
    guard let offset = offsets[id] else { preconditionFailure("value without memory") }
    let count = graph.values[id].type.byteCount
    return UnsafeMutableRawBufferPointer(rebasing: arena[offset..<offset + count])
  }
}

extension Graph {
  /// The outputs for the given inputs: for tests and single runs.
  ///
  /// - Throws: what `Evaluator` does.
  /// - Precondition: the inputs have the types of the graph's inputs.
  public func evaluate(_ inputs: [Tensor]) throws -> [Tensor] {
    let evaluator = try Evaluator(self)
    evaluator.run(inputs)
    return outputs.map(evaluator.value)
  }
}

extension Diagnostic.Message {
  fileprivate static func elidedConstant(_ name: String) -> Self {
    Self(id: "elided-constant", .unsupported, "constant `\(name)` has no data")
  }
}
