import Evaluation
import GraphIR
import Lowering
import Support
import Tensors

/// A model that can be run, on whatever it runs.
public protocol ModelExecution {
  /// Runs the model once and gives its named values; its states stay for the next run.
  func run(_ inputs: [Tensor]) throws -> NamedValues

  /// Lets the next run be the first again: states hold what the model gives them at the start.
  func reset()

  /// The same model with memory and states of its own, to run on another thread at the same time.
  ///
  /// - Throws: a `Diagnostic` if memory does not suffice.
  func twin() throws -> any ModelExecution
}

/// Values that a run gave, by name.
public struct NamedValues: Sendable {
  /// The model's outputs, in its order.
  public let outputs: [NamedTensor]
  /// Inputs and all computed values, where these were asked for; else empty.
  public let values: [NamedTensor]

  /// - Parameter values: left empty where only outputs were asked for.
  public init(outputs: [NamedTensor], values: [NamedTensor]) {
    self.outputs = outputs
    self.values = values
  }
}

/// A tensor with the name and the index that it has in the model file.
public struct NamedTensor: Sendable {
  /// Of an input or output the name by which users know it.
  public let name: String
  /// Nil for a value that is not in the file.
  public let index: Int?
  /// The elements, with the type that the graph gives the value.
  public let tensor: Tensor

  /// - Parameter index: of the tensor in the model file; nil if it has none.
  public init(name: String, index: Int?, tensor: Tensor) {
    self.name = name
    self.index = index
    self.tensor = tensor
  }
}

extension ModelExecution {
  /// Runs the model from its start, once for each step. If there are several, the results have a leading axis of steps.
  public func record(_ sequence: InputSequence) throws -> NamedValues {
    reset()
    let steps = try (0..<sequence.count).map { try run(sequence[$0]) }
    guard sequence.hasStepAxis else { return steps[0] }
    return NamedValues(
      outputs: stacked(steps.map(\.outputs)), values: stacked(steps.map(\.values)))
  }

  private func stacked(_ steps: [[NamedTensor]]) -> [NamedTensor] {
    steps[0].indices.map { position in
      let parts = steps.map { $0[position].tensor }
      return NamedTensor(
        name: steps[0][position].name, index: steps[0][position].index,
        tensor: Tensor(stacking: parts))
    }
  }
}

/// A graph on the CPU reference.
public struct ReferenceExecution: ModelExecution {
  private let evaluator: Evaluator
  private let keepsValues: Bool
  private let workers: Workers

  /// - Parameters:
  ///   - keepsValues: whether a run gives all computed values; each then has memory of its own.
  ///   - threads: that share the work of a node. Results do not depend on them.
  /// - Throws: a `Diagnostic` if the graph cannot be computed, as `Evaluator` says.
  public init(_ graph: Graph, keepsValues: Bool = false, threads: Int = 1) throws {
    evaluator = try Evaluator(graph, keeping: keepsValues ? .everything : .outputs)
    self.keepsValues = keepsValues
    workers = Workers(count: threads)
  }

  private init(sharing other: ReferenceExecution) throws {
    evaluator = try Evaluator(sharing: other.evaluator)
    keepsValues = other.keepsValues
    workers = other.workers
  }

  public func reset() { evaluator.reset() }

  /// Shares what was prepared.
  public func twin() throws -> any ModelExecution { try ReferenceExecution(sharing: self) }

  /// Computes on the CPU.
  public func run(_ inputs: [Tensor]) throws -> NamedValues {
    try evaluator.run(inputs, workers: workers)
    let graph = evaluator.graph
    let computed = graph.entries + graph.order.flatMap { graph.nodes[$0].results }
    return NamedValues(
      outputs: graph.outputs.map(named), values: keepsValues ? computed.map(named) : [])
  }

  private func named(_ id: ValueID) -> NamedTensor {
    let value = evaluator.graph.values[id]
    return NamedTensor(name: value.name, index: value.sourceIndex, tensor: evaluator.value(id))
  }
}

/// A program on a device. A class because it keeps the states of the model between runs.
public final class DeviceExecution: ModelExecution {
  private let program: Program
  private let device: any Device
  private let loaded: any LoadedProgram
  private let outputCount: Int
  private let initial: [Tensor]
  /// What the next run finds, in the order of the model's states.
  private var states: [Tensor] = []

  /// Loads a program into the simulator.
  ///
  /// - Parameter graph: the one that was lowered to the program.
  /// - Throws: a `Diagnostic` if it has no constants, `Diagnostics` if it is not sound.
  public convenience init(_ program: Program, of graph: Graph, keepsValues: Bool = false) throws {
    try self.init(
      program, states: graph.states.map(\.initial), on: Simulator(keepsValues: keepsValues))
  }

  /// Loads a program into a device.
  ///
  /// - Parameter states: what the first run finds in the states of the model, which are the last inputs and outputs of
  ///   the program.
  /// - Throws: a `Diagnostic` if a state has no data, or the device cannot run the program.
  public init(_ program: Program, states: [TensorData?], on device: any Device) throws {
    self.program = program
    self.device = device
    loaded = try device.load(program)
    outputCount = program.outputs.count - states.count
    initial = try zip(program.inputs.suffix(states.count), states).map { input, data in
      guard let data else { throw Diagnostic(.elidedState) }
      return Tensor(input.type, data)
    }
    reset()
  }

  public func reset() { states = initial }

  /// Loads the program once more.
  public func twin() throws -> any ModelExecution {
    try DeviceExecution(program, states: initial.map(\.data), on: device)
  }

  /// Runs the commands on the simulated memories.
  public func run(_ inputs: [Tensor]) throws -> NamedValues {
    let inputs = inputs + states
    let execution = try loaded.run(inputs)
    states = Array(execution.outputs[outputCount...])
    let outputs = zip(program.outputs, execution.outputs).prefix(outputCount).map(named)
    let values = execution.values.sorted { $0.key < $1.key }
      .map { named(program.values[$0.key], $0.value) }
    // The program's values are computed ones; its inputs are known to us anyhow.
    let given = values.isEmpty ? [] : zip(program.inputs, inputs).map(named)
    return NamedValues(outputs: outputs, values: given + values)
  }

  private func named(_ binding: Program.Binding, _ tensor: Tensor) -> NamedTensor {
    NamedTensor(name: binding.name, index: binding.index, tensor: tensor)
  }
}

extension Diagnostic.Message {
  fileprivate static var elidedState: Self {
    Self(id: "elided-program", .unsupported, "a state of the model has no data")
  }
}
