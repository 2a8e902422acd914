import GraphIR
import Operators
import Support
import Tensors

/// A graph of the file that is computed again and again: `Loop`, or `Scan`.
///
/// Its nodes are repeated where the number of rounds is known and there are not too many; else it becomes the body of a
/// `While`.
struct ONNXLoop {
  /// What each round reads a slice of.
  struct Item {
    let value: ValueID
    let axis: Int
    let isReversed: Bool
  }

  /// How the slices that rounds give are put together.
  struct Output {
    let axis: Int
    let isReversed: Bool
  }

  let node: ONNXNode
  let body: ONNXSubgraph
  /// Whether the body takes the number of the round and a condition in front, and gives a condition.
  let isLoop: Bool
  /// The most rounds there can be; nil where nothing limits them.
  let limit: ValueID?
  /// Whether there is a first round; nil for yes.
  let condition: ValueID?
  let states: [ONNXValue]
  let items: [Item]
  let outputs: [Output]

  /// Of `Loop`: a limit, a condition, and states.
  init(_ node: ONNXNode, _ builder: inout ONNXGraphBuilder) throws {
    self.node = node
    body = try node.graph("body")
    isLoop = true
    limit = try node.optional(0)
    condition = try node.optional(1)
    // There may be no limit, no condition and no state, but no gaps among states.
    states = try node.operands.dropFirst(2).enumerated().map { index, state in
      guard let state else { throw Diagnostic(.noState(index)) }
      return state
    }
    items = []
    let count = body.outputNames.count - 1 - states.count
    guard count >= 0 else { throw Diagnostic(.resultCount(body.outputNames.count, states.count)) }
    outputs = Array(repeating: Output(axis: 0, isReversed: false), count: count)
  }

  /// Of `Scan`: states, and operands to go over.
  init(
    _ node: ONNXNode, states: [ValueID], items: [Item], _ outputs: [Output],
    _ builder: ONNXGraphBuilder
  ) throws {
    self.node = node
    body = try node.graph("body")
    isLoop = false
    (limit, condition) = (nil, nil)
    self.states = states.map { .tensor($0) }
    self.items = items
    self.outputs = outputs
    let lengths = Set(items.map { builder.shape($0.value)[$0.axis] })
    guard lengths.count == 1, body.outputNames.count == states.count + outputs.count else {
      throw Diagnostic(.scanLengths(lengths.sorted()))
    }
  }

  /// Inserts nodes, and gives the last states and the outputs.
  func convert(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let before = builder
    let count = builder.budget.nodeCount
    if builder.budget.allowsAttempts, let results = try unrolled(&builder) { return results }
    builder = before
    builder.budget.giveUpNodes(from: count)
    return try asWhile(&builder)
  }

  /// How many rounds there are at most, if that is known.
  func roundCount(_ builder: ONNXGraphBuilder) -> Int? {
    if let item = items.first { return builder.shape(item.value)[item.axis] }
    let known = limit.flatMap { try? builder.integers($0, "the number of rounds").first }
    return known.map { min(max($0, 0), 1 << 40) }
  }

  /// The states and outputs among what the body gives.
  func parts(_ results: [ONNXValue]) throws -> (states: [ONNXValue], outputs: [ValueID]) {
    let own = results.dropFirst(isLoop ? 1 : 0)
    let slices = try own.suffix(outputs.count).map { result in
      guard case .tensor(let id) = result else { throw Diagnostic(.listOutput(node.kind)) }
      return id
    }
    return (Array(own.dropLast(outputs.count)), slices)
  }

  /// Inserts the body.
  func round(
    _ step: ValueID, _ states: [ONNXValue], _ items: [Item], count: Int,
    _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    if isLoop {
      // Within the body, the condition holds.
      let holds = builder.scalar(1, .bool)
      return try node.inline(body, [.tensor(step), .tensor(holds)] + states, &builder)
    }
    let slices = try items.map { item in
      try ONNXValue.tensor(
        builder.apply(
          Gather(axis: item.axis), item.value,
          builder.place(step, isReversed: item.isReversed, of: count)))
    }
    return try node.inline(body, states + slices, &builder)
  }
}

// MARK: Repeated nodes

extension ONNXLoop {
  /// The most nodes that rounds may add; those whose results are known add none.
  private static let maximumNodes = 4096
  /// The most rounds that are worth repeating.
  private static let maximumRounds = 1 << 16

  /// One copy of the body's nodes for each round; nil if it is not known how many there are, or there are too many.
  private func unrolled(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue]? {
    let limit = roundCount(builder)
    guard limit != nil || self.limit == nil else { return nil }
    var goesOn = true
    if let condition {
      guard let known = builder.tensor(condition) else { return nil }
      goesOn = known.storedNumbers.first ?? 0 != 0
    }
    let first = builder.graph.nodes.count
    var (states, slices) = (states, outputs.map { _ in [ValueID]() })
    var step = 0
    while goesOn, step < limit ?? .max {
      guard builder.graph.nodes.count - first <= Self.maximumNodes, step < Self.maximumRounds
      else { return nil }
      let results = try round(
        builder.scalar(Double(step), .i64), states, items, count: limit ?? 0, &builder)
      let parts = try parts(results)
      states = parts.states
      for (index, slice) in parts.outputs.enumerated() { slices[index].append(slice) }
      if isLoop, case .tensor(let condition) = results[0] {
        guard let known = builder.tensor(condition) else { return nil }
        goesOn = known.storedNumbers.first ?? 0 != 0
      }
      step += 1
    }
    let joined =
      try step == 0
      ? emptyOutputs(builder).map { builder.constant($0) }
      : zip(slices, outputs).map { try builder.joined($0, $1) }
    return states + joined.map { .tensor($0) }
  }

  /// Outputs of no rounds: a round that nothing is kept of tells the shapes of slices.
  private func emptyOutputs(_ builder: ONNXGraphBuilder) throws -> [Tensor] {
    guard !outputs.isEmpty else { return [] }
    var trial = builder
    let results = try round(trial.scalar(0, .i64), states, items, count: 1, &trial)
    return try zip(parts(results).outputs, outputs).map { slice, output in
      let type = trial.type(slice)
      var extents = type.shape.extents
      extents.insert(0, at: try trial.placed(output.axis, rank: extents.count + 1))
      return Tensor(
        TensorType(type.element, Shape(extents)), TensorData(byteCount: 0) { _ in })
    }
  }
}

extension ONNXGraphBuilder {
  /// Slices, one beside the other along a new axis.
  fileprivate mutating func joined(_ slices: [ValueID], _ output: ONNXLoop.Output) throws -> ValueID
  {
    let axis = try placed(output.axis, rank: (slices.first.map(shape)?.rank ?? 0) + 1)
    let ordered = output.isReversed ? slices.reversed() : slices
    guard Set(ordered.map(shape)).count == 1 else { throw Diagnostic(.sliceShapes) }
    // So many operands can a node have.
    let groups = stride(from: 0, to: ordered.count, by: 4096).map {
      Array(ordered[$0..<min($0 + 4096, ordered.count)])
    }
    let packed = try groups.map { try apply(Pack(axis: axis), $0) }
    return packed.count == 1 ? packed[0] : try apply(Concatenation(axis: axis), packed)
  }

  /// An axis of a tensor with that many, counted from the front.
  func placed(_ axis: Int, rank: Int) throws -> Int {
    guard (-rank..<rank).contains(axis) else { throw Diagnostic(.outputAxis(axis, rank)) }
    return axis < 0 ? axis + rank : axis
  }

  /// The index of a round's slice.
  mutating func place(_ step: ValueID, isReversed: Bool, of count: Int) throws
    -> ValueID
  {
    guard isReversed else { return step }
    return try apply(Subtract(), scalar(Double(count - 1), .i64), step)
  }
}

extension Diagnostic.Message {
  fileprivate static func noState(_ index: Int) -> Self {
    Self(id: "onnx-loop", .malformed, "state \(index) of a loop is left out")
  }

  fileprivate static func resultCount(_ results: Int, _ states: Int) -> Self {
    Self(
      id: "onnx-loop", .malformed,
      "the body of `Loop` gives \(results) results, fewer than a condition and \(states) states")
  }

  fileprivate static func scanLengths(_ lengths: [Int]) -> Self {
    Self(
      id: "onnx-scan", .malformed,
      "`Scan` goes over extents \(lengths), or gives another number of results than its body")
  }

  fileprivate static func listOutput(_ kind: String) -> Self {
    Self(id: "onnx-loop", .malformed, "the body of `\(kind)` gives a list as one of its slices")
  }

  fileprivate static func outputAxis(_ axis: Int, _ rank: Int) -> Self {
    Self(
      id: "onnx-scan", .malformed, "a result of `Scan` of rank \(rank) has no axis \(axis)")
  }

  fileprivate static var sliceShapes: Self {
    Self(
      id: "onnx-loop", .malformed, "the rounds of a loop give slices of different shapes")
  }
}
