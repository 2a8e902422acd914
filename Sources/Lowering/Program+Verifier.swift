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
    if let problem = boundsProblem { return [Diagnostic(problem)] }
    if let book = codes.firstIndex(where: { WeightCode(parsing: $0) == nil }) {
      return [Diagnostic(.badCode(book))]
    }
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

extension Program {
  /// Whether what is there without any command lies inside of the memories: image, inputs, outputs and values.
  private var boundsProblem: Diagnostic.Message? {
    if let memory = memories.first(where: { !(0...$0.byteCount).contains($0.usedBytes) }) {
      return .usesTooMuch(memory)
    }
    if let constants = constantsMemory, image.count > memories[constants].usedBytes {
      return .bindingOutOfBounds("the image of constants")
    }
    let outside = (inputs + outputs + values).first { !isInside($0.span) }
    return outside.map { .bindingOutOfBounds("value `\($0.name)`") }
  }

  private func isInside(_ span: Span) -> Bool {
    memories.indices.contains(span.memory) && span.address >= 0 && span.byteCount >= 0
      && span.byteCount <= memories[span.memory].usedBytes
      && span.address <= memories[span.memory].usedBytes - span.byteCount
  }

  /// The memory that holds the image.
  public var constantsMemory: Int? { target.memory(holding: .constants) }
}

extension Diagnostic.Message {
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

  fileprivate static func unwrittenOutput(_ name: String) -> Self {
    Self(id: "unwritten-output", .ourFault, "nothing writes output `\(name)`")
  }
}
