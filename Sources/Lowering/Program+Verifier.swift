import Support

/// What must hold in every program:
///
/// - no command reaches beyond a memory, and spans have the sizes that their shapes ask for;
/// - no command reads a byte that nothing wrote: neither the image, nor an input, nor a command before it;
/// - whoever reads what a command wrote, or overwrites what a command read or wrote, waits for that command:
///   directly, through others, or because they run one after the other on one engine;
/// - dependencies point backwards, and the layers of commands exist.
extension Program {
  /// Everything that is wrong with the program; empty for a sound one. It stops after the first command at fault.
  public func verify() -> [Diagnostic] {
    var checker = ProgramChecker(self)
    for (index, command) in commands.enumerated() {
      if let problem = checker.problem(with: command, index) {
        return [Diagnostic(problem, at: "command \(index)")]
      }
    }
    let unwritten = outputs.first { !checker.isWritten($0.span) }
    return unwritten.map { [Diagnostic(.unwrittenOutput($0.name))] } ?? []
  }
}

/// Memory as it looks after the commands so far: who wrote each piece, and who read it since.
private struct ProgramChecker {
  let program: Program
  private var memories: [Shadow]
  private var clocks: [SIMD8<Int32>] = []
  private var issued = SIMD8<Int32>(repeating: 0)
  private var positions: [Int32] = []
  private var lastOnEngine: [Int: Int] = [:]

  /// One entry for each piece of 16 bytes, the alignment of everything that is planned.
  private struct Shadow {
    var written: [Bool]
    var writers: [Int32]
    var readers: [SIMD8<Int32>]

    init(_ byteCount: Int) {
      let pieces = (byteCount + 15) / 16
      written = Array(repeating: false, count: byteCount)
      writers = Array(repeating: -1, count: pieces)
      readers = Array(repeating: SIMD8(repeating: -1), count: pieces)
    }
  }

  init(_ program: Program) {
    self.program = program
    memories = program.memories.enumerated().map { index, memory in
      // What lies beyond the used part is out of bounds for every command.
      Shadow(memory.usedBytes)
    }
    if let image = program.constantsMemory {
      for byte in program.image.indices { memories[image].written[byte] = true }
    }
    for input in program.inputs {
      for byte in input.span.range { memories[input.span.memory].written[byte] = true }
    }
  }

  func isWritten(_ span: Span) -> Bool {
    span.range.allSatisfy { memories[span.memory].written[$0] }
  }

  mutating func problem(with command: Command, _ index: Int) -> Diagnostic.Message? {
    let engine = command.action.engine.rawValue
    guard program.layers.indices.contains(command.layer) else { return .noLayer(command.layer) }
    guard command.dependencies.all.allSatisfy({ $0 < index }) else { return .waitsForLater }
    if let problem = command.action.sizeProblem { return .wrongSize(problem) }
    advanceClock(command, engine)
    for access in command.action.accesses {
      guard access.hull.lowerBound >= 0, program.memories.indices.contains(access.memory),
        access.hull.upperBound <= program.memories[access.memory].usedBytes
      else { return .outOfBounds(access.hull, program.memories[access.memory].name) }
      if let problem = check(access, engine, index) { return problem }
    }
    return nil
  }

  /// Of each engine, how many commands are complete when this one starts.
  private mutating func advanceClock(_ command: Command, _ engine: Int) {
    var clock = SIMD8<Int32>(repeating: 0)
    // Commands of one engine start in order, and complete in order.
    for dependency in command.dependencies.all {
      clock = pointwiseMax(clock, clocks[dependency])
      let other = program.commands[dependency].action.engine.rawValue
      clock[other] = max(clock[other], positions[dependency] + 1)
    }
    if let previous = lastOnEngine[engine] { clock = pointwiseMax(clock, clocks[previous]) }
    lastOnEngine[engine] = clocks.count
    positions.append(issued[engine])
    issued[engine] += 1
    clocks.append(clock)
  }

  private mutating func check(_ access: Access, _ engine: Int, _ index: Int) -> Diagnostic.Message?
  {
    var problem: Diagnostic.Message?
    access.forEachRun { run in
      guard problem == nil else { return }
      problem =
        access.isWrite
        ? write(run, access.memory, engine, index) : read(run, access.memory, engine, index)
    }
    return problem
  }

  private mutating func read(
    _ run: Range<Int>, _ memory: Int, _ engine: Int, _ index: Int
  ) -> Diagnostic.Message? {
    for byte in run where !memories[memory].written[byte] {
      return .readsUnwritten(byte, program.memories[memory].name)
    }
    for piece in pieces(of: run) {
      if let writer = hazard(memories[memory].writers[piece], engine, index) {
        return .hazard(writer, "reads what it writes")
      }
      memories[memory].readers[piece][engine] = Int32(index)
    }
    return nil
  }

  private mutating func write(
    _ run: Range<Int>, _ memory: Int, _ engine: Int, _ index: Int
  ) -> Diagnostic.Message? {
    for byte in run { memories[memory].written[byte] = true }
    for piece in pieces(of: run) {
      if let writer = hazard(memories[memory].writers[piece], engine, index) {
        return .hazard(writer, "overwrites what it writes")
      }
      for other in Engine.allCases {
        let reader = memories[memory].readers[piece][other.rawValue]
        if let reader = hazard(reader, engine, index) {
          return .hazard(reader, "overwrites what it reads")
        }
      }
      memories[memory].writers[piece] = Int32(index)
    }
    return nil
  }

  /// The other command, if this one does not wait for it.
  private func hazard(_ other: Int32, _ engine: Int, _ index: Int) -> Int? {
    guard other >= 0, other != index else { return nil }
    let otherEngine = program.commands[Int(other)].action.engine.rawValue
    if otherEngine == engine { return nil }
    return clocks[index][otherEngine] > positions[Int(other)] ? nil : Int(other)
  }

  private func pieces(of run: Range<Int>) -> Range<Int> {
    run.lowerBound / 16..<(run.upperBound + 15) / 16
  }
}

extension Program {
  /// The memory that holds the image.
  public var constantsMemory: Int? { target.memory(holding: .constants) }
}

extension Action {
  /// A span that does not have the size that the command's shapes ask for.
  fileprivate var sizeProblem: String? {
    switch self {
    case .copy(let from, let to):
      return from.byteCount == to.byteCount ? nil : "source and destination differ"
    case .load(let load):
      let height = load.padTop + load.tile.height + load.padBottom
      let width = load.padLeft + load.tile.width + load.padRight
      return load.block.byteCount == height * width * load.tile.channels ? nil : "the block"
    case .convolve(let convolve): return convolve.sizeProblem
    case .rescale(let rescale):
      let isRight =
        rescale.accumulators.byteCount == 4 * rescale.result.byteCount
        && rescale.parameters.byteCount % rescale.result.channels == 0
      return isRight ? nil : "accumulators or parameters"
    case .pool(let pool):
      let expected = pool.inputHeight * pool.inputWidth * pool.result.channels
      return pool.input.byteCount == expected ? nil : "the input"
    case .add(let add):
      let isRight =
        add.first.byteCount == add.result.byteCount
        && add.second.byteCount == add.result.byteCount
      return isRight ? nil : "an operand"
    case .softmax(let softmax):
      let isRight =
        softmax.input.byteCount == softmax.rows * softmax.depth
        && softmax.result.byteCount == softmax.input.byteCount
      return isRight ? nil : "operand or result"
    case .callHost(let call):
      let isRight =
        zip(call.operands, call.site.operands).allSatisfy { $0.byteCount == $1.byteCount }
        && zip(call.results, call.site.results).allSatisfy { $0.byteCount == $1.byteCount }
      return isRight ? nil : "operand or result"
    }
  }
}

extension Convolve {
  fileprivate var sizeProblem: String? {
    let elements = window.kernel[0] * window.kernel[1]
    guard input.byteCount == inputHeight * inputWidth * inputDepth else { return "the input" }
    guard accumulators.byteCount == 4 * height * width * depth else { return "the accumulators" }
    let expected = mode == .depthwise ? depth * elements : depth * elements * inputDepth
    guard weights.byteCount == expected else { return "the weights" }
    let spans = zip(window.kernel, window.dilation).map { ($0 - 1) * $1 + 1 }
    let isCovered =
      (height - 1) * window.stride[0] + spans[0] <= inputHeight
      && (width - 1) * window.stride[1] + spans[1] <= inputWidth
    return isCovered ? nil : "the input, for the window,"
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

  fileprivate static func outOfBounds(_ hull: Range<Int>, _ memory: String) -> Self {
    Self(id: "out-of-bounds", .ourFault, "bytes \(hull) are beyond the used part of `\(memory)`")
  }

  fileprivate static func readsUnwritten(_ byte: Int, _ memory: String) -> Self {
    Self(
      id: "reads-unwritten", .ourFault, "byte \(byte) of `\(memory)` is read, but nothing wrote it")
  }

  fileprivate static func hazard(_ other: Int, _ what: String) -> Self {
    Self(id: "hazard", .ourFault, "the command does not wait for command \(other), and \(what)")
  }

  fileprivate static func unwrittenOutput(_ name: String) -> Self {
    Self(id: "unwritten-output", .ourFault, "nothing writes output `\(name)`")
  }
}
