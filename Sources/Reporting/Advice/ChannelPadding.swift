import GraphIR
import Operators
import Support
import Tensors

extension Graph {
  /// A copy in which the values of a group have more channels, which hold zeros; it computes the same otherwise.
  ///
  /// - Throws: a `Diagnostic` if an operator refuses what it then gets.
  package func padding(_ group: ChannelGroup, to channels: Int) throws -> Graph {
    var padding = ChannelPadding(self, group, channels)
    return try padding.run()
  }
}

/// Builds the padded copy node by node.
private struct ChannelPadding {
  private let source: Graph
  private let padded: Set<ValueID>
  private let channels: Int
  private var graph: Graph
  /// The copies of values that were reached.
  private var copies: [ValueID: ValueID] = [:]

  init(_ source: Graph, _ group: ChannelGroup, _ channels: Int) {
    self.source = source
    self.channels = channels
    padded = Set(group.values)
    graph = Graph(name: source.name)
  }

  mutating func run() throws -> Graph {
    for input in source.inputs {
      let value = source.values[input]
      copies[input] = graph.addInput(value.name, type(of: input), sourceIndex: value.sourceIndex)
    }
    for state in source.states {
      let value = source.values[state.current]
      copies[state.current] = graph.addState(
        value.name, value.type, initial: state.initial, sourceIndex: value.sourceIndex)
    }
    for node in source.order { try copy(node) }
    graph.setOutputs(source.outputs.map { copy(of: $0) })
    for state in source.states {
      graph.setNext(of: copy(of: state.current), to: copy(of: state.next))
    }
    graph.absorb(source.eliminated, into: nil)
    return graph
  }

  private func type(of value: ValueID) -> TensorType {
    let type = source.values[value].type
    return padded.contains(value) ? type.padded(axis: 3, to: channels) : type
  }

  private mutating func copy(_ node: NodeID) throws {
    let original = source.nodes[node]
    var operands = original.inputs.map { copy(of: $0) }
    let readsPadded = original.inputs.first.map(padded.contains) ?? false
    if original.op is Conv2D {
      if readsPadded { pad(&operands[1], axis: 3) }
      if padded.contains(original.results[0]) {
        for position in operands.indices.dropFirst() { pad(&operands[position], axis: 0) }
      }
    } else if original.op is DepthwiseConv2D, readsPadded {
      pad(&operands[1], axis: 3)
      for position in operands.indices.dropFirst(2) { pad(&operands[position], axis: 0) }
    }
    let results = try graph.insert(
      original.op, operands, results: original.results.map { type(of: $0) }, from: original.sources)
    for (old, new) in zip(original.results, results) {
      graph.rename(new, source.values[old].name, sourceIndex: source.values[old].sourceIndex)
      copies[old] = new
    }
  }

  /// The copy of a value that was reached, or of a constant.
  private mutating func copy(of value: ValueID) -> ValueID {
    if let known = copies[value] { return known }
    let original = source.values[value]
    let copy = graph.addConstant(
      original.name, original.type, source.constantData(value), sourceIndex: original.sourceIndex)
    copies[value] = copy
    return copy
  }

  /// Lets an operand be a constant with more indices along an axis.
  private mutating func pad(_ operand: inout ValueID, axis: Int) {
    let value = graph.values[operand]
    let data = graph.constantData(operand)?.padded(value.type, axis: axis, to: channels)
    operand = graph.addConstant(value.name, value.type.padded(axis: axis, to: channels), data)
  }
}

extension TensorType {
  /// The type with another extent along an axis. What is added has the last scale and zero point there are.
  fileprivate func padded(axis: Int, to extent: Int) -> TensorType {
    var extents = shape.extents
    extents[axis] = extent
    guard let quantization, quantization.axis == axis else {
      return TensorType(element, Shape(extents), quantization)
    }
    func extended<Element>(_ list: [Element]) -> [Element] {
      list + Array(repeating: list[list.count - 1], count: extent - list.count)
    }
    return TensorType(
      element, Shape(extents),
      Quantization(
        axis: axis, scales: extended(quantization.scales),
        zeroPoints: extended(quantization.zeroPoints)))
  }
}

extension TensorData {
  /// The elements with zero points, which stand for zero, behind the others along an axis.
  ///
  /// - Precondition: elements are whole bytes, and there is one zero point.
  fileprivate func padded(_ type: TensorType, axis: Int, to extent: Int) -> TensorData {
    let size = byteCount / max(1, type.elementCount)
    let inner = size * type.shape.extents.dropFirst(axis + 1).reduce(1, *)
    let (old, new) = (inner * type.shape[axis], inner * extent)
    let zero = size == 1 ? UInt8(truncatingIfNeeded: type.quantization?.zeroPoint ?? 0) : 0
    return TensorData(byteCount: byteCount / max(1, old) * new) { memory in
      memory.initializeMemory(as: UInt8.self, repeating: zero)
      for run in 0..<byteCount / max(1, old) {
        let part = UnsafeRawBufferPointer(rebasing: bytes[run * old..<(run + 1) * old])
        UnsafeMutableRawBufferPointer(rebasing: memory[run * new..<run * new + old])
          .copyMemory(from: part)
      }
    }
  }
}
