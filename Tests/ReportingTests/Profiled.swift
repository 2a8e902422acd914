import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import Reporting
import Simulation
import Support
import TestSupport

/// Models with their profiles, made as `dovetail profile` makes them.
enum Profiled {
  static let models = TestFiles.allModels.filter { (try? Model($0)) != nil }

  static func profile(_ path: String, target: String = "ethos-u55-128") throws -> Profile {
    let model = try Model(path)
    let target = try Target(TargetVariant.path(of: target))
    var graph = model.graph
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: target.description)
    return Profile(model, target, program, Timeline(of: program))
  }

  /// Of a graph's text.
  static func profile(text: String) throws -> Profile {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(text.utf8), to: "\(folder)/model.graph")
      return try profile("\(folder)/model.graph")
    }
  }

  /// An addition whose result has the given name in the model file.
  static func addition(named name: String) -> String {
    """
    graph g(%x: i8<0.5>[1, 4, 4, 8]) {
      %y = add(%x, %x) : i8<0.5>[1, 4, 4, 8] from ADD 0
      return %y
    }
    %y = tensor 7 "\(name)"

    """
  }
}
