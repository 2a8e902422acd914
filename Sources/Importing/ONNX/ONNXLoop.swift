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

  private let node: ONNXNode
  private let body: ONNXSubgraph
  /// Whether the body takes the number of the round and a condition in front, and gives a condition.
  private let isLoop: Bool
  /// The most rounds there can be; nil where nothing limits them.
  private let limit: ValueID?
  /// Whether there is a first round; nil for yes.
  private let condition: ValueID?
  private let states: [ONNXValue]
  private let items: [Item]
  private let outputs: [Output]

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
    if let results = try unrolled(&builder) { return results }
    builder = before
    return try asWhile(&builder)
  }

  /// How many rounds there are at most, if that is known.
  private func roundCount(_ builder: ONNXGraphBuilder) -> Int? {
    if let item = items.first { return builder.shape(item.value)[item.axis] }
    let known = limit.flatMap { try? builder.integers($0, "the number of rounds").first }
    return known.map { min(max($0, 0), 1 << 40) }
  }

  /// The states and outputs among what the body gives.
  private func parts(_ results: [ONNXValue]) throws -> (states: [ONNXValue], outputs: [ValueID]) {
    let own = results.dropFirst(isLoop ? 1 : 0)
    let slices = try own.suffix(outputs.count).map { result in
      guard case .tensor(let id) = result else { throw Diagnostic(.listOutput(node.kind)) }
      return id
    }
    return (Array(own.dropLast(outputs.count)), slices)
  }

  /// Inserts the body.
  private func round(
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
  fileprivate func placed(_ axis: Int, rank: Int) throws -> Int {
    guard (-rank..<rank).contains(axis) else { throw Diagnostic(.outputAxis(axis, rank)) }
    return axis < 0 ? axis + rank : axis
  }

  /// The index of a round's slice.
  fileprivate mutating func place(_ step: ValueID, isReversed: Bool, of count: Int) throws
    -> ValueID
  {
    guard isReversed else { return step }
    return try apply(Subtract(), scalar(Double(count - 1), .i64), step)
  }
}

// MARK: A node with graphs

extension ONNXLoop {
  /// The loop as a `While`, whose operands are: the number of the round, whether there is another, the states, the outputs so
  /// far, and what the body reads of the graph around.
  private func asWhile(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let initial = try states.map { state in
      guard case .tensor(let id) = state else { throw Diagnostic(.dependsOnValues("`Loop`")) }
      return id
    }
    let rounds = roundCount(builder)
    guard outputs.isEmpty || rounds != nil else {
      throw Diagnostic(.dependsOnValues("how often `\(node.kind)` repeats its body"))
    }
    var graph = try WhileBody(
      builder, initial.map(builder.type), items: items.map(\.value), limit: limit)
    let inner = zip(items, graph.items).map {
      Item(value: $1, axis: $0.axis, isReversed: $0.isReversed)
    }
    let results = try round(
      graph.step, graph.states.map { .tensor($0) }, inner, count: rounds ?? 0, &graph.builder)
    let parts = try parts(results)
    let next = isLoop ? results[0] : nil
    guard outputs.isEmpty || (holds(condition, builder) && holds(next, graph.builder)) else {
      // A loop that may end before its limit gives fewer slices than there is room for.
      throw Diagnostic(.dependsOnValues("how often `Loop` repeats its body"))
    }
    let body = try graph.finished(
      next, parts.states, parts.outputs, outputs, rounds: rounds ?? 0)
    let buffers = body.buffers.map { type in
      builder.constant(Tensor(type, TensorData(byteCount: type.byteCount) { _ in }))
    }
    let operands =
      [builder.scalar(0, .i64), try first(&builder)] + initial + body.captured + buffers
    let op = While(
      condition: try decision(operands.map(builder.type), rounds),
      body: Subgraph(body.graph))
    let all = try builder.insert(op, operands)
    let last = all[2..<2 + initial.count].map { ONNXValue.tensor($0) }
    return try last
      + zip(all.suffix(outputs.count), outputs).map { value, output in
        .tensor(try builder.moved(value, to: output.axis))
      }
  }

  /// Whether a condition is known to hold, or is left out.
  private func holds(_ condition: ValueID?, _ builder: ONNXGraphBuilder) -> Bool {
    condition.map { builder.tensor($0)?.storedNumbers.first == 1 } ?? true
  }

  private func holds(_ condition: ONNXValue?, _ builder: ONNXGraphBuilder) -> Bool {
    guard case .tensor(let id) = condition else { return true }
    return holds(id, builder)
  }

  /// Whether there is a first round, apart from the limit.
  private func first(_ builder: inout ONNXGraphBuilder) throws -> ValueID {
    guard let condition else { return builder.scalar(1, .bool) }
    return try builder.reshape(condition, [])
  }

  /// Whether the condition holds and the number of rounds is not reached.
  private func decision(_ types: [TensorType], _ rounds: Int?) throws -> Subgraph {
    var inner = ONNXGraphBuilder(Graph(name: "condition"))
    let inputs = types.enumerated().map { inner.graph.addInput("x\($0)", $1) }
    var goesOn = inputs[1]
    if rounds != nil || limit != nil {
      // The limit is the first thing that the body reads of the graph around.
      let limit =
        rounds.map { inner.scalar(Double($0), .i64) } ?? inputs[2 + states.count]
      let isBelow = try inner.apply(
        Less(), inputs[0], inner.cast(inner.reshape(limit, []), to: .i64))
      goesOn = try inner.apply(LogicalAnd(), goesOn, isBelow)
    }
    inner.graph.setOutputs([try inner.computed(goesOn)])
    return Subgraph(inner.graph)
  }
}

extension ONNXGraphBuilder {
  /// The first axis in another place.
  fileprivate mutating func moved(_ value: ValueID, to axis: Int) throws -> ValueID {
    let rank = shape(value).rank
    let place = try placed(axis, rank: rank)
    var order = Array(1..<rank)
    order.insert(0, at: place)
    return try transpose(value, order)
  }
}

/// The body of a `While` under construction: what it takes, and then gives, one round further.
private struct WhileBody {
  var builder: ONNXGraphBuilder
  let step: ValueID
  let states: [ValueID]
  /// What rounds read slices of, as the body knows it.
  private(set) var items: [ValueID] = []

  struct Finished {
    let graph: Graph
    /// What the body reads of the graph around.
    let captured: [ValueID]
    /// The types of the outputs.
    let buffers: [TensorType]
  }

  init(
    _ outer: ONNXGraphBuilder, _ types: [TensorType], items: [ValueID], limit: ValueID?
  ) throws {
    var builder = ONNXGraphBuilder(
      Graph(name: "body"), captures: ONNXCaptures(outer.visibleValues, of: outer.graph))
    step = builder.graph.addInput("step", TensorType(.i64, []))
    _ = builder.graph.addInput("goes_on", TensorType(.bool, []))
    states = types.enumerated().map { builder.graph.addInput("state\($0)", $1) }
    self.builder = builder
    if let limit { _ = captured(limit) }
    self.items = try items.map { item in
      guard let found = captured(item) else { throw Diagnostic(.noState(0)) }
      return found
    }
  }

  private mutating func captured(_ id: ValueID) -> ValueID? {
    builder.captures?.capture(id, into: &builder.graph)
  }

  /// The graph, whose outputs are what the next round takes.
  mutating func finished(
    _ condition: ONNXValue?, _ results: [ONNXValue], _ slices: [ValueID],
    _ outputs: [ONNXLoop.Output], rounds: Int
  ) throws -> Finished {
    let outer = builder.captures?.captured ?? []
    let captured = Array(builder.graph.inputs.dropFirst(2 + states.count))
    var next = [try builder.apply(Add(), step, builder.scalar(1, .i64))]
    next.append(try truth(condition))
    for (state, result) in zip(states, results) {
      guard case .tensor(let id) = result, builder.type(id).matches(builder.type(state)) else {
        throw Diagnostic(.dependsOnValues("the shape of a state of a loop"))
      }
      next.append(id)
    }
    next += captured
    var buffers: [TensorType] = []
    for (slice, output) in zip(slices, outputs) {
      let (buffer, filled) = try fill(slice, output, rounds: rounds)
      buffers.append(builder.type(buffer))
      next.append(filled)
    }
    builder.graph.setOutputs(try next.map { try builder.computed($0) })
    return Finished(graph: builder.graph, captured: outer, buffers: buffers)
  }

  /// A single truth value; true where there is none.
  private mutating func truth(_ condition: ONNXValue?) throws -> ValueID {
    guard case .tensor(let id) = condition else { return builder.scalar(1, .bool) }
    return try builder.reshape(id, [])
  }

  /// A further input with room for the slices of all rounds, and the same with this round's slice.
  private mutating func fill(
    _ slice: ValueID, _ output: ONNXLoop.Output, rounds: Int
  ) throws -> (ValueID, ValueID) {
    let type = builder.type(slice)
    let quantization = type.quantization.flatMap { $0.isPerTensor ? $0 : nil }
    guard let shape = Shape(checking: [rounds] + type.shape.extents),
      type.element.byteCount(of: shape.elementCount) <= 1 << 30
    else { throw Diagnostic(.tooManyRounds(rounds)) }
    let buffer = builder.graph.addInput(
      "output", TensorType(type.element, shape, quantization))
    let place = try builder.place(step, isReversed: output.isReversed, of: rounds)
    let unit = builder.integers([1] + type.shape.extents.map { _ in 0 })
    let begin = try builder.apply(Multiply(), unit, place)
    let row = try builder.reshape(builder.retyped(slice, quantization), [1] + type.shape.extents)
    return (buffer, try builder.apply(DynamicUpdateSlice(), buffer, row, begin))
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

  fileprivate static func tooManyRounds(_ rounds: Int) -> Self {
    Self(
      id: "onnx-loop", .unsupported,
      "a loop of \(rounds) rounds gives more slices than fit into memory")
  }

  fileprivate static var sliceShapes: Self {
    Self(
      id: "onnx-loop", .malformed, "the rounds of a loop give slices of different shapes")
  }
}
