import Support
import Tensors

/// A graph made ready to be computed: a kernel for each node, and a place in one block of memory for each value.
///
/// It holds no memory itself, so several runs may go on at once, each in a block of its own.
public struct PreparedGraph: Sendable {
  /// The graph that is computed; ids that methods take are its own.
  public let graph: Graph
  /// The size of the block that a run needs.
  public let byteCount: Int
  /// To what the address of the block must be a multiple.
  public static let alignment = 64
  private let steps: [Step]
  private let places: [ValueID: Place]

  private struct Step: Sendable {
    let kernel: Kernel
    let operands: [Place]
    let results: [Place]
  }

  /// Where the bytes of a value are during a run.
  private enum Place: Sendable {
    case constant(TensorData)
    case block(offset: Int, byteCount: Int)
  }

  /// Prepares every kernel and plans memory for all values that are live at once.
  ///
  /// - Parameter keepsEverything: whether every value can be read after a run, not only what leaves the graph.
  /// - Throws: a `Diagnostic` if a constant or a state is elided, a node cannot be computed, or there is not as
  ///   much memory.
  public init(_ graph: Graph, keepsEverything: Bool = false) throws {
    self.graph = graph
    try Self.checkData(of: graph)
    let lives = graph.liveness().sorted { $0.key < $1.key }
    let last = max(0, graph.order.count - 1)
    let blocks = lives.map { id, life in
      MemoryPlan.Block(
        byteCount: graph.values[id].type.byteCount,
        // A value that is kept is live to the end, so no other may lie in its place.
        life: keepsEverything ? 0...last : life)
    }
    let plan = MemoryPlan(blocks, alignment: Self.alignment)
    try MemoryLimit.check(plan.byteCount, for: "the values that are live at once")
    byteCount = max(1, plan.byteCount)
    places = Self.places(graph, lives.map(\.key), blocks, plan)
    steps = try graph.order.map { [places] id in
      let node = graph.nodes[id]
      let kernel = try locating(in: Diagnostic.Place(spot: graph.spot(of: id))) {
        try node.op.preparedKernel(for: graph.site(of: id))
      }
      return Step(
        kernel: kernel, operands: node.inputs.compactMap { places[$0] },
        results: node.results.compactMap { places[$0] })
    }
  }

  private static func checkData(of graph: Graph) throws {
    let constants = graph.usedConstants.filter { graph.constantData($0) == nil }
    let states = graph.states.filter { $0.initial == nil }.map(\.current)
    guard let elided = (constants + states).first else { return }
    throw Diagnostic(
      .elidedConstant(graph.values[elided].name),
      help: "give a model with its weights, or use a command that needs none")
  }

  private static func places(
    _ graph: Graph, _ ids: [ValueID], _ blocks: [MemoryPlan.Block], _ plan: MemoryPlan
  ) -> [ValueID: Place] {
    var places: [ValueID: Place] = [:]
    for (index, id) in ids.enumerated() {
      places[id] = .block(offset: plan.offsets[index], byteCount: blocks[index].byteCount)
    }
    for id in graph.usedConstants { places[id] = graph.constantData(id).map(Place.constant) }
    return places
  }

  /// The kernel of the node at a position of the graph's order.
  package func kernel(at step: Int) -> Kernel { steps[step].kernel }

  /// The graph with the addresses of all operands and results in a block, for runs that follow each other in it.
  ///
  /// - Precondition: `block` has `byteCount` bytes, aligned to `alignment`, and outlives what is returned.
  public func bound(to block: UnsafeMutableRawPointer) -> BoundGraph {
    BoundGraph(
      graph: graph,
      steps: steps.map { step in
        BoundGraph.Step(
          kernel: step.kernel, operands: step.operands.map { bytes(at: $0, in: block) },
          results: step.results.map { memory(at: $0, in: block) })
      })
  }

  /// The bytes of a value: of an entry before and of an exit after a run, of any value if everything is kept.
  ///
  /// - Precondition: the value is read or computed in the graph.
  public func bytes(of id: ValueID, in block: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    guard let place = places[id] else { preconditionFailure("value without memory") }
    return bytes(at: place, in: block)
  }

  /// Where an entry is written before a run.
  ///
  /// - Precondition: the value is no constant.
  public func memory(of id: ValueID, in block: UnsafeMutableRawPointer)
    -> UnsafeMutableRawBufferPointer
  {
    guard let place = places[id] else { preconditionFailure("value without memory") }
    return memory(at: place, in: block)
  }

  private func bytes(at place: Place, in block: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    switch place {
    case .constant(let data): data.bytes
    case .block(let offset, let byteCount):
      UnsafeRawBufferPointer(start: block + offset, count: byteCount)
    }
  }

  private func memory(at place: Place, in block: UnsafeMutableRawPointer)
    -> UnsafeMutableRawBufferPointer
  {
    guard case .block(let offset, let byteCount) = place else {
      preconditionFailure("a constant is not written")
    }
    return UnsafeMutableRawBufferPointer(start: block + offset, count: byteCount)
  }
}

/// A prepared graph in a block of memory.
public struct BoundGraph {
  fileprivate let graph: Graph
  fileprivate let steps: [Step]

  fileprivate struct Step {
    let kernel: Kernel
    let operands: [UnsafeRawBufferPointer]
    let results: [UnsafeMutableRawBufferPointer]
  }

  /// Computes all nodes.
  ///
  /// - Throws: a `Diagnostic` that names the node whose operands hold what cannot be computed.
  /// - Precondition: `memory(of:in:)` of each entry was written, and no other run is in the block.
  public func run(workers: Workers) throws {
    for (index, step) in steps.enumerated() {
      do {
        try step.kernel.run(step.operands, step.results, workers)
      } catch let problem as Diagnostic {
        throw problem.located(in: Diagnostic.Place(spot: graph.spot(of: graph.order[index])))
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func elidedConstant(_ name: String) -> Self {
    Self(id: "elided-constant", .unsupported, "constant `\(name)` has no data")
  }
}
