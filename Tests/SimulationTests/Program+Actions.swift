import Lowering

extension Program {
  /// The program with these commands in place of its own, all of its first layer; none of them waits.
  func performing(_ actions: [Action]) -> Program {
    var program = self
    program.commands = actions.map { action in
      var command = commands[0]
      command.action = action
      command.dependencies = Dependencies()
      return command
    }
    return program
  }
}
