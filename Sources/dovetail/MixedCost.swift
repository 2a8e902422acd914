import ArgumentParser
import GraphIR
import Hardware
import Lowering
import Passes
import Quantization
import Simulation

/// What a choice of schemes makes least.
enum MixedCost: String, ExpressibleByArgument, CaseIterable {
  /// Cycles of the simulated target.
  case latency
  /// Bytes that the simulated target moves to and from its memories.
  case traffic
  /// What moving bytes and multiplying take, by the target's figures.
  case energy
  /// Bytes of weights.
  case size

  var unit: String {
    switch self {
    case .latency: "cycles"
    case .traffic, .size: "bytes"
    case .energy: "nanojoules"
    }
  }
}

/// What quantized networks cost on a target, simulated as a whole: with conversions between layers, and what the host does.
struct SimulatedCost {
  let target: Target
  /// Not `size`.
  let cost: MixedCost
  /// What programs are made to have least of.
  let objective: Objective

  /// What a program costs, and what of it each of its layers does.
  struct Bill {
    let total: Double
    /// By position of an operator in the model file: the layer of the program that does its work.
    let layers: [(sources: Set<Int>, cost: Double)]
  }

  /// - Throws: a `Diagnostic` if the target has no figures for what is counted.
  init(_ target: Target, _ cost: MixedCost, _ objective: Objective) throws {
    self.target = target
    self.cost = cost
    self.objective = objective
    if cost == .energy { try Objective.energy.check(target.description) }
  }

  /// The bill of a quantized network, compiled with integers at its inputs and outputs.
  func bill(of model: QuantizedModel) throws -> Bill {
    var graph = try model.integerGraph(hasIntegerPorts: true)
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: target.description, for: objective)
    let layers = zip(program.layers, Timeline(of: program).layers).map { layer, found in
      (sources: Set(layer.sources.map(\.index)), cost: cost(of: layer, found))
    }
    return Bill(total: layers.map(\.cost).reduce(0, +), layers: layers)
  }

  private func cost(of layer: Program.Layer, _ found: LayerCost) -> Double {
    switch cost {
    case .latency: Double(found.latencyCycles)
    case .traffic, .size: Double(bytes(layer, found).reduce(0, +))
    case .energy: energy(layer, found)
    }
  }

  /// Bytes that a layer moves to and from each memory.
  ///
  /// Of the host a timeline counts each operand once, as it knows nothing of how the host works. But the host has no buffer
  /// for blocks: it reads two operands of a byte or more for each multiply-accumulate. Without these a layer would seem
  /// to move fewer bytes where the NPU cannot run it.
  private func bytes(_ layer: Program.Layer, _ found: LayerCost) -> [Int] {
    var bytes = zip(found.readBytes, found.writtenBytes).map { $0 + $1 }
    if layer.engine == .host, let memory = target.description.memory(holding: .activations) {
      bytes[memory] = max(bytes[memory], 2 * layer.work.macs)
    }
    return bytes
  }

  /// In nanojoules; what the host computes counts as on the NPU, which takes less for it.
  private func energy(_ layer: Program.Layer, _ found: LayerCost) -> Double {
    let moved = zip(target.description.memories, bytes(layer, found)).map { memory, bytes in
      (memory.picojoulesPerByte ?? 0) * Double(bytes)
    }
    let computed = (target.description.array.picojoulesPerMac ?? 0) * Double(layer.work.macs)
    return (moved.reduce(0, +) + computed) / 1000
  }
}
