import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import Reporting
import Simulation
import Support
import Tensors
import TestSupport

/// A model, what became of it, and what it costs.
struct ProfiledRun {
  let model: Model
  let graph: Graph
  let program: Program
  let timeline: Timeline
  let profile: Profile

  var page: ProfilePage { ProfilePage(profile, program, timeline) }
}

/// Models with their profiles, made as `dovetail profile` makes them.
enum Profiled {
  static let models = TestFiles.allModels.filter { (try? Model($0)) != nil }

  static func profile(_ path: String, target: String = "ethos-u55-128") throws -> Profile {
    try run(path, target: target).profile
  }

  static func run(_ path: String, target: String = "ethos-u55-128") throws -> ProfiledRun {
    let model = try Model(path)
    let target = try Target(TargetVariant.path(of: target))
    var graph = model.graph
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: target.description)
    let timeline = Timeline(of: program)
    return ProfiledRun(
      model: model, graph: graph, program: program, timeline: timeline,
      profile: Profile(model, target, program, timeline))
  }

  /// Of a graph, which is written to a file and read again.
  static func run(_ graph: Graph) throws -> ProfiledRun {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(graph.text().utf8), to: "\(folder)/model.graph")
      return try run("\(folder)/model.graph")
    }
  }

  /// A chain of additions whose results have these names.
  static func chain(named names: [String]) throws -> ProfiledRun {
    var graph = Graph(name: "chain")
    let type = TensorType(.i8, [1, 4, 4, 8], Quantization(scale: 0.5))
    var value = graph.addInput("x", type)
    for (index, name) in names.enumerated() {
      let sources = [SourceOperator(index: index, kind: "ADD")]
      value = try graph.insert(Add(), [value, value], results: [type], from: sources)[0]
      graph.rename(value, name, sourceIndex: index + 1)
    }
    graph.setOutputs([value])
    return try run(graph)
  }

  /// Of a graph's text.
  static func run(text: String) throws -> ProfiledRun {
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
