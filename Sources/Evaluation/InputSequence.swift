import GraphIR
import Support
import Tensors

/// The inputs of one run, or of several steps that follow each other.
public struct InputSequence: Sendable {
  /// Whether the inputs came with a leading axis of steps.
  public let hasStepAxis: Bool
  /// The number of steps; 1 where there is no axis of steps.
  public let count: Int
  /// The names of inputs for which nothing was given, and which therefore hold noise.
  public let generated: [String]
  private let steps: [[Tensor]]

  /// - Parameters:
  ///   - given: tensors by input name, with a leading axis of `steps` if that is not nil.
  ///   - seed: of the noise for the other inputs.
  /// - Throws: a `Diagnostic` if a name is not that of an input, or a tensor does not fit.
  public init(
    _ graph: Graph, given: [(name: String, tensor: Tensor)], steps: Int?, seed: UInt64
  ) throws {
    hasStepAxis = steps != nil
    count = steps ?? 1
    try Self.checkMemory(graph, count)
    let perStep = try given.map { name, tensor in
      (name, try steps.map { try tensor.split(into: $0) } ?? [tensor])
    }
    // Steps are so far apart that no input's seed is that of another input in another step.
    let bindings = try (0..<count).map { step in
      try InputBinding(
        graph, given: perStep.map { ($0.0, $0.1[step]) }, seed: seed &+ UInt64(step) << 32)
    }
    self.steps = bindings.map(\.tensors)
    generated = bindings.first?.generated ?? []
  }

  /// Refuses more steps than can be held, for inputs and outputs of all of them exist at once.
  private static func checkMemory(_ graph: Graph, _ count: Int) throws {
    let bytes = (graph.inputs + graph.outputs).map { graph.values[$0].type.byteCount }.reduce(0, +)
    // Tensors without elements take memory, too.
    let (all, overflows) = count.multipliedReportingOverflow(by: max(16, bytes))
    try MemoryLimit.check(
      overflows ? .max : all, for: "the inputs and outputs of \(count) steps",
      help: "run fewer steps at a time")
  }

  /// The inputs of a step, in the graph's order.
  public subscript(step: Int) -> [Tensor] { steps[step] }
}

extension Tensor {
  /// The parts along the first axis, which must have `count` indices.
  fileprivate func split(into count: Int) throws -> [Tensor] {
    guard let first = type.shape.extents.first, first == count, type.element.bitWidth >= 8 else {
      throw Diagnostic(
        .noStepAxis(type.shape, count),
        help: "the first axis counts the steps, the rest is the input")
    }
    let part = type.with(shape: Shape(Array(type.shape.extents.dropFirst())))
    return (0..<count).map { Tensor(part, at: $0, of: data.bytes) }
  }
}

extension Diagnostic.Message {
  fileprivate static func noStepAxis(_ shape: Shape, _ steps: Int) -> Self {
    Self(
      id: "no-step-axis", .malformed,
      "an input file has the shape \(shape), whose first axis does not count \(steps) steps")
  }
}
