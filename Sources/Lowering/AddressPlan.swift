import GraphIR
import Hardware
import Support
import Tensors

/// Where values and staged constants lie in the memory for activations; and where it has no room for all of them, those
/// values that only the host touches in a memory of its own.
struct AddressPlan {
  /// The memory for activations and staged constants.
  let memory: Int
  let plan: MemoryPlan
  private let blocks: [MemoryPlan.Block]
  /// Where the planned part of the memory begins: behind the constants, if they are in the same memory.
  let base: Int
  /// The memory for values of the host, and their places there; nil where all lie with the others.
  let host: (memory: Int, plan: MemoryPlan)?
  private var hostValues: [ValueID: Int] = [:]
  private var values: [ValueID: Int] = [:]
  private var staged: [Int: Int] = [:]
  private let roots: [ValueID: ValueID]
  private let graph: Graph

  /// - Parameters:
  ///   - layers: the layers, in order.
  ///   - stagedBytes: for each layer the bytes of constants to stage, 0 for none.
  ///   - lookahead: how many layers before its own a layer's constants may be on their way.
  ///   - roots: the value whose memory a value shares, for those that are merely seen in another shape.
  ///   - base: a multiple of the alignment, below which nothing is placed.
  ///   - hostMemory: where values of the host go; nil to leave them with the others.
  init(
    _ graph: Graph, _ layers: [LayerPlan], stagedBytes: [Int], lookahead: Int,
    roots: [ValueID: ValueID], memory: Int, base: Int, hostMemory: Int? = nil
  ) {
    self.memory = memory
    self.base = base
    self.roots = roots
    self.graph = graph
    let all = Self.lives(graph, layers, roots).sorted { $0.key < $1.key }
    let touched = hostMemory == nil ? [] : Self.valuesOfNPU(graph, layers, roots)
    let lives = hostMemory == nil ? all : all.filter { touched.contains($0.key) }
    var blocks = Self.blocks(lives, of: graph)
    for (position, entry) in lives.enumerated() { values[entry.key] = position }
    let others = hostMemory == nil ? [] : all.filter { !touched.contains($0.key) }
    for (position, entry) in others.enumerated() { hostValues[entry.key] = position }
    host = hostMemory.map {
      ($0, MemoryPlan(Self.blocks(others, of: graph), alignment: ConstantImage.alignment))
    }
    for (layer, bytes) in stagedBytes.enumerated() where bytes > 0 {
      staged[layer] = blocks.count
      let life = max(0, layer - lookahead)...layer
      blocks.append(MemoryPlan.Block(byteCount: bytes, life: life))
    }
    self.blocks = blocks
    plan = MemoryPlan(blocks, alignment: ConstantImage.alignment)
  }

  private static func blocks(
    _ lives: [(key: ValueID, value: ClosedRange<Int>)], of graph: Graph
  ) -> [MemoryPlan.Block] {
    lives.map { id, life in
      MemoryPlan.Block(byteCount: graph.values[id].type.byteCount, life: life)
    }
  }

  /// The bytes of a computed value, an input or a state.
  func span(of value: ValueID) -> Span? {
    let root = roots[value] ?? value
    let byteCount = graph.values[value].type.byteCount
    if let position = values[root] {
      return Span(memory: memory, address: base + plan.offsets[position], byteCount: byteCount)
    }
    guard let host, let position = hostValues[root] else { return nil }
    return Span(memory: host.memory, address: host.plan.offsets[position], byteCount: byteCount)
  }

  /// How much of a memory values and staged constants take: its end, and the least that any plan would take.
  func use(of memory: Int) -> (end: Int, lowerBound: Int) {
    if memory == self.memory { return (end, base + plan.lowerBound) }
    guard let host, memory == host.memory else { return (0, 0) }
    return (host.plan.byteCount, host.plan.lowerBound)
  }

  /// Who owns planned bytes.
  enum Owner {
    case value(ValueID)
    /// The staged constants of a layer.
    case constants(Int)

    var kind: Program.Allocation.Kind {
      switch self {
      case .value: .value
      case .constants: .stagedConstants
      }
    }
  }

  /// Everything planned, in a fixed order.
  var allocations: [(owner: Owner, span: Span, life: ClosedRange<Int>)] {
    let owned =
      values.map { (Owner.value($0.key), $0.value) }
      + staged.map { (Owner.constants($0.key), $0.value) }
    let inMemory = owned.map { owner, position in
      let block = blocks[position]
      let address = base + plan.offsets[position]
      let span = Span(memory: memory, address: address, byteCount: block.byteCount)
      return (owner: owner, span: span, life: block.life)
    }
    return inMemory.sorted {
      ($0.life.lowerBound, $0.span.address) < ($1.life.lowerBound, $1.span.address)
    }
  }

  /// The values that an engine other than the host reads or writes.
  private static func valuesOfNPU(
    _ graph: Graph, _ layers: [LayerPlan], _ roots: [ValueID: ValueID]
  ) -> Set<ValueID> {
    let nodes = layers.filter { $0.engine != .host }.map { graph.nodes[$0.node] }
    return Set(nodes.flatMap { $0.inputs + $0.results }.map { roots[$0] ?? $0 })
  }

  /// The address of a layer's staged constants.
  func stagedAddress(of layer: Int) -> Int? { staged[layer].map { base + plan.offsets[$0] } }

  /// The end of the highest byte.
  var end: Int { base + plan.byteCount }

  /// For each value with memory of its own, the layers during which it must be kept.
  private static func lives(
    _ graph: Graph, _ layers: [LayerPlan], _ roots: [ValueID: ValueID]
  ) -> [ValueID: ClosedRange<Int>] {
    var lives: [ValueID: ClosedRange<Int>] = [:]
    for entry in graph.entries { lives[entry] = 0...0 }
    for (layer, plan) in layers.enumerated() {
      for result in graph.nodes[plan.node].results { lives[result] = layer...layer }
      for operand in graph.nodes[plan.node].inputs {
        let root = roots[operand] ?? operand
        if let life = lives[root] { lives[root] = life.lowerBound...layer }
      }
    }
    for exit in graph.exits {
      let root = roots[exit] ?? exit
      if let life = lives[root] { lives[root] = life.lowerBound...max(0, layers.count - 1) }
    }
    return lives
  }
}
