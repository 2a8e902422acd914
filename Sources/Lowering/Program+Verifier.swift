import Support

/// What must hold in every program:
///
/// - memories are those of the target, and what is there without commands lies inside of them;
/// - no command reaches beyond a memory, spans have the sizes that their shapes ask for, and numbers are such that
///   engines can compute with them;
/// - no command reads a byte that nothing wrote: neither the image, nor an input, nor a command before it;
/// - whoever reads what a command wrote, or overwrites what a command read or wrote, waits for that command:
///   directly, through others, or because they run one after the other on one engine;
/// - dependencies point backwards, and the layers of commands exist.
extension Program {
  /// Everything that is wrong with the program; empty for a sound one. It stops after the first command at fault.
  public func verify() -> [Diagnostic] {
    if let problem = memoryProblem ?? boundsProblem { return [Diagnostic(problem)] }
    if let problem = tooLittleMemory { return [problem] }
    if let book = codes.firstIndex(where: { WeightCode(parsing: $0) == nil }) {
      return [Diagnostic(.badCode(book))]
    }
    var checker = ProgramChecker(self)
    for index in commands.indices {
      if let problem = checker.problem(with: commands[index], index) {
        return [Diagnostic(problem, at: "command \(index)")]
      }
    }
    guard operationBound <= Self.maximumOperations else { return [Diagnostic(.tooMuchWork)] }
    let unwritten = outputs.first { !checker.isWritten($0.span) }
    return unwritten.map { [Diagnostic(.unwrittenOutput($0.name))] } ?? []
  }
}

extension Program {
  private var memoryProblem: Diagnostic.Message? {
    let buffer = target.buffer
    let expected =
      target.memories.map { ($0.name, $0.bytes) } + [(buffer.name, buffer.banks * buffer.bankBytes)]
    let isExpected =
      expected.count == memories.count
      && zip(expected, memories).allSatisfy { $0.0 == $1.name && $0.1 == $1.byteCount }
    guard isExpected else { return .otherMemories }
    let excess = memories.first { !(0...$0.byteCount).contains($0.usedBytes) }
    return excess.map { .usesTooMuch($0) }
  }

  /// Whether what is there without any command lies inside of the memories: image, inputs, outputs and values.
  private var boundsProblem: Diagnostic.Message? {
    if let constants = constantsMemory, imageByteCount > memories[constants].usedBytes {
      return .bindingOutOfBounds("the image of constants")
    }
    let bindings = inputs + outputs + values
    if let outside = bindings.first(where: { !holds($0.span) }) {
      return .bindingOutOfBounds("value `\(outside.name)`")
    }
    if let wrong = bindings.first(where: { $0.span.byteCount != $0.type.byteCount }) {
      return .bindingSize(wrong.name)
    }
    let outside = allocations.first { !holds($0.span) }
    return outside.map { .bindingOutOfBounds("what is kept for `\($0.name)`") }
  }

  /// Whether this machine can hold what the checker knows of each byte.
  private var tooLittleMemory: Diagnostic? {
    do {
      try MemoryLimit.check(
        ProgramChecker.byteCount(for: self), for: "the memories that the program uses")
      return nil
    } catch {
      return Diagnostics(of: error).all.first
    }
  }

  /// Whether a span lies inside of the used part of a memory.
  func holds(_ span: Span) -> Bool {
    memories.indices.contains(span.memory) && span.address >= 0 && span.byteCount >= 0
      && span.byteCount <= memories[span.memory].usedBytes
      && span.address <= memories[span.memory].usedBytes - span.byteCount
  }

  /// Whether a tile lies inside of the used part of a memory, and its runs of bytes do not overlap.
  func holds(_ tile: Tile) -> Bool {
    guard memories.indices.contains(tile.memory) else { return false }
    let used = memories[tile.memory].usedBytes
    let extents = 0...Int(Int32.max)
    guard extents.contains(tile.height), extents.contains(tile.width),
      (0...used).contains(tile.channels), (0...used).contains(tile.address)
    else { return false }
    // Not by `byteCount`, as the product may be too large.
    guard tile.height > 0, tile.width > 0, tile.channels > 0 else { return true }
    let columns = (tile.width - 1).multipliedReportingOverflow(by: tile.pixelStride)
    let rows = (tile.height - 1).multipliedReportingOverflow(by: tile.rowStride)
    guard !columns.overflow, !rows.overflow, (0...used).contains(columns.partialValue),
      (0...used).contains(rows.partialValue)
    else { return false }
    let rowBytes = columns.partialValue + tile.channels
    let isApart =
      (tile.width == 1 || tile.pixelStride >= tile.channels)
      && (tile.height == 1 || tile.rowStride >= rowBytes)
    return isApart && tile.address + rows.partialValue + rowBytes <= used
  }

  /// The memory that holds the image.
  public var constantsMemory: Int? { target.memory(holding: .constants) }
}

extension Diagnostic.Message {
  fileprivate static var otherMemories: Self {
    Self(id: "bad-program", .ourFault, "the memories are not those of the target")
  }

  fileprivate static func usesTooMuch(_ memory: Program.Memory) -> Self {
    Self(
      id: "out-of-bounds", .ourFault,
      "\(memory.usedBytes) bytes of `\(memory.name)` are used, which has \(memory.byteCount)")
  }

  fileprivate static func bindingOutOfBounds(_ what: String) -> Self {
    Self(id: "out-of-bounds", .ourFault, "\(what) lies beyond the used part of a memory")
  }

  fileprivate static func badCode(_ book: Int) -> Self {
    Self(id: "bad-program", .ourFault, "code book \(book) is not one")
  }

  fileprivate static func bindingSize(_ name: String) -> Self {
    Self(id: "bad-program", .ourFault, "value `\(name)` does not have the size of its type")
  }

  fileprivate static var tooMuchWork: Self {
    Self(id: "bad-program", .ourFault, "the commands do more than can be timed")
  }

  fileprivate static func unwrittenOutput(_ name: String) -> Self {
    Self(id: "unwritten-output", .ourFault, "nothing writes output `\(name)`")
  }
}
