import ArgumentParser
import Quantization

/// A scheme for each layer, chosen by what it costs and loses.
struct MixedArguments: ParsableArguments {
  @Flag(name: .customLong("mixed"), help: "Choose a scheme for each layer.")
  var isAsked = false

  @Option(help: "Count what layers cost on this target; without it, bytes of weights are counted.")
  var target: String?

  @OptionGroup var variants: VariantArguments

  @Option(help: "What is to be least on the target.")
  var minimize = MixedCost.latency

  @Option(
    help: ArgumentHelp("By how many points accuracy may drop at most.", valueName: "POINTS"))
  var maxDrop: Double?

  @Option(
    help: ArgumentHelp(
      "What layers may cost together, in cycles or bytes; then accuracy is to be best.",
      valueName: "COST"))
  var budget: Double?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("What a layer may be.", valueName: "SCHEME"))
  var candidates = ["int8", "int16x8", "w4a8"]

  @Option(
    help: ArgumentHelp(
      "Data to measure accuracy on; without them the samples. Without labels the network's own probabilities tell.",
      valueName: "X.npy"))
  var data: [String] = []

  @Option(help: ArgumentHelp("The right class of each sample of the data.", valueName: "Y.npy"))
  var labels: String?

  /// - Throws: a usage error if options do not go together.
  func check() throws {
    try variants.requireTarget(target)
    guard isAsked else {
      guard target == nil, maxDrop == nil, budget == nil else {
        throw ValidationError("`--target`, `--max-drop` and `--budget` are for `--mixed`")
      }
      return
    }
    guard (maxDrop == nil) != (budget == nil) else {
      throw ValidationError("`--mixed` needs either `--max-drop` or `--budget`")
    }
  }

  /// What limits the choice.
  var limit: MixedPrecision.Limit {
    maxDrop.map { .drop($0) } ?? .cost(budget ?? .infinity)
  }
}

/// What a choice of schemes makes least.
enum MixedCost: String, ExpressibleByArgument, CaseIterable {
  /// Cycles of the simulated target.
  case latency
  /// Bytes that the simulated target moves to and from its memories.
  case traffic
  /// Bytes of weights.
  case size

  var unit: String { self == .latency ? "cycles" : "bytes" }
}
