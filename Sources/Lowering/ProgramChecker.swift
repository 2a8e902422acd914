import Hardware
import Support

/// Replays a program and says what is wrong with each command, from what the commands before it did.
struct ProgramChecker {
  private let program: Program
  private let memories: [ShadowMemory]
  private let engines: [Int]
  /// Of each command: of each engine, the number of the last command that is complete when it starts, from 1 on; 0 if
  /// there is none. All before that one on its engine are complete, too.
  private var clocks: [SIMD8<Int32>] = []
  private var lastOnEngine: [Int?] = Array(repeating: nil, count: Engine.allCases.count)
  private let engineCount = Engine.allCases.count

  init(_ program: Program) {
    self.program = program
    engines = program.commands.map(\.action.engine.rawValue)
    clocks.reserveCapacity(engines.count)
    memories = zip(program.memories.indices, Self.areWritten(program)).map { index, isWritten in
      ShadowMemory(
        program.memories[index].usedBytes,
        constantBytes: index == program.constantsMemory ? program.imageByteCount : 0,
        tracksCommands: isWritten)
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
    let values = TargetDescription.Role.ofValues.compactMap(program.target.memory)
    let described = program.target.memories.count
    return program.memories.indices.map { values.contains($0) || $0 == described }
  }

  func isWritten(_ span: Span) -> Bool {
    memories[span.memory].firstUnwritten(in: span.range) == nil
  }

  mutating func problem(with command: borrowing Command, _ index: Int) -> Diagnostic.Message? {
    let engine = engines[index]
    guard program.layers.indices.contains(command.layer) else { return .noLayer(command.layer) }
    if let problem = problem(with: command.dependencies, index) { return problem }
    let accesses = command.action.accessList
    // First, because sums and products of wild numbers would overflow.
    if let problem = problemOfPlaces(accesses) { return problem }
    if let problem = command.action.sizeProblem { return .wrongSize(problem) }
    if let problem = command.action.numberProblem(codes: program.codes.count) {
      return .impossible(problem)
    }
    if let problem = command.action.placeProblem { return .impossible(problem) }
    advanceClock(command.dependencies, engine)
    for position in 0..<accesses.count {
      if let problem = check(accesses[position], engine, index) { return problem }
    }
    return nil
  }

  /// Whether all that a command reads and writes lies inside of memories, and these are not too many.
  private func problemOfPlaces(_ accesses: AccessList) -> Diagnostic.Message? {
    for position in 0..<accesses.count {
      guard program.holds(accesses[position].tile) else { return .outOfBounds }
    }
    return hasPorts(for: accesses) ? nil : .tooManyPorts
  }

  /// Whether a command uses no more ports than the timeline follows for one; those of engines do by their nature.
  private func hasPorts(for accesses: AccessList) -> Bool {
    guard accesses.count > 4 else { return true }
    let described = program.target.memories.count
    let ports = (0..<accesses.count).map { accesses[$0] }.filter { $0.memory < described }
      .map { 2 * $0.memory + ($0.isWrite ? 1 : 0) }
    return Set(ports).count <= 4
  }

  private func problem(with dependencies: Dependencies, _ index: Int) -> Diagnostic.Message? {
    let waited = dependencies.lastCommands
    for engine in waited.indices where waited[engine] >= 0 {
      let dependency = Int(waited[engine])
      guard dependency < index else { return .waitsForLater }
      guard engines[dependency] == engine else { return .waitsForOtherEngine(dependency) }
    }
    return nil
  }

  /// What is complete when a command starts: what it waits for, and what those waited for.
  private mutating func advanceClock(_ dependencies: Dependencies, _ engine: Int) {
    let waited = dependencies.lastCommands
    var clock = waited &+ 1
    for other in waited.indices where waited[other] >= 0 {
      clock = pointwiseMax(clock, clocks[Int(waited[other])])
    }
    // Commands of one engine start in order, and see what those before them did.
    if let previous = lastOnEngine[engine] { clock = pointwiseMax(clock, clocks[previous]) }
    lastOnEngine[engine] = clocks.count
    clocks.append(clock)
  }

  /// What is wrong with an access; if nothing is, the command counts as reader or writer from now on.
  private func check(_ access: Access, _ engine: Int, _ index: Int) -> Diagnostic.Message? {
    let memory = memories[access.memory]
    if access.isWrite, !memory.tracksCommands, access.tile.byteCount > 0 { return .writesConstants }
    let fault =
      access.isWrite
      ? faultOfWriting(access, memory, engine, index)
      : faultOfReading(access, memory, engine, index)
    return fault.map { message($0, access) }
  }

  /// What is wrong with the bytes of an access.
  private enum Fault {
    /// They are read, and one was never written.
    case unwritten(Int)
    /// A command that wrote or read some of them is not waited for.
    case writer(Int)
    case reader(Int)
  }

  private func message(_ fault: Fault, _ access: Access) -> Diagnostic.Message {
    switch fault {
    case .unwritten(let byte): .readsUnwritten(byte, program.memories[access.memory].name)
    case .writer(let other): .hazard(other, access.hazardWithWriter)
    case .reader(let other): .hazard(other, "overwrites what it reads")
    }
  }

  private func faultOfReading(
    _ access: Access, _ memory: ShadowMemory, _ engine: Int, _ index: Int
  ) -> Fault? {
    let isWritten = memory.isKnownAsWritten(access.hull)
    if !isWritten, let byte = access.firstOfRuns({ memory.firstUnwritten(in: $0) }) {
      return .unwritten(byte)
    }
    guard memory.tracksCommands else { return nil }
    let history = memory.history
    if let writer = lastWriter(of: access, in: history, engine, index) { return .writer(writer) }
    access.forEachRun {
      history.noteRead(of: history.granules(of: $0), by: Int32(index) + 1, on: engine)
    }
    return nil
  }

  private func faultOfWriting(
    _ access: Access, _ memory: ShadowMemory, _ engine: Int, _ index: Int
  ) -> Fault? {
    if !memory.isKnownAsWritten(access.hull) { access.forEachRun { memory.setWritten($0) } }
    let history = memory.history
    if let writer = lastWriter(of: access, in: history, engine, index) { return .writer(writer) }
    if let reader = lastReader(of: access, in: history, engine, index) { return .reader(reader) }
    access.forEachRun {
      history.noteWrite(of: history.granules(of: $0), by: Int32(index) + 1, on: engine)
    }
    return nil
  }

  /// Whether another engine may not have written all that it wrote so far when the command starts.
  private func hasOpenWriter(_ history: AccessHistory, _ engine: Int, _ index: Int) -> Bool {
    let clock = clocks[index]
    for other in 0..<engineCount
    where other != engine && history.lastWrite(on: other) > clock[other] {
      return true
    }
    return false
  }

  /// A command that wrote any of the bytes last, and for which this one does not wait.
  private func lastWriter(
    of access: Access, in history: AccessHistory, _ engine: Int, _ index: Int
  ) -> Int? {
    guard hasOpenWriter(history, engine, index) else { return nil }
    // Most runs were written by one command, which need not be looked at again.
    var harmless = Int32(index) + 1
    return access.firstOfRuns { run in
      let end = history.granules(of: run).upperBound
      var granule = history.firstOther(than: harmless, in: history.granules(of: run))
      while granule < end {
        harmless = history.writer(of: granule)
        if let found = hazard(harmless, engine, index) { return found }
        granule = history.firstOther(than: harmless, in: granule..<end)
      }
      return nil
    }
  }

  /// A command that read any of the bytes last, and for which this one does not wait.
  private func lastReader(
    of access: Access, in history: AccessHistory, _ engine: Int, _ index: Int
  ) -> Int? {
    let clock = clocks[index]
    for other in 0..<engineCount where other != engine {
      // Most engines read nothing behind what is complete.
      guard history.lastRead(on: other) > clock[other] else { continue }
      let found = access.firstOfRuns { run in
        hazard(history.lastReader(of: history.granules(of: run), on: other), engine, index)
      }
      if let found { return found }
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
    return otherEngine == engine || clocks[index][otherEngine] >= number ? nil : other
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
