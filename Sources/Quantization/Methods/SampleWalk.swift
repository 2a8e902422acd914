import Evaluation
import GraphIR
import Support
import Tensors

/// A graph computed for several samples at once, a few nodes after the other, so that what comes later can depend on what all samples
/// gave before.
///
/// Memory is that of the samples' values that are still to be read.
struct SampleWalk {
  private let graph: Graph
  private let workers: Workers
  /// For each value that is still to be read, what it is in each sample.
  private var live: [ValueID: [TensorData]] = [:]
  /// By position in the order, the values that no later node reads.
  private let lastReads: [[ValueID]]
  private var position = 0

  /// - Parameter samples: one tensor for each of the graph's inputs.
  init(_ graph: Graph, _ samples: [[Tensor]], _ workers: Workers) {
    (self.graph, self.workers) = (graph, workers)
    for (index, input) in graph.inputs.enumerated() {
      live[input] = samples.map { $0[index].data }
    }
    for state in graph.states {
      live[state.current] = state.initial.map { initial in samples.map { _ in initial } }
    }
    lastReads = Self.lastReads(of: graph)
  }

  private static func lastReads(of graph: Graph) -> [[ValueID]] {
    var seen: Set<ValueID> = []
    return graph.order.reversed().map { node in
      (graph.nodes[node].inputs + graph.nodes[node].results).filter {
        !graph.isConstant($0) && seen.insert($0).inserted
      }
    }.reversed()
  }

  /// Computes the nodes before one.
  mutating func advance(to node: NodeID) throws {
    guard let end = graph.order.firstIndex(of: node), end > position else { return }
    try run(through: end)
  }

  /// Computes the next node with other constants as operands, by their numbers.
  mutating func step(replacing operands: [Int: [Float]]) throws {
    try run(through: position + 1, replacing: operands)
  }

  /// The mean over samples of each element of a value; nil for one that was not computed, or is not read any more.
  func mean(of value: ValueID) -> [Float]? {
    guard let samples = live[value], !samples.isEmpty else { return nil }
    var sums = [Double](repeating: 0, count: graph.values[value].type.elementCount)
    for sample in samples { sums.add(sample.bytes.bindMemory(to: Float.self)) }
    return sums.map { Float($0 / Double(samples.count)) }
  }

  private mutating func run(through end: Int, replacing operands: [Int: [Float]] = [:]) throws {
    let part = try GraphPart(graph, position..<end, replacing: operands)
    let read = Set(lastReads[position..<end].joined())
    let evaluator = try Evaluator(part.graph)
    let count = live.values.first?.count ?? 0
    for sample in 0..<count {
      evaluator.reset()
      let inputs = part.inputs.map {
        Tensor(graph.values[$0].type, live[$0]?[sample] ?? TensorData([UInt8]()))
      }
      try evaluator.run(inputs, workers: workers)
      for (value, output) in zip(part.outputs, part.graph.outputs) where !read.contains(value) {
        live[value, default: []].append(evaluator.value(output).data)
      }
    }
    for value in read { live[value] = nil }
    position = end
  }
}

/// Neighbouring nodes of a graph as a graph of their own.
private struct GraphPart {
  private(set) var graph = Graph(name: "part")
  /// What the nodes read from before them, and what they give, as values of the whole.
  private(set) var inputs: [ValueID] = []
  private(set) var outputs: [ValueID] = []
  private var copies: [ValueID: ValueID] = [:]

  /// - Parameter operands: numbers for constants of the first node.
  init(_ whole: Graph, _ positions: Range<Int>, replacing operands: [Int: [Float]]) throws {
    for position in positions {
      let node = whole.nodes[whole.order[position]]
      var read = node.inputs.map { copy(of: $0, in: whole) }
      for (operand, numbers) in operands where position == positions.lowerBound {
        let value = whole.values[node.inputs[operand]]
        read[operand] = graph.addConstant(value.name, value.type, TensorData(numbers))
      }
      let results = try graph.insert(node.op, read, results: whole.types(of: node.results))
      for (old, new) in zip(node.results, results) { copies[old] = new }
      outputs += node.results
    }
    graph.setOutputs(outputs.compactMap { copies[$0] })
  }

  private mutating func copy(of value: ValueID, in whole: Graph) -> ValueID {
    if let copy = copies[value] { return copy }
    let (name, type) = (whole.values[value].name, whole.values[value].type)
    let copy: ValueID
    if whole.isConstant(value) {
      copy = graph.addConstant(name, type, whole.constantData(value))
    } else {
      copy = graph.addInput(name, type)
      inputs.append(value)
    }
    copies[value] = copy
    return copy
  }
}

extension [Double] {
  /// Adds numbers to sums that lie as they do.
  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    withUnsafeMutableBufferPointer { sums in
      for index in 0..<Swift.min(sums.count, numbers.count) {
        sums[index] += Double(numbers[index])
      }
    }
  }
}
