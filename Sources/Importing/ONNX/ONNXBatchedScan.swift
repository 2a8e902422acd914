import GraphIR
import Operators
import Support
import Tensors

/// A `Scan` of version 8: the operands' first axis is that of a batch, each part of which is a scan of its own.
struct ONNXBatchedScan {
  private let node: ONNXNode
  private let form: ONNXScanForm
  /// States, and behind them what is gone over.
  private let operands: [ValueID]
  /// How many slices each part has that count.
  private let lengths: [Int]
  /// How many slices each part has room for.
  private let longest: Int

  /// - Throws: a `Diagnostic` if operands have no batch in common, or lengths are no constants or out of range.
  init(_ node: ONNXNode, _ builder: ONNXGraphBuilder) throws {
    operands = try (1..<max(node.operandCount, 1)).map { try node.operand($0) }
    form = try ONNXScanForm(node, operands.count)
    self.node = node
    let extents = operands.map { builder.shape($0).extents }
    guard let batches = extents.first?.first, batches > 0,
      extents.allSatisfy({ $0.first == batches }), let items = extents.last, items.count > 1
    else { throw Diagnostic(.noBatch) }
    guard batches <= 4096 else { throw Diagnostic(.batchCount(batches)) }
    longest = items[1]
    lengths =
      try node.optional(0).map { try builder.integers($0, "the lengths of `Scan`") }
      ?? Array(repeating: items[1], count: batches)
    guard lengths.count == batches, lengths.allSatisfy({ (0...items[1]).contains($0) }) else {
      throw Diagnostic(.lengths(lengths, batches, items[1]))
    }
  }

  /// Inserts nodes, and gives the last states and the outputs.
  func convert(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let results = try lengths.indices.map { try part($0, &builder) }
    return try results[0].indices.map { position in
      .tensor(try builder.apply(Pack(axis: 0), results.map { $0[position] }))
    }
  }

  /// The results of one part of the batch. Behind its length, outputs are 0; what is gone over in reverse begins there.
  private func part(_ batch: Int, _ builder: inout ONNXGraphBuilder) throws -> [ValueID] {
    let index = builder.scalar(Double(batch), .i64)
    let own = try operands.map { try builder.apply(Gather(axis: 0), $0, index) }
    let isEmpty = lengths[batch] == 0 && longest > 0
    let results =
      try isEmpty ? withoutRounds(own, &builder) : scan(own, lengths[batch], &builder)
    let states = own.count - form.itemCount
    return try results.prefix(states)
      + results.dropFirst(states).map { try builder.lengthened($0, to: longest) }
  }

  /// The states as they are, and outputs without elements: a round that nothing is kept of tells their types.
  private func withoutRounds(
    _ own: [ValueID], _ builder: inout ONNXGraphBuilder
  ) throws -> [ValueID] {
    let states = own.dropLast(form.itemCount)
    var trial = builder
    let types = try scan(own, 1, &trial).dropFirst(states.count).map { trial.type($0) }
    return try states
      + types.map { type in
        try builder.zeros(
          TensorType(type.element, Shape([0] + type.shape.extents.dropFirst())))
      }
  }

  private func scan(
    _ own: [ValueID], _ length: Int, _ builder: inout ONNXGraphBuilder
  ) throws -> [ValueID] {
    let items = try own.suffix(form.itemCount).enumerated().map { index, value in
      _ = try node.axis(0, rank: builder.shape(value).rank)
      return ONNXLoop.Item(
        value: try builder.shortened(value, to: length), axis: 0,
        isReversed: form.inputsAreReversed[index])
    }
    let results = try ONNXLoop(
      node, states: Array(own.dropLast(form.itemCount)), items: items, form.outputs, builder
    ).convert(&builder)
    return results.compactMap { if case .tensor(let id) = $0 { id } else { nil } }
  }
}

extension ONNXGraphBuilder {
  /// The first elements along the first axis.
  fileprivate mutating func shortened(_ value: ValueID, to length: Int) throws -> ValueID {
    let extents = shape(value).extents
    guard length < extents[0] else { return value }
    return try apply(
      StridedSlice(begin: extents.map { _ in 0 }, size: [length] + extents.dropFirst()), value)
  }

  /// With zeros behind the elements along the first axis.
  fileprivate mutating func lengthened(_ value: ValueID, to length: Int) throws -> ValueID {
    let extents = shape(value).extents
    let none = extents.map { _ in 0 }
    return try pad(value, before: none, after: [length - extents[0]] + none.dropFirst())
  }
}

extension Diagnostic.Message {
  fileprivate static var noBatch: Self {
    Self(id: "onnx-scan", .malformed, "the operands of `Scan` have no batch in common")
  }

  fileprivate static func batchCount(_ count: Int) -> Self {
    Self(id: "onnx-scan", .unsupported, "`Scan` of a batch of \(count) is not supported")
  }

  fileprivate static func lengths(_ lengths: [Int], _ batches: Int, _ longest: Int) -> Self {
    Self(
      id: "onnx-scan", .malformed,
      "`Scan` over a batch of \(batches) sequences of up to \(longest) has the lengths \(lengths)")
  }
}
