import ArgumentParser
import Hardware
import Importing
import Lowering
import Support

/// A model and the target that it is compiled for, or a program file, which has both.
struct CompilationArguments: ParsableArguments {
  @OptionGroup var model: ModelArguments

  @Option(
    help: "A name from Targets/, or the path of a target file; a compiled program has its own.")
  var target: String?

  @OptionGroup var variants: VariantArguments
  @OptionGroup var pipeline: PipelineArguments

  /// Reads the program, or compiles the model.
  func load() throws -> CompiledModel {
    if let compiled = try model.compiled(pipeline, variants, for: target) { return compiled }
    let source = try model.load()
    let target = try loadedTarget()
    return try model.locating {
      try CompiledModel(
        pipeline.optimized(source.graph), from: CompiledModel.Source(source), for: target,
        variants.chosenObjective)
    }
  }

  /// The target of a model that is not compiled yet.
  func loadedTarget() throws -> Target {
    guard let target else { throw ValidationError("Missing expected argument '--target <target>'") }
    return try Target(target, variants.choice)
  }
}

extension CompiledModel.Source {
  init(_ model: Model) {
    self.init(name: model.name, format: model.format, sha256: model.sha256)
  }
}

extension ModelArguments {
  /// Whether the file holds a compiled program.
  var isCompiled: Bool { CompiledModel.isProgram(model) }

  /// Reads a program file; nil if the file holds a model.
  ///
  /// - Parameter target: the one that the user expects, by name or path; nil for any.
  /// - Throws: a `Diagnostic` if it was made for another target, or choices were made that come too late.
  func compiled(
    _ pipeline: PipelineArguments, _ variants: VariantArguments, for target: String?
  ) throws -> CompiledModel? {
    guard isCompiled else { return nil }
    guard shapes.shapes.isEmpty, pipeline.isStandard, variants.objective == nil else {
      throw ValidationError(
        "shapes, passes and objective cannot be chosen for a program that is compiled")
    }
    let compiled = try CompiledModel(model)
    guard let target = try target.map({ try Target($0, variants.choice) }) else { return compiled }
    guard target.description == compiled.target.description else {
      throw Diagnostic(
        .error, .otherTarget(compiled.target.name, target.name),
        at: Diagnostic.Place(file: model),
        help: "leave out `--target`, or compile the model for it")
    }
    return compiled
  }
}

extension Diagnostic.Message {
  fileprivate static func otherTarget(_ found: String, _ expected: String) -> Self {
    let difference = found == expected ? "another description of it" : "`\(expected)`"
    return Self(
      id: "other-target", .usage, "the program was compiled for `\(found)`, not for \(difference)")
  }
}
