import ArgumentParser
import Quantization

/// A scheme for each layer, chosen by what it costs and loses.
struct MixedArguments: ParsableArguments {
  @Flag(name: .customLong("mixed"), help: "Choose a scheme for each layer.")
  var isAsked = false

  @Option(help: "Count what layers cost on this target; without it, bytes of weights are counted.")
  var target: String?

  @OptionGroup var variants: VariantArguments

  @Option(
    name: .customLong("minimize"),
    help: "What is to be least: by default latency on a target, else size.")
  var chosenCost: MixedCost?

  @Option(
    help: ArgumentHelp("By how many points accuracy may drop at most.", valueName: "POINTS"))
  var maxDrop: Double?

  @Option(
    help: ArgumentHelp(
      "What the network may cost, in cycles, bytes or nanojoules; then accuracy is to be best.",
      valueName: "COST"))
  var budget: Double?

  @Option(
    name: .customLong("candidates"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "What a layer may be; the first is that of layers without weights. By default `int8`, `int16x8` and `w4a8`.",
      valueName: "SCHEME"))
  var chosenCandidates: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Data to measure accuracy on; without them the samples. Without labels the network's own probabilities tell.",
      valueName: "X.npy"))
  var data: [String] = []

  @Option(help: ArgumentHelp("The right class of each sample of the data.", valueName: "Y.npy"))
  var labels: String?

  /// - Throws: a usage error if options do not go together, or numbers make no sense.
  func validate() throws {
    try checkUse()
    try variants.requireTarget(target)
    try NumericOption.check(maxDrop, "--max-drop", atLeast: 0)
    try NumericOption.check(budget, "--budget", atLeast: 0)
    guard isAsked else { return }
    guard (maxDrop == nil) != (budget == nil) else {
      throw ValidationError("`--mixed` needs either `--max-drop` or `--budget`")
    }
    if target == nil, cost != .size {
      throw ValidationError("`--minimize \(cost.rawValue)` counts on a target: add `--target`")
    }
  }

  /// Nothing that was asked for passes unnoticed.
  private func checkUse() throws {
    let given = [
      ("--target", target != nil), ("--minimize", chosenCost != nil),
      ("--max-drop", maxDrop != nil), ("--budget", budget != nil),
      ("--candidates", !chosenCandidates.isEmpty), ("--data", !data.isEmpty),
      ("--labels", labels != nil), ("--system-config", variants.systemConfig != nil),
      ("--memory-mode", variants.memoryMode != nil), ("--sram", variants.sram != nil),
      ("--objective", variants.objective != nil),
    ]
    guard !isAsked, let option = given.first(where: \.1) else { return }
    throw ValidationError("`\(option.0)` is for the choice of a scheme per layer: add `--mixed`")
  }

  /// What a choice makes least.
  var cost: MixedCost { chosenCost ?? (target == nil ? .size : .latency) }

  /// The schemes that layers choose from; the first is that of all else.
  var candidates: [String] {
    chosenCandidates.isEmpty ? ["int8", "int16x8", "w4a8"] : chosenCandidates
  }

  /// What limits the choice.
  var limit: MixedPrecision.Limit {
    maxDrop.map { .drop($0) } ?? .cost(budget ?? .infinity)
  }
}
