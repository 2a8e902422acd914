import GraphIR
import Hardware
import Operators

/// The best blocks for layers by where their operands and results lie.
struct TilingSearch {
  let fast: Int
  /// For values that have no room in the fast memory; nil if they may be nowhere else.
  let slow: Int?
  private let target: TargetDescription
  private let graph: Graph
  private let roots: [ValueID: ValueID]
  private let weightBytesPerCycle: Double
  private let known: KnownBlocks

  /// What a byte of each memory counts, before cycles do; nil where these alone count.
  let byteCosts: [Double]?

  init(
    _ graph: Graph, _ target: TargetDescription, slow: Int?, _ roots: [ValueID: ValueID],
    _ byteCosts: [Double]?, _ known: KnownBlocks
  ) {
    self.known = known
    self.byteCosts = byteCosts
    self.graph = graph
    self.target = target
    self.roots = roots
    fast = target.memory(holding: .activations) ?? 0
    self.slow = slow
    let constants = target.memories[target.memory(holding: .constants) ?? 0]
    weightBytesPerCycle = LayerPlan.weightRate(target, constants)
    constantBytesPerCycle = constants.bytesPerCycle
  }

  let constantBytesPerCycle: Double

  var slowBytesPerCycle: Double { target.memories[slow ?? fast].bytesPerCycle }

  /// The value whose memory a value shares.
  func root(_ value: ValueID) -> ValueID { roots[value] ?? value }

  /// The number of a problem, by which it is found faster than by itself.
  func number(of problem: TilingProblem) -> Int { known.number(of: problem) }

  /// The best blocks for a problem by its number, of a given height if the layer takes turns with others; nil if none
  /// fits.
  func best(
    _ problem: Int, readsSlow: Bool, writesSlow: Bool, height: Int? = nil
  ) -> BlockSearch.Choice? {
    let places = BlockSearch.Places(
      input: readsSlow ? slow ?? fast : fast, result: writesSlow ? slow ?? fast : fast,
      weightBytesPerCycle: weightBytesPerCycle,
      byteCost: byteCosts.map { $0[readsSlow ? slow ?? fast : fast] } ?? 0)
    return known.best(problem, places, height: height ?? 0)
  }

  /// The height of blocks that are so many micro-blocks high; two are mostly worth while.
  func flatHeight(_ problem: Int, pieces: Int) -> Int? {
    let unit = target.array.microBlock.height
    let height = min(pieces * unit, dividedUp(known.problems[problem].result.height, unit) * unit)
    return best(problem, readsSlow: false, writesSlow: false, height: height).map {
      $0.tiling.block.height
    }
  }

  /// The cycles of a layer that is not cut into blocks.
  func otherCycles(_ node: NodeID) -> Double {
    let site = graph.site(of: node)
    if graph.op(node, as: Softmax.self) != nil {
      let depth = site.operands[0].shape.extents.last ?? 1
      return Double(
        target.softmaxCycles(rows: site.operands[0].elementCount / max(1, depth), depth: depth))
    }
    let work = graph.nodes[node].op.work(site.operands, site.results)
    return Double(target.hostCycles(macs: work.macs, elements: work.elementOperations))
  }
}
