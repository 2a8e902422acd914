import ArgumentParser
import GraphIR
import Importing
import Lowering
import Operators
import Reporting
import Support
import Tensors

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Show what is in a model or a compiled program: inputs, outputs, operators, MACs, parameters."
  )

  @Argument(help: "A .tflite, .onnx, .graph or .dvp file.", completion: .file())
  var model: String?

  @Flag(help: "Print the graph's text form; long constants are left out.")
  var graph = false

  @Flag(help: "With --graph: print all constants, so that the text can be read back.")
  var constants = false

  @Option(
    help: ArgumentHelp("Write the summary as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "List the operators that are supported, instead of a model.")
  var operators = false

  func run() throws {
    if operators { return try listOperators() }
    guard let path = model else { throw ValidationError("name a model, or give --operators") }
    if CompiledModel.isProgram(path) { return try showProgram(path) }
    let summary = try ModelSummary(path)
    summary.problems.forEach { Console.message($0.description) }
    if graph { return try printGraph(path) }
    if let json { try Console.write(JSONText.encode(summary), to: json) }
    if json != "-" { try Console.result(summary.text(width: Console.width)) }
  }

  private func showProgram(_ path: String) throws {
    guard !graph else {
      throw ValidationError("a compiled program has no graph; see `compile --emit program`")
    }
    let summary = ProgramSummary(try CompiledModel(path), path: path)
    if let json { try Console.write(JSONText.encode(summary), to: json) }
    if json != "-" { try Console.result(summary.text) }
  }

  private func printGraph(_ path: String) throws {
    let graph = try Model(path).graph
    try Console.result(graph.text(constants: constants ? .full : .elided))
  }

  private func listOperators() throws {
    var table = TextTable([
      .init("operator"),
      .init("element types of operand 0 × of weights", isElastic: true),
    ])
    for kind in Operators.all.all {
      table.add([kind.name, kind.elements.flatMap { forms($0, of: kind) }.joined(separator: ", ")])
    }
    try Console.result(table.lines(width: Console.width).joined(separator: "\n") + "\n")
  }

  /// An element type by itself, and with each of other types that weights can have.
  private func forms(_ element: ElementType, of kind: any Operator.Type) -> [String] {
    (kind.weightElements[element] ?? [element]).map { weights in
      weights == element ? element.rawValue : "\(element.rawValue) × \(weights.rawValue)"
    }
  }
}
