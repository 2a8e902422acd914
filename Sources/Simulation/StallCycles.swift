import Hardware
import Lowering

/// Cycles for which commands wait, by what they wait for.
///
/// A command could start when its data are there or when its engine is free, whichever comes first, and is done when
/// it has computed:
///
///     start   = earliest + engine + dependency
///     release = start + computation + memory        weightDecode is a part of the computation
///
/// Waiting that goes on beside other work costs no time; the critical path tells what does.
public struct StallCycles: Hashable, Sendable {
  /// All data are there, and the engine works on the commands before.
  public private(set) var engine = 0.0
  /// The engine is free, and a result is not there yet, by the engine that makes it, in the order of `Engine.allCases`.
  public private(set) var dependency = Engine.allCases.map { _ in 0.0 }
  /// All is computed, and transfers go on, by the memory whose transfer is done last.
  ///
  /// In the order of the target's memories.
  public private(set) var memory: [Double]
  /// The array waits for its weights to be decoded.
  public private(set) var weightDecode = 0.0

  /// No waiting on a target with so many memories.
  package init(memoryCount: Int) { memory = Array(repeating: 0, count: memoryCount) }

  /// All of the cycles.
  public var sum: Double { engine + weightDecode + (dependency + memory).reduce(0, +) }

  /// Of each layer of a program, what its commands wait for.
  ///
  /// - Precondition: the timeline is that of the program.
  /// - Complexity: O(commands).
  public static func all(_ program: Program, _ timeline: Timeline) -> [StallCycles] {
    let none = StallCycles(memoryCount: program.target.memories.count)
    var layers = program.layers.map { _ in none }
    for index in program.commands.indices {
      layers[program.commands[index].layer].add(timeline.stalls(of: index, in: program))
    }
    return layers
  }

  private mutating func add(_ stalls: CommandStalls) {
    engine += stalls.engine
    weightDecode += stalls.weightDecode
    if let maker = stalls.maker { dependency[maker.rawValue] += stalls.dependency }
    if let port = stalls.port { memory[port] += stalls.memory }
  }
}

extension Timeline {
  /// When a command could start at the earliest, if it had to wait for its data or for its engine alone.
  public func earliestStart(of index: Int, in program: Program) -> Double {
    min(readiness(of: program.commands[index].dependencies).time, engineIsFree(for: index))
  }

  /// When all that a command waits for is there, and the engine that makes the last of it.
  func readiness(of dependencies: Dependencies) -> (time: Double, last: Engine?) {
    var found: (time: Double, engine: Int) = (0, -1)
    let waited = dependencies.lastCommands
    for engine in waited.indices where waited[engine] >= 0 {
      let end = ends[Int(waited[engine])]
      if end > found.time { found = (end, engine) }
    }
    return (found.time, Engine(rawValue: found.engine))
  }

  func engineIsFree(for index: Int) -> Double {
    predecessors[index] < 0 ? 0 : releases[Int(predecessors[index])]
  }
}
