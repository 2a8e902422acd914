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

extension Program {
  /// The memory that holds the image.
  public var constantsMemory: Int? { target.memory(holding: .constants) }
}

extension Diagnostic.Message {
  fileprivate static func unwrittenOutput(_ name: String) -> Self {
    Self(id: "unwritten-output", .ourFault, "nothing writes output `\(name)`")
  }
}
