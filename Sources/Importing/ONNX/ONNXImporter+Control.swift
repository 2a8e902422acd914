import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// Operators that hold graphs.
  static let control: [String: ONNXConverter] = [
    "If": { node, builder in try branch(node, &builder) },
    "Loop": { node, builder in try ONNXLoop(node, &builder).convert(&builder) },
    "Scan": { node, builder in
      node.version < 9
        ? try ONNXBatchedScan(node, builder).convert(&builder) : try scan(node, &builder)
    },
  ]

  // MARK: Branches

  /// The nodes of one branch, if it is known which; else both as graphs.
  private static func branch(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    let condition = try node.operand(0)
    guard builder.tensor(condition) == nil else {
      let isTrue = try builder.integers(condition, "the condition of `If`").first ?? 0 != 0
      return try node.inline(node.graph(isTrue ? "then_branch" : "else_branch"), [], &builder)
    }
    for name in ["then_branch", "else_branch"] { builder.captureNames(in: try node.graph(name)) }
    var (then, first) = try graph(of: node, "then_branch", [], builder)
    let (otherwise, all) = try graph(of: node, "else_branch", first, builder)
    // Both take what either of them reads.
    if all.count > first.count { (then, first) = try graph(of: node, "then_branch", all, builder) }
    guard then.types(of: then.outputs).matches(otherwise.types(of: otherwise.outputs)) else {
      throw Diagnostic(.dependsOnValues("which results `If` has"))
    }
    return try builder.insert(
      If(then: Subgraph(then), otherwise: Subgraph(otherwise)), [condition] + all
    ).map { .tensor($0) }
  }

  private static func graph(
    of node: ONNXNode, _ name: String, _ captures: [ValueID], _ builder: ONNXGraphBuilder
  ) throws -> (Graph, captured: [ValueID]) {
    try node.graph(node.graph(name), inputs: [], captures: captures, builder) { inner, results in
      try results.map { result in
        guard case .tensor(let id) = result else {
          throw Diagnostic(.dependsOnValues("how long a list `If` gives"))
        }
        return try inner.computed(id)
      }
    }
  }

  // MARK: Scans

  /// A loop over the slices of some operands.
  private static func scan(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    let operands = try node.allOperands()
    let form = try ONNXScanForm(node, operands.count)
    let items = try operands.suffix(form.itemCount).enumerated().map { index, value in
      ONNXLoop.Item(
        value: value,
        axis: try node.axis(form.inputAxes[index], rank: builder.shape(value).rank),
        isReversed: form.inputsAreReversed[index])
    }
    return try ONNXLoop(
      node, states: Array(operands.dropLast(form.itemCount)), items: items, form.outputs, builder
    ).convert(&builder)
  }
}

/// How a scan takes its operands apart and puts results together.
struct ONNXScanForm {
  let itemCount: Int
  let inputAxes: [Int]
  let inputsAreReversed: [Bool]
  /// The axis of each output, and whether it grows at its front.
  let outputs: [ONNXLoop.Output]

  init(_ node: ONNXNode, _ operandCount: Int) throws {
    itemCount = try node.integer("num_scan_inputs")
    guard itemCount > 0, itemCount <= operandCount else {
      throw Diagnostic(.itemCount(itemCount))
    }
    let states = operandCount - itemCount
    let outputCount = try max(0, node.graph("body").outputNames.count - states)
    // Version 8 has one list of directions, and no axes.
    let inputDirections = node.version < 9 ? "directions" : "scan_input_directions"
    inputAxes = try Self.list(node, "scan_input_axes", itemCount)
    inputsAreReversed = try Self.list(node, inputDirections, itemCount).map { $0 != 0 }
    let axes = try Self.list(node, "scan_output_axes", outputCount)
    let directions = try Self.list(node, "scan_output_directions", outputCount)
    outputs = zip(axes, directions).map { .init(axis: $0, isReversed: $1 != 0) }
  }

  private static func list(_ node: ONNXNode, _ name: String, _ count: Int) throws -> [Int] {
    let list = try node.integers(name) ?? Array(repeating: 0, count: count)
    guard list.count == count else { throw Diagnostic(.listLength(name, list.count, count)) }
    return list
  }
}

extension [TensorType] {
  /// Whether both lists have the same shapes and element types.
  func matches(_ other: [TensorType]) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.matches($1) }
  }
}

extension ONNXGraphBuilder {
  /// Brings in what a graph within a node may read, where this graph lies within a node itself: graphs see those around
  /// them, but not past these.
  mutating func captureNames(in subgraph: ONNXSubgraph) {
    guard captures != nil else { return }
    var graphs = [subgraph.message]
    while let graph = graphs.popLast() {
      for name in graph.node.flatMap(\.input) + graph.output.map(\.name) { _ = try? value(name) }
      graphs += graph.node.flatMap(\.attribute).filter(\.hasG).map(\.g)
    }
  }

  /// A value that a node computes, as outputs of graphs within nodes are.
  mutating func computed(_ id: ValueID) throws -> ValueID {
    try graph.producer(of: id) == nil ? copy(of: id) : id
  }
}

extension Diagnostic.Message {
  /// Something that only the elements of inputs decide.
  static func dependsOnValues(_ role: String) -> Self {
    Self(id: "depends-on-values", .unsupported, "\(role) depends on the values of inputs")
  }

  fileprivate static func itemCount(_ count: Int) -> Self {
    Self(id: "onnx-scan", .malformed, "`Scan` cannot go over \(count) of its operands")
  }

  fileprivate static func listLength(_ name: String, _ found: Int, _ expected: Int) -> Self {
    Self(
      id: "onnx-scan", .malformed,
      "`\(name)` of `Scan` has \(found) numbers, expected \(expected)")
  }
}
