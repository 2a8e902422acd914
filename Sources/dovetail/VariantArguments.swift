import ArgumentParser
import Hardware
import Lowering

/// Which variants of a target a command works for; those of the target file's defaults, where nothing is said.
struct VariantArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The clock and the memories around the NPU; `targets show` lists them.", valueName: "NAME"))
  var systemConfig: String?

  @Option(
    help: ArgumentHelp(
      "What each memory is for; `targets show` lists them.", valueName: "NAME"))
  var memoryMode: String?

  @Option(
    help: ArgumentHelp(
      "The size of the memory for activations, such as 256KiB.", valueName: "SIZE"),
    transform: ByteSize.init(text:))
  var sram: ByteSize?

  @Option(help: "What to have least of: latency, memory, traffic or energy.")
  var objective: Objective?

  /// What a program is to have least of, where nothing is said: the fewest cycles.
  var chosenObjective: Objective { objective ?? .latency }

  var choice: TargetChoice {
    TargetChoice(
      systemConfig: systemConfig, memoryMode: memoryMode, activationMemoryBytes: sram?.bytes)
  }

  /// - Throws: a `ValidationError` if a variant is named where there is no target.
  func requireTarget(_ target: String?) throws {
    let given = [
      ("--system-config", systemConfig != nil), ("--memory-mode", memoryMode != nil),
      ("--sram", sram != nil), ("--objective", objective != nil),
    ]
    guard target == nil, let option = given.first(where: \.1) else { return }
    throw ValidationError("`\(option.0)` says something of a target: add `--target`")
  }
}

/// A number of bytes, as people write it: `384KiB`.
struct ByteSize: Hashable {
  let bytes: Int

  private static let units = [
    "B": 1, "KB": 1000, "KiB": 1024, "MB": 1_000_000, "MiB": 1 << 20, "GB": 1_000_000_000,
    "GiB": 1 << 30,
  ]
  /// More than any target may have.
  private static let limit = 1 << 40

  /// - Throws: a `ValidationError` for what is no positive integer with a unit.
  init(text: String) throws {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits), let unit = Self.units[String(text[digits.endIndex...])],
      number > 0
    else {
      throw ValidationError(
        "give a whole number above 0 with a unit, B, KB, KiB, MB, MiB, GB or GiB: 256KiB")
    }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: unit)
    guard !overflows, bytes <= Self.limit else {
      throw ValidationError("no memory of a target has more than 1024GiB")
    }
    self.bytes = bytes
  }
}

extension Objective: ExpressibleByArgument {}
