import GraphIR
import Hardware
import Operators

/// The best blocks for layers by where their operands and results lie, each found once.
///
/// A class because all parts of a search share what was found.
final class TilingSearch {
  let fast: Int
  let slow: Int?
  private let target: TargetDescription
  private let graph: Graph
  private let roots: [ValueID: ValueID]
  private let weightBytesPerCycle: Double
  /// What problems are known by.
  private var numbers: [TilingProblem: Int] = [:]
  private var problems: [TilingProblem] = []
  /// For each problem, in the order in which it was asked for: few, which are found faster by looking than by hashing.
  private var found: [[Finding]] = []

  private struct Finding {
    let readsSlow: Bool
    let writesSlow: Bool
    let height: Int
    let choice: BlockSearch.Choice?
  }

  /// What a byte of each memory counts, before cycles do; nil where these alone count.
  let byteCosts: [Double]?

  init(
    _ graph: Graph, _ target: TargetDescription, _ roots: [ValueID: ValueID],
    _ byteCosts: [Double]?
  ) {
    self.byteCosts = byteCosts
    self.graph = graph
    self.target = target
    self.roots = roots
    fast = target.memory(holding: .activations) ?? 0
    slow = target.memory(holding: .spilledActivations)
    let constants = target.memories[target.memory(holding: .constants) ?? 0]
    weightBytesPerCycle = LayerPlan.weightRate(target, constants)
    constantBytesPerCycle = constants.bytesPerCycle
  }

  let constantBytesPerCycle: Double

  var slowBytesPerCycle: Double { target.memories[slow ?? fast].bytesPerCycle }

  /// The value whose memory a value shares.
  func root(_ value: ValueID) -> ValueID { roots[value] ?? value }

  /// The number of a problem, by which it is found faster than by itself.
  func number(of problem: TilingProblem) -> Int {
    if let known = numbers[problem] { return known }
    numbers[problem] = problems.count
    problems.append(problem)
    found.append([])
    return problems.count - 1
  }

  /// The best blocks for a problem by its number, of a given height if the layer takes turns with others; nil if none
  /// fits.
  func best(
    _ problem: Int, readsSlow: Bool, writesSlow: Bool, height: Int? = nil
  ) -> BlockSearch.Choice? {
    for known in found[problem]
    where known.height == height ?? 0 && known.readsSlow == readsSlow
      && known.writesSlow == writesSlow
    {
      return known.choice
    }
    let places = BlockSearch.Places(
      input: readsSlow ? slow ?? fast : fast, result: writesSlow ? slow ?? fast : fast,
      weightBytesPerCycle: weightBytesPerCycle,
      byteCost: byteCosts.map { $0[readsSlow ? slow ?? fast : fast] } ?? 0)
    let search = BlockSearch(target: target, problem: problems[problem])
    let choice = search.best(places, heights: height.map { $0...$0 } ?? 0...Int.max)
    found[problem].append(
      Finding(
        readsSlow: readsSlow, writesSlow: writesSlow, height: height ?? 0, choice: choice))
    return choice
  }

  /// The height of blocks that are so many micro-blocks high; two are mostly worth while.
  func flatHeight(_ problem: Int, pieces: Int) -> Int? {
    let unit = target.array.microBlock.height
    let height = min(pieces * unit, dividedUp(problems[problem].result.height, unit) * unit)
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
