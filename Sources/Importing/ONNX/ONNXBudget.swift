import GraphIR
import Support

/// What reading one file may cost. Functions, loops and fills make much of a few bytes, so what may be made of them grows with
/// the bytes that are really there.
///
/// A class because all draw on one budget: graphs within nodes, and attempts that are given up.
final class ONNXBudget {
  /// Whether everything is computed while the file is read, as in a run on given inputs.
  private let isRun: Bool
  /// How many nodes were converted.
  private(set) var nodeCount = 0
  private var nodesGivenUp = 0
  private var operations = 0
  private var byteCount = 0
  /// The bytes of the file and of those beside it.
  private var givenCount: Int
  private var givenFiles: Set<String> = []

  /// The most nodes that a file is converted to, repetitions counted.
  private static let maximumNodes = 1 << 18
  /// So many may be converted in vain, before loops are no longer tried to be repeated.
  private static let maximumGivenUp = 1 << 15
  /// A constant that would be larger is computed when the model runs.
  private static let maximumConstant = 1 << 30

  init(given: Int, isRun: Bool = false) {
    givenCount = given
    self.isRun = isRun
  }

  /// Counts a further file, once.
  func add(file: String, byteCount: Int) {
    if givenFiles.insert(file).inserted { givenCount += byteCount }
  }

  /// Counts a node that is converted.
  ///
  /// - Throws: a `Diagnostic` if there are so many that a small file must have multiplied them.
  func countNode() throws {
    nodeCount += 1
    guard nodeCount <= Self.maximumNodes else { throw Diagnostic(.tooManyNodes) }
  }

  /// Whether nodes may be converted that are perhaps given up again.
  var allowsAttempts: Bool { isRun || nodesGivenUp < Self.maximumGivenUp }

  /// Counts what was converted since there were `count` nodes as done in vain.
  func giveUpNodes(from count: Int) {
    nodesGivenUp += nodeCount - count
    // In a run, nodes cost the time in which they are computed.
    if !isRun { nodeCount = count }
  }

  /// Takes what a node needs whose operands are constants; false if it had better be computed when the model runs.
  ///
  /// - Throws: a `Diagnostic` if it must be computed here, and there is not as much memory.
  func takes(_ work: Work, byteCounts: [Int]) throws -> Bool {
    // A multiplication of matrices is in vectors, a sine is not.
    let cost = Work.sum(work.macs, Work.product(32, work.elementOperations))
    let isSmall =
      max(work.macs, work.elementOperations) <= 1 << 36
      && byteCounts.allSatisfy { $0 <= Self.maximumConstant }
    guard isSmall else { return false }
    let count = byteCounts.reduce(0, +)
    if isRun {
      try take(byteCount: count)
      return true
    }
    // Weights of 4 bits become floats, are moved about, and take some operations each.
    let mayTake =
      cost <= (1 << 33) + 1024 * givenCount - operations
      && count <= Self.maximumConstant + 64 * givenCount - byteCount
      && MemoryLimit.allows(byteCount + count)
    guard mayTake else { return false }
    operations += cost
    byteCount += count
    return true
  }

  /// Takes memory for a constant that must be there, whatever is in it.
  ///
  /// - Throws: a `Diagnostic` if all of them need more than there is.
  func take(byteCount count: Int) throws {
    byteCount += count
    try MemoryLimit.check(
      byteCount, for: "the constants that the model computes",
      help: "the model is damaged, or made for larger machines")
  }
}

extension Diagnostic.Message {
  fileprivate static var tooManyNodes: Self {
    Self(
      id: "too-many-operators", .unsupported,
      "functions and loops repeat nodes so often that there are more than 2^18")
  }
}
