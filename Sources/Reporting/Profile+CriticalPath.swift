import Hardware
import Simulation

extension Profile {
  /// Cycles on the critical path, the chain of commands for which the last result waits, by what they are spent on.
  ///
  /// All of them add up to the cycles of the run.
  public struct CriticalCycles: Codable, Hashable, Sendable {
    /// The array multiplies.
    public let compute: Int
    /// The array waits for its weights to be decoded.
    public let weightDecode: Int
    /// The output stage rescales, adds or pools.
    public let output: Int
    /// By memory: an engine waits for transfers.
    public let memory: [String: Int]
    /// A result is under way to those that wait for it.
    public let dependency: Int
    /// The fixed part of calls to the host, and gaps between steps of the array.
    public let overhead: Int
    /// The host computes.
    public let host: Int
  }

  /// `compute 61.2 %, sram 35.0 %, dependency 3.8 %`: what the cycles on the critical path are spent on, most first.
  /// Nil if the profile does not know, or has no cycles.
  ///
  /// - Parameter memoryName: how the text writes a memory's name.
  func criticalShares(_ memoryName: (String) -> String = { $0 }) -> String? {
    let parts = criticalParts
    guard !parts.isEmpty else { return nil }
    return parts.map { part in
      let isMemory = totals.criticalCycles?.memory[part.name] != nil
      let name = isMemory ? memoryName(part.name) : part.name
      return "\(name) \(Figures.percent(share(of: part.cycles)))"
    }.joined(separator: ", ")
  }

  /// What the cycles on the critical path are spent on, most first; none if the profile does not know, or has no cycles.
  var criticalParts: [(name: String, cycles: Int)] {
    guard let cycles = totals.criticalCycles, totals.latencyCycles > 0 else { return [] }
    // What would read 0.0 % says nothing; of equal shares, the first comes first.
    return cycles.named.enumerated().filter { share(of: $0.element.cycles) >= 0.0005 }
      .sorted { ($1.element.cycles, $0.offset) < ($0.element.cycles, $1.offset) }.map(\.element)
  }

  private func share(of cycles: Int) -> Double { Double(cycles) / Double(totals.latencyCycles) }
}

extension Profile.CriticalCycles {
  init(_ cycles: Simulation.CriticalCycles, _ target: TargetDescription) {
    compute = cycles.compute
    weightDecode = cycles.weightDecode
    output = cycles.output
    memory = Dictionary(uniqueKeysWithValues: zip(target.memories.map(\.name), cycles.memory))
    dependency = cycles.dependency
    overhead = cycles.overhead
    host = cycles.host
  }

  /// As tables name them, memories by their own names.
  fileprivate var named: [(name: String, cycles: Int)] {
    [("compute", compute), ("weight decode", weightDecode), ("output", output)]
      + memory.sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
      + [("dependency", dependency), ("overhead", overhead), ("host", host)]
  }

  /// What most cycles are spent on; nil where there are none.
  var largestPart: String? { named.filter { $0.cycles > 0 }.max { $0.cycles < $1.cycles }?.name }
}
