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

  /// A profile with what it was made of.
  struct Run {
    let profile: Profile
    let program: Program
    let timeline: Timeline

    var page: ProfilePage { ProfilePage(profile, program, timeline) }
  }

  static func run(_ path: String, target: String = "ethos-u55-128") throws -> Run {
    let model = try Model(path)
    let target = try Target(TargetVariant.path(of: target))
    var graph = model.graph
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: target.description)
    let timeline = Timeline(of: program)
    return Run(
      profile: Profile(model, target, program, timeline), program: program, timeline: timeline)
  }

  static func profile(_ path: String, target: String = "ethos-u55-128") throws -> Profile {
    try run(path, target: target).profile
  }

  /// Of a graph's text.
  static func run(text: String) throws -> Run {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(text.utf8), to: "\(folder)/model.graph")
      return try run("\(folder)/model.graph")
    }
  }

  static func profile(text: String) throws -> Profile { try run(text: text).profile }

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
