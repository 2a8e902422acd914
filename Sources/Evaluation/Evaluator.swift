import GraphIR
import Support
import Tensors

/// Computes a graph on the CPU: the reference that every other execution is compared with.
///
/// Weights are packed and memory is planned once; `run` may then be called many times.
/// A class because it owns the memory in which values live during a run, and states between runs.
public final class Evaluator {
  /// Which values can be read after a run.
  ///
  /// `everything` gives each value memory of its own for the whole run.
  public enum Keeping: Sendable { case outputs, everything }

  /// The graph that is computed; the ids that `value` takes are its own.
  public var graph: Graph { prepared.graph }
  private let prepared: PreparedGraph
  private let keeping: Keeping
  private let block: UnsafeMutableRawPointer
  private let bound: BoundGraph
  /// What the next run finds, in the order of the graph's states.
  private var states: [TensorData] = []

  /// Prepares every kernel and reserves memory for all values that are live at once.
  ///
  /// - Throws: a `Diagnostic` if a constant is elided, a node cannot be computed, or memory does not suffice.
  public convenience init(_ graph: Graph, keeping: Keeping = .outputs) throws {
    try self.init(
      PreparedGraph(graph, keepsEverything: keeping == .everything), keeping: keeping)
  }

  /// One that shares all that was prepared with another, but has memory and states of its own: for another thread.
  ///
  /// - Throws: a `Diagnostic` if memory does not suffice.
  public convenience init(sharing other: Evaluator) throws {
    try self.init(other.prepared, keeping: other.keeping)
  }

  private init(_ prepared: PreparedGraph, keeping: Keeping) throws {
    self.prepared = prepared
    self.keeping = keeping
    try Self.checkMemory(of: prepared, keeping)
    block = .allocate(byteCount: prepared.byteCount, alignment: PreparedGraph.alignment)
    bound = prepared.bound(to: block)
    reset()
  }

  /// Inputs lie outside of the block, and what is read after a run is copied.
  private static func checkMemory(of prepared: PreparedGraph, _ keeping: Keeping) throws {
    func byteCount(of values: [ValueID]) -> Int {
      prepared.graph.types(of: values).map(\.byteCount).reduce(0, +)
    }
    let outputs =
      keeping == .everything ? prepared.byteCount : byteCount(of: prepared.graph.outputs)
    try MemoryLimit.check(
      prepared.byteCount + byteCount(of: prepared.graph.inputs) + outputs,
      for: "the values of a run with its inputs and outputs")
  }

  deinit { block.deallocate() }

  /// Lets the next run be the first again: states hold what the model gives them at the start.
  public func reset() { states = graph.states.compactMap(\.initial) }

  /// Computes the graph for inputs in the graph's order, and hands its states on to the next run.
  ///
  /// - Throws: a `Diagnostic` that names the node whose operands hold what cannot be computed.
  /// - Precondition: the inputs have the types of the graph's inputs; `InputBinding` checks what users give.
  public func run(_ inputs: [Tensor], workers: Workers = .one) throws {
    precondition(inputs.count == graph.inputs.count, "each input of the graph has a tensor")
    for (id, data) in zip(graph.entries, inputs.map(\.data) + states) {
      prepared.memory(of: id, in: block).copyMemory(from: data.bytes)
    }
    try bound.run(workers: workers)
    states = graph.states.map { data(of: $0.next) }
  }

  /// A value as the last run left it: an output, or any value if everything is kept.
  ///
  /// - Precondition: there was a run, and the value is a constant, or was kept.
  public func value(_ id: ValueID) -> Tensor { Tensor(graph.values[id].type, data(of: id)) }

  /// The bytes of such a value, which are good until the next run.
  package func bytes(of id: ValueID) -> UnsafeRawBufferPointer { prepared.bytes(of: id, in: block) }

  /// Computes a single node on operands that lie elsewhere, as a run would.
  ///
  /// - Parameters:
  ///   - step: the node's position in the order of the graph.
  ///   - operands, results: memory of the types that the graph gives, aligned to 64 bytes.
  package func compute(
    step: Int, _ operands: [UnsafeRawBufferPointer], _ results: [UnsafeMutableRawBufferPointer]
  ) throws {
    try prepared.kernel(at: step).run(operands, results, .one)
  }

  private func data(of id: ValueID) -> TensorData {
    let bytes = bytes(of: id)
    return TensorData(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
  }
}

extension Graph {
  /// The outputs for the given inputs: for tests and single runs.
  ///
  /// - Throws: what `Evaluator` does.
  /// - Precondition: the inputs have the types of the graph's inputs.
  public func evaluate(_ inputs: [Tensor]) throws -> [Tensor] {
    let evaluator = try Evaluator(self)
    try evaluator.run(inputs)
    return outputs.map(evaluator.value)
  }
}
