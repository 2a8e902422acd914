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

  static func += (a: inout Self, b: Self) {
    a.engine += b.engine
    a.weightDecode += b.weightDecode
    for index in a.dependency.indices { a.dependency[index] += b.dependency[index] }
    for index in a.memory.indices { a.memory[index] += b.memory[index] }
  }

  /// Of each layer of a program, what its commands wait for.
  ///
  /// - Precondition: the timeline is that of the program.
  /// - Complexity: O(commands).
  public static func all(_ program: Program, _ timeline: Timeline) -> [StallCycles] {
    let none = StallCycles(memoryCount: program.target.memories.count)
    var layers = program.layers.map { _ in none }
    for (index, command) in program.commands.enumerated() {
      layers[command.layer] += StallCycles(of: index, in: program, timeline)
    }
    return layers
  }

  /// What one command waits for.
  ///
  /// - Parameter index: of the command in the program.
  public init(of index: Int, in program: Program, _ timeline: Timeline) {
    self.init(memoryCount: program.target.memories.count)
    let (ready, last) = timeline.readiness(of: index, in: program)
    let free = timeline.engineIsFree(for: index)
    if let last, ready > free { dependency[last.rawValue] = ready - free }
    if free > ready { engine = free - ready }
    let computed = timeline.starts[index] + Double(timeline.computeCycles[index])
    let port = Int(timeline.slowestPorts[index])
    if port >= 0 { memory[port] = max(0, timeline.releases[index] - computed) }
    if case .convolve(let convolve) = program.commands[index].action {
      weightDecode = Double(convolve.cost(on: program.target.array).decodeCycles)
    }
  }
}

extension Timeline {
  /// When a command could start at the earliest, if it had to wait for its data or for its engine alone.
  public func earliestStart(of index: Int, in program: Program) -> Double {
    min(readiness(of: index, in: program).time, engineIsFree(for: index))
  }

  /// When all that a command depends on is there, and the engine that makes the last of it.
  func readiness(of index: Int, in program: Program) -> (time: Double, last: Engine?) {
    var found: (time: Double, last: Engine?) = (0, nil)
    for engine in Engine.allCases {
      guard let command = program.commands[index].dependencies[engine] else { continue }
      if ends[command] > found.time { found = (ends[command], engine) }
    }
    return found
  }

  func engineIsFree(for index: Int) -> Double {
    predecessors[index] < 0 ? 0 : releases[Int(predecessors[index])]
  }
}
