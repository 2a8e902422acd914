import GraphIR
import Hardware
import Support
import Tensors

/// Where values and staged constants lie in the memory for activations.
struct AddressPlan {
  /// The memory for activations and staged constants.
  let memory: Int
  let plan: MemoryPlan
  /// Where the planned part of the memory begins: behind the constants, if they are in the same memory.
  let base: Int
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
  init(
    _ graph: Graph, _ layers: [LayerPlan], stagedBytes: [Int], lookahead: Int,
    roots: [ValueID: ValueID], memory: Int, base: Int
  ) {
    self.memory = memory
    self.base = base
    self.roots = roots
    self.graph = graph
    let lives = Self.lives(graph, layers, roots).sorted { $0.key < $1.key }
    var blocks = lives.map { id, life in
      MemoryPlan.Block(byteCount: graph.values[id].type.byteCount, life: life)
    }
    for (position, entry) in lives.enumerated() { values[entry.key] = position }
    for (layer, bytes) in stagedBytes.enumerated() where bytes > 0 {
      staged[layer] = blocks.count
      let life = max(0, layer - lookahead)...layer
      blocks.append(MemoryPlan.Block(byteCount: bytes, life: life))
    }
    plan = MemoryPlan(blocks, alignment: ConstantImage.alignment)
  }

  /// The bytes of a computed value, an input or a state.
  func span(of value: ValueID) -> Span? {
    values[roots[value] ?? value].map {
      Span(
        memory: memory, address: base + plan.offsets[$0],
        byteCount: graph.values[value].type.byteCount)
    }
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
