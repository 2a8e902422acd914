import Evaluation
import GraphIR
import Hardware
import Lowering
import Simulation
import Support
import TestSupport
import Tensors

/// Targets that the tests lower to.
enum TestTarget {
  /// A target of the repository.
  static func make(_ name: String = "ethos-u55-128") throws -> TargetDescription {
    try Target(TargetVariant.path(of: name)).description
  }

  /// Ethos-U55-128 with parts of its file replaced.
  static func make(replacing parts: KeyValuePairs<String, String>) throws -> TargetDescription {
    try TargetVariant.withFile(TargetVariant.text(replacing: parts)) {
      try Target($0).description
    }
  }

  /// With a fast memory of so many bytes.
  static func make(sramBytes: Int) throws -> TargetDescription {
    try make(replacing: ["bytes: 4194304": "bytes: \(sramBytes)"])
  }
}

extension Graph {
  /// Where the program for `target` differs from the CPU reference, on seeded inputs: in any bit of any value.
  func disagreements(
    on target: TargetDescription, for objective: Objective = .latency, seed: UInt64 = 1
  ) throws -> [String] {
    let program = try Program(lowering: self, to: target, for: objective)
    let problems = program.verify()
    guard problems.isEmpty else { return problems.map(\.description) }
    let tensors = inputs.enumerated().map { position, id in
      Tensor.random(values[id].type, seed: seed &+ UInt64(position))
    }
    // No model here has elided states.
    let states = states.map { Tensor(values[$0.current].type, $0.initial!) }
    let execution = try Simulator(keepsValues: true).load(program).run(tensors + states)
    let evaluator = try Evaluator(self, keeping: .everything)
    try evaluator.run(tensors)
    return outputDisagreements(execution, evaluator)
      + valueDisagreements(program, execution, evaluator)
  }

  private func outputDisagreements(_ execution: Execution, _ evaluator: Evaluator) -> [String] {
    zip(exits, execution.outputs).enumerated().compactMap { position, pair in
      difference(evaluator.value(pair.0), pair.1, relative: 0).map { "output \(position): \($0)" }
    }
  }

  /// Of values that are only kept in part, the outputs tell.
  private func valueDisagreements(
    _ program: Program, _ execution: Execution, _ evaluator: Evaluator
  ) -> [String] {
    let ids = Dictionary(
      uniqueKeysWithValues: order.flatMap { nodes[$0].results }.map { (values[$0].name, $0) })
    return program.values.enumerated().compactMap { position, binding in
      guard let id = ids[binding.name], let found = execution.values[position] else {
        return "value \(binding.name) is missing"
      }
      return difference(evaluator.value(id), found, relative: 0).map {
        "value \(binding.name): \($0)"
      }
    }
  }
}
