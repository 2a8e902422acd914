import ArgumentParser
import Hardware
import Importing
import Lowering
import Reporting
import Simulation
import Support

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what changed between two models or two profiles.",
    discussion: """
      Layers are known by their structure, so that new names and positions alone are told as such. With --target, \
      models are compiled and simulated, and the difference of their profiles is shown too.
      """)

  @Argument(
    help: "A model, a compiled program, or a profile that `dovetail profile --json` wrote.",
    completion: .file())
  var before: String

  @Argument(help: "What to compare it with, of the same kind.", completion: .file())
  var after: String

  @Option(help: "Compare what two models cost on this target, too.")
  var target: String?

  @OptionGroup var variants: VariantArguments
  @OptionGroup var shapes: ShapeArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp("Write the difference as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Option(
    help: ArgumentHelp("Write it as Markdown; `-` is standard output.", valueName: "FILE"))
  var markdown: String?

  @Option(
    help: ArgumentHelp("Write it as a page of HTML; `-` is standard output.", valueName: "FILE"))
  var html: String?

  @Flag(help: "Exit with status 1 if anything differs.")
  var exitCode = false

  func validate() throws { try variants.requireTarget(target) }

  func run() throws {
    let difference = try difference()
    if let json { try Console.write(JSONText.encode(difference), to: json) }
    if let markdown { try Console.write(DiffMarkdown.text(difference), to: markdown) }
    if let html { try Console.write(DiffPage.text(difference), to: html) }
    if ![json, markdown, html].contains("-") {
      try Console.result(DiffTable(difference, width: Console.width).text)
    }
    if exitCode, difference.differs { throw ExitCode(Diagnostic.Cause.checkFailed.rawValue) }
  }

  private func difference() throws -> Difference {
    switch (hasProfile(before), hasProfile(after)) {
    case (true, true): return Difference(try profile(in: before), try profile(in: after))
    case (false, false): return try differenceOfModels()
    default:
      throw Diagnostic(
        .profileAndModel, help: "profile the model first, with `dovetail profile --json`")
    }
  }

  private func hasProfile(_ path: String) -> Bool {
    Profile.isProfile(path) || CompiledModel.isProgram(path)
  }

  /// The profile that a file holds, or that of the program in it.
  private func profile(in path: String) throws -> Profile {
    guard CompiledModel.isProgram(path) else { return try Profile(reading: path) }
    let compiled = try CompiledModel(path)
    return Profile(compiled, Timeline(of: compiled.program))
  }

  private func differenceOfModels() throws -> Difference {
    let models = (try load(before), try load(after))
    guard let target else { return Difference(models.0, models.1) }
    let measurement = Measurement(
      try Target(target, variants.choice), pipeline, variants.chosenObjective)
    let profiles = (
      try measurement.profile(of: models.0, in: before),
      try measurement.profile(of: models.1, in: after)
    )
    return Difference(models.0, models.1, profiles: profiles)
  }
}

extension Diff {
  private func load(_ path: String) throws -> Model {
    try Model(path, Model.Options(shapes: try shapes.parsed()))
  }
}

extension Diagnostic.Message {
  fileprivate static var profileAndModel: Self {
    Self(id: "profile-and-model", .usage, "a profile cannot be compared with a model")
  }
}
