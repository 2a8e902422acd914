import Hardware
import Lowering
import Simulation

extension Profile {
  /// Cycles for which the commands of a layer wait, by what they wait for: rounded, as they may be fractions.
  ///
  /// Commands wait beside the work of others, so these say where engines are idle or queue, not what costs time.
  public struct StallCycles: Codable, Hashable, Sendable {
    /// Data are there, and the engine works on other commands.
    public let engine: Int
    /// By engine: it is still to make what a free engine waits for. What nobody waited for is left out.
    public let dependency: [String: Int]
    /// By memory: an engine waits for transfers.
    public let memory: [String: Int]
    /// The array waits for its weights to be decoded.
    public let weightDecode: Int
  }
}

extension Profile.StallCycles {
  init(_ cycles: Simulation.StallCycles, _ target: TargetDescription) {
    engine = Int(cycles.engine.rounded())
    let byEngine = zip(Engine.allCases.map(\.reportName), cycles.dependency)
      .map { ($0, Int($1.rounded())) }
    dependency = Dictionary(uniqueKeysWithValues: byEngine.filter { $0.1 > 0 })
    memory = Dictionary(
      uniqueKeysWithValues: zip(
        target.memories.map(\.name), cycles.memory.map { Int($0.rounded()) }))
    weightDecode = Int(cycles.weightDecode.rounded())
  }

  /// `engine 120, mac 30, sram 5`: what is not 0, in a fixed order; `nothing` if all is.
  public var text: String {
    let parts =
      [("engine", engine)] + dependency.sorted { $0.key < $1.key }.map { ("for \($0)", $1) }
      + memory.sorted { $0.key < $1.key }.map { ($0, $1) } + [("weight decode", weightDecode)]
    let found = parts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
    return found.isEmpty ? "nothing" : found.joined(separator: ", ")
  }
}

/// What each layer of a program waits for, as lines that follow its schedule.
public enum StallText {
  /// Times the program, and names for each layer the cycles for which its commands wait.
  public static func text(_ program: Program) -> String {
    let stalls = StallCycles.all(program, Timeline(of: program))
    let lines = stalls.enumerated().map { layer, cycles in
      "  layer \(layer): \(Profile.StallCycles(cycles, program.target).text)"
    }
    return (["stalls \(program.name), cycles {"] + lines + ["}"]).joined(separator: "\n") + "\n"
  }
}
