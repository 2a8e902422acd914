import GraphIR
import Support
import Tensors

/// What a graph is to compute: tensors for its inputs, from files or seeded noise.
public struct InputBinding: Sendable {
  /// One tensor per input of the graph, in its order.
  public let tensors: [Tensor]
  /// The names of inputs for which nothing was given, and which therefore hold noise.
  public let generated: [String]

  /// - Parameters:
  ///   - given: tensors by input name. The name may be empty if the graph has a single input.
  ///   - seed: of the noise for the other inputs.
  /// - Throws: a `Diagnostic` if a name is not that of an input, or a tensor does not fit.
  public init(_ graph: Graph, given: [(name: String, tensor: Tensor)], seed: UInt64) throws {
    var byInput: [ValueID: Tensor] = [:]
    for (name, tensor) in given {
      let id = try Self.input(named: name, of: graph)
      byInput[id] = try Self.fit(tensor, to: graph.values[id])
    }
    let missing = graph.inputs.filter { byInput[$0] == nil }
    // Noise is drawn as numbers of 8 bytes.
    let elementCount = missing.map { graph.values[$0].type.elementCount }.reduce(0, +)
    try MemoryLimit.check(8 * elementCount, for: "the inputs for which nothing is given")
    tensors = graph.inputs.enumerated().map { position, id in
      // Inputs get different noise, and the same one whichever of the others are given.
      byInput[id] ?? .random(graph.values[id].type, seed: seed &+ UInt64(position))
    }
    generated = missing.map { graph.values[$0].name }
  }

  /// The input that `name` means, which may be empty if there is a single one.
  static func input(named name: String, of graph: Graph) throws -> ValueID {
    let names = graph.inputs.map { graph.values[$0].name }
    if name.isEmpty, graph.inputs.count == 1 { return graph.inputs[0] }
    guard let position = names.firstIndex(of: name) else {
      throw Diagnostic(
        .noSuchInput(name),
        help: "the inputs are \(names.map { "`\($0)`" }.joined(separator: ", "))")
    }
    return graph.inputs[position]
  }

  private static func fit(_ tensor: Tensor, to value: Value) throws -> Tensor {
    guard tensor.type.element == value.type.element, tensor.type.shape.isAlike(value.type.shape)
    else {
      throw Diagnostic(
        .inputType(value.name, found: tensor.type, expected: value.type),
        help: tensor.type.element == value.type.element
          ? "give as many elements along each axis; axes of a single element may be left out"
          : "quantized inputs are given as the integers that the model reads")
    }
    return Tensor(value.type, tensor.data)
  }
}

extension Shape {
  /// Whether elements lie alike: axes of extent 1, such as that of a batch, may be left out or added.
  func isAlike(_ other: Shape) -> Bool {
    extents.filter { $0 != 1 } == other.extents.filter { $0 != 1 }
  }
}

extension Diagnostic.Message {
  fileprivate static func noSuchInput(_ name: String) -> Self {
    Self(
      id: "no-such-input", .usage,
      name.isEmpty ? "the model has several inputs: name each" : "there is no input `\(name)`")
  }

  fileprivate static func inputType(_ name: String, found: TensorType, expected: TensorType) -> Self
  {
    Self(
      id: "input-type", .malformed,
      "input `\(name)` is \(expected.element.rawValue)\(expected.shape), the file holds "
        + "\(found.element.rawValue)\(found.shape)")
  }
}
