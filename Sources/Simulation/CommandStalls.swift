import Lowering

/// Cycles for which one command waits: as `StallCycles`, for one result at most and for one memory at most, so that
/// programs of many commands need no lists for each.
public struct CommandStalls: Hashable, Sendable {
  /// All data are there, and the engine works on the commands before.
  public let engine: Double
  /// The engine is free, and a result is not there yet.
  public let dependency: Double
  /// The engine that makes that result; nil if the command waits for none.
  public let maker: Engine?
  /// All is computed, and transfers go on.
  public let memory: Double
  /// The index of the memory whose transfer is done last; nil if the command has no transfer.
  public let port: Int?
  /// The array waits for its weights to be decoded.
  public let weightDecode: Double

  /// All of the cycles.
  public var sum: Double { engine + dependency + memory + weightDecode }
}

extension Timeline {
  /// What one command of the program waits for.
  ///
  /// - Parameter index: of the command in the program.
  /// - Precondition: the timeline is that of the program.
  public func stalls(of index: Int, in program: Program) -> CommandStalls {
    let (ready, last) = readiness(of: program.commands[index].dependencies)
    let free = engineIsFree(for: index)
    let maker = ready > free ? last : nil
    let port = Int(slowestPorts[index])
    let computed = starts[index] + Double(computeCycles[index])
    return CommandStalls(
      engine: max(0, free - ready), dependency: maker == nil ? 0 : ready - free, maker: maker,
      memory: port < 0 ? 0 : max(0, releases[index] - computed), port: port < 0 ? nil : port,
      weightDecode: decodeCycles(of: index, in: program))
  }

  private func decodeCycles(of index: Int, in program: Program) -> Double {
    guard case .convolve(let convolve) = program.commands[index].action else { return 0 }
    return Double(convolve.cost(on: program.target.array).decodeCycles)
  }
}
