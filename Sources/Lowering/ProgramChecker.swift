import Foundation
import Support

/// Replays a program and says what is wrong with each command, from what the commands before it did.
struct ProgramChecker {
  private let program: Program
  private let memories: [ShadowMemory]
  private let engines: [Int]
  /// Of each command: of each engine, how many commands are complete when it starts.
  private var clocks: [SIMD8<Int32>] = []
  /// Of each command, how many its engine ran before it.
  private var positions: [Int32] = []
  private var issued = SIMD8<Int32>(repeating: 0)
  private var lastOnEngine: [Int?] = Array(repeating: nil, count: Engine.allCases.count)

  init(_ program: Program) {
    self.program = program
    engines = program.commands.map(\.action.engine.rawValue)
    memories = zip(program.memories, Self.areWritten(program)).map { memory, isWritten in
      ShadowMemory(memory.usedBytes, tracksCommands: isWritten)
    }
    if let constants = program.constantsMemory {
      memories[constants].setWritten(0..<program.image.count)
    }
    for input in program.inputs { memories[input.span.memory].setWritten(input.span.range) }
  }

  /// The bytes that a checker takes for itself.
  static func byteCount(for program: Program) -> Int {
    zip(program.memories, areWritten(program)).reduce(0) { sum, pair in
      let bytes = pair.0.usedBytes
      let granuleBytes = ShadowMemory.granuleBytes
      return sum + bytes
        + (pair.1 ? AccessHistory.byteCount(bytes, granuleBytes: granuleBytes) : 0)
    }
  }

  /// Of each memory whether commands may write it.
  private static func areWritten(_ program: Program) -> [Bool] {
    let values = [.activations, .spilledActivations, .hostValues].compactMap(program.target.memory)
    let described = program.target.memories.count
    return program.memories.indices.map { values.contains($0) || $0 == described }
  }

  func isWritten(_ span: Span) -> Bool {
    memories[span.memory].firstUnwritten(in: span.range) == nil
  }

  mutating func problem(with command: Command, _ index: Int) -> Diagnostic.Message? {
    let engine = engines[index]
    guard program.layers.indices.contains(command.layer) else { return .noLayer(command.layer) }
    if let problem = problem(with: command.dependencies, index) { return problem }
    let accesses = command.action.accesses
    // First, because sums and products of wild numbers would overflow.
    guard accesses.allSatisfy({ program.holds($0.tile) }) else { return .outOfBounds }
    guard hasPorts(for: accesses) else { return .tooManyPorts }
    if let problem = command.action.sizeProblem { return .wrongSize(problem) }
    if let problem = command.action.numberProblem(codes: program.codes.count) {
      return .impossible(problem)
    }
    if let problem = command.action.placeProblem { return .impossible(problem) }
    advanceClock(command, engine)
    for access in accesses {
      if let problem = check(access, engine, index) { return problem }
    }
    return nil
  }

  /// Whether a command uses no more ports than the timeline follows for one; those of engines do by their nature.
  private func hasPorts(for accesses: [Access]) -> Bool {
    guard accesses.count > 4 else { return true }
    let described = program.target.memories.count
    let ports = accesses.filter { $0.memory < described }
      .map { 2 * $0.memory + ($0.isWrite ? 1 : 0) }
    return Set(ports).count <= 4
  }

  private func problem(with dependencies: Dependencies, _ index: Int) -> Diagnostic.Message? {
    for engine in Engine.allCases {
      guard let dependency = dependencies[engine] else { continue }
      guard dependency < index else { return .waitsForLater }
      guard engines[dependency] == engine.rawValue else { return .waitsForOtherEngine(dependency) }
    }
    return nil
  }

  /// What is complete when a command starts: what it waits for, and what those waited for.
  private mutating func advanceClock(_ command: Command, _ engine: Int) {
    var clock = SIMD8<Int32>(repeating: 0)
    for other in Engine.allCases {
      guard let dependency = command.dependencies[other] else { continue }
      clock = pointwiseMax(clock, clocks[dependency])
      clock[other.rawValue] = max(clock[other.rawValue], positions[dependency] + 1)
    }
    // Commands of one engine start in order, and see what those before them did.
    if let previous = lastOnEngine[engine] { clock = pointwiseMax(clock, clocks[previous]) }
    lastOnEngine[engine] = clocks.count
    positions.append(issued[engine])
    issued[engine] += 1
    clocks.append(clock)
  }

  /// What is wrong with an access; if nothing is, the command counts as reader or writer from now on.
  private func check(_ access: Access, _ engine: Int, _ index: Int) -> Diagnostic.Message? {
    let memory = memories[access.memory]
    let history = memory.history
    let isTracked = memory.tracksCommands
    if access.isWrite, !isTracked, access.tile.byteCount > 0 { return .writesConstants }
    // Most runs were written by one command, which need not be looked at again.
    var harmless = Int32(index) + 1
    var problem: Diagnostic.Message?
    access.forEachRun { run in
      guard problem == nil else { return }
      if access.isWrite {
        memory.setWritten(run)
      } else if let byte = memory.firstUnwritten(in: run) {
        problem = .readsUnwritten(byte, program.memories[access.memory].name)
      }
      guard isTracked, problem == nil else { return }
      let granules = history.granules(of: run)
      history.forEachWriter(of: granules) { writer in
        guard writer != harmless, problem == nil else { return }
        problem = hazard(writer, engine, index).map { .hazard($0, access.hazardWithWriter) }
        harmless = writer
      }
      if access.isWrite, problem == nil {
        let reader = lastReader(of: granules, in: history, engine, index)
        problem = reader.map { .hazard($0, "overwrites what it reads") }
        history.noteWrite(of: granules, by: Int32(index) + 1)
      } else {
        history.noteRead(of: granules, by: Int32(index) + 1, on: engine)
      }
    }
    return problem
  }

  /// A command that read any of the granules last, and for which this one does not wait.
  private func lastReader(
    of granules: Range<Int>, in history: AccessHistory, _ engine: Int, _ index: Int
  ) -> Int? {
    for other in 0..<Engine.allCases.count where other != engine {
      let reader = history.lastReader(of: granules, on: other)
      if let found = hazard(reader, engine, index) { return found }
    }
    return nil
  }

  /// The other command, if this one does not wait for it.
  ///
  /// - Parameter number: of the other, from 1 on; 0 if there is none.
  private func hazard(_ number: Int32, _ engine: Int, _ index: Int) -> Int? {
    let other = Int(number) - 1
    guard other >= 0, other != index else { return nil }
    let otherEngine = engines[other]
    if otherEngine == engine { return nil }
    return clocks[index][otherEngine] > positions[other] ? nil : other
  }
}

/// Of each byte whether it was written, and of a memory that commands may write, its history.
private final class ShadowMemory {
  /// Whether commands may write: a memory of constants only has neither writers nor readers worth knowing.
  let tracksCommands: Bool
  let history: AccessHistory
  private let written: UnsafeMutablePointer<UInt8>

  /// The alignment of all that is planned.
  static let granuleBytes = 16

  init(_ byteCount: Int, tracksCommands: Bool) {
    self.tracksCommands = tracksCommands
    written = allocateZeroed(byteCount + 1)
    history = AccessHistory(tracksCommands ? byteCount : 0, granuleBytes: Self.granuleBytes)
  }

  deinit { free(written) }

  func setWritten(_ run: Range<Int>) {
    (written + run.lowerBound).update(repeating: 1, count: run.count)
  }

  func firstUnwritten(in run: Range<Int>) -> Int? {
    guard !run.isEmpty, let found = memchr(written + run.lowerBound, 0, run.count) else {
      return nil
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(written)
  }
}

extension Access {
  /// What it does to a command that wrote the same bytes and is not waited for.
  fileprivate var hazardWithWriter: String {
    isWrite ? "overwrites what it writes" : "reads what it writes"
  }
}

extension Diagnostic.Message {
  fileprivate static func noLayer(_ layer: Int) -> Self {
    Self(id: "bad-program", .ourFault, "layer \(layer) does not exist")
  }

  fileprivate static var waitsForLater: Self {
    Self(id: "bad-program", .ourFault, "the command waits for one that comes after it")
  }

  fileprivate static func wrongSize(_ what: String) -> Self {
    Self(id: "bad-program", .ourFault, "\(what) does not have the size that the shapes ask for")
  }

  fileprivate static func waitsForOtherEngine(_ other: Int) -> Self {
    Self(
      id: "bad-program", .ourFault,
      "the command waits for command \(other) on an engine that does not run it")
  }

  fileprivate static func impossible(_ problem: String) -> Self {
    Self(id: "bad-program", .ourFault, problem)
  }

  fileprivate static var tooManyPorts: Self {
    Self(id: "bad-program", .ourFault, "the command works on too many memories")
  }

  fileprivate static var outOfBounds: Self {
    Self(
      id: "out-of-bounds", .ourFault, "the command reaches beyond the used part of a memory")
  }

  fileprivate static var writesConstants: Self {
    Self(id: "bad-program", .ourFault, "the command writes to the memory of constants")
  }

  fileprivate static func readsUnwritten(_ byte: Int, _ memory: String) -> Self {
    Self(
      id: "reads-unwritten", .ourFault, "byte \(byte) of `\(memory)` is read, but nothing wrote it")
  }

  fileprivate static func hazard(_ other: Int, _ what: String) -> Self {
    Self(id: "hazard", .ourFault, "the command does not wait for command \(other), and \(what)")
  }
}
