import GraphIR
import Operators
import Support
import Tensors

extension ONNXLoop {
  /// The loop as a `While`, whose operands are: the number of the round, whether there is another, the states, the outputs so
  /// far, and what the body reads of the graph around.
  func asWhile(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let initial = try states.map { state in
      guard case .tensor(let id) = state else { throw Diagnostic(.dependsOnValues("`Loop`")) }
      return id
    }
    let rounds = roundCount(builder)
    guard outputs.isEmpty || rounds != nil else {
      throw Diagnostic(.dependsOnValues("how often `\(node.kind)` repeats its body"))
    }
    builder.captureNames(in: body)
    var graph = try WhileBody(
      builder, initial.map(builder.type), items: items.map(\.value), limit: limit)
    let inner = zip(items, graph.items).map {
      Item(value: $1, axis: $0.axis, isReversed: $0.isReversed)
    }
    let results = try round(
      graph.step, graph.states.map { .tensor($0) }, inner, count: rounds ?? 0, &graph.builder)
    let parts = try parts(results)
    let next = isLoop ? results[0] : nil
    let goesOn = holds(condition, builder) && holds(next, graph.builder)
    if let rounds, goesOn, rounds > While.maximumRounds {
      throw Diagnostic(.endless(rounds))
    }
    guard outputs.isEmpty || goesOn else {
      // A loop that may end before its limit gives fewer slices than there is room for.
      throw Diagnostic(.dependsOnValues("how often `Loop` repeats its body"))
    }
    let body = try graph.finished(
      next, parts.states, parts.outputs, outputs, rounds: rounds ?? 0)
    let buffers = try body.buffers.map { try builder.zeros($0) }
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
    var inner = ONNXGraphBuilder(Graph(name: "condition"), node.tensors.budget)
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
    var builder = try ONNXGraphBuilder(Graph(name: "body"), within: outer)
    step = builder.graph.addInput("step", TensorType(.i64, []))
    _ = builder.graph.addInput("goes_on", TensorType(.bool, []))
    states = types.enumerated().map { builder.graph.addInput("state\($0)", $1) }
    self.builder = builder
    if let limit { _ = captured(limit) }
    self.items = items.map { item in
      guard let found = captured(item) else {
        preconditionFailure("a body sees the graph around it")
      }
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
    guard let shape = Shape(checking: [rounds] + type.shape.extents),
      type.element.byteCount(of: shape.elementCount) <= 1 << 30,
      // Each round copies the slices of all.
      Work.product(rounds, type.element.byteCount(of: shape.elementCount)) <= 1 << 37
    else { throw Diagnostic(.tooManyRounds(rounds)) }
    let buffer = builder.graph.addInput("output", type.moved(into: shape))
    let place = try builder.place(step, isReversed: output.isReversed, of: rounds)
    let unit = builder.integers([1] + type.shape.extents.map { _ in 0 })
    let begin = try builder.apply(Multiply(), unit, place)
    let row = try builder.reshape(
      builder.retyped(slice, type.sharedQuantization), [1] + type.shape.extents)
    return (buffer, try builder.apply(DynamicUpdateSlice(), buffer, row, begin))
  }
}

extension Diagnostic.Message {
  fileprivate static func endless(_ rounds: Int) -> Self {
    Self(
      id: "endless-loop", .unsupported,
      "a loop of \(rounds) rounds has more than the \(While.maximumRounds) that there may be")
  }

  fileprivate static func tooManyRounds(_ rounds: Int) -> Self {
    Self(
      id: "onnx-loop", .unsupported,
      "a loop of \(rounds) rounds gives more slices than fit into memory")
  }
}
