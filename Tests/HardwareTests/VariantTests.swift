import Hardware
import Support
import TestSupport
import Testing

/// Targets that are a base with variants laid over it.
struct VariantTests {
  @Test(arguments: TargetVariant.names)
  func everyCombinationIsSound(name: String) throws {
    let path = TargetVariant.path(of: name)
    let combinations = try TargetLibrary.combinations(of: path)
    #expect(combinations.count >= 4)
    for choice in combinations {
      let target = try Target(path, choice)
      #expect(target.choice == choice)
      #expect(target.name == name)
    }
  }

  /// `Ethos_U55_High_End_Embedded` and the others that Vela 5.2 chooses by itself, as it prints them.
  @Test func defaultsAreThoseOfVela() throws {
    let expected = [
      "ethos-u55-64": (500.0, "Ethos_U55_High_End_Embedded", "Shared_Sram", 4_194_304),
      "ethos-u65-512": (1000.0, "Ethos_U65_Client_Server", "Dedicated_Sram_384KB", 393_216),
      "ethos-u85-2048": (1000.0, "Ethos_U85_SYS_DRAM_Mid", "Dedicated_Sram_384KB", 393_216),
    ]
    for (name, (clock, system, mode, bytes)) in expected {
      let target = try Target(TargetVariant.path(of: name))
      #expect(target.description.clockMHz == clock)
      #expect(target.choice.systemConfig == system)
      #expect(target.choice.memoryMode == mode)
      #expect(target.description.memories[0].bytes == bytes)
    }
  }

  /// The number in the name is that of multiply-accumulates per cycle.
  @Test(arguments: TargetVariant.names)
  func peakIsInTheName(name: String) throws {
    let target = try Target(TargetVariant.path(of: name)).description
    #expect(name.hasSuffix("-\(Int(target.peakMacsPerCycle))"))
  }

  @Test func familyIsATargetItself() throws {
    #expect(try Target(TargetVariant.file(of: "ethos-u65-512")).name == "ethos-u65-256")
  }

  @Test func variantsAreLaidOverTheBase() throws {
    let path = TargetVariant.path(of: "ethos-u65-512")
    let target = try Target(
      path, TargetChoice(systemConfig: "Ethos_U65_Embedded", memoryMode: "Sram_Only")
    ).description
    #expect(target.memories.map(\.name) == ["sram", "flash"])
    #expect(target.memories[0].holds == [.activations, .constants])
    #expect(target.memories[1].holds == [])
    #expect(target.memories[1].bytesPerCycle == 1)
    // Of the base, where the system configuration says nothing.
    #expect(target.memories[1].burstBytes == 128)
    #expect(target.array.microBlock == TargetDescription.Block(height: 2, width: 2, depth: 16))
    #expect(target.array.supports["add"] == nil && target.output.supports["add"] != nil)
  }

  @Test func variantInheritsWhatItDoesNotSay() throws {
    let choice = TargetChoice(memoryMode: "Dedicated_Sram_512KB")
    let target = try Target(TargetVariant.path(of: "ethos-u85-256"), choice).description
    #expect(target.memories[0].bytes == 524_288)
    #expect(target.memories[1].holds == [.spilledActivations, .constants])
    #expect(target.memory(holding: .spilledActivations) == 1)
  }

  /// Nothing writes to flash, so a dedicated SRAM is not to be had there.
  @Test func modeThatDoesNotGoWithTheSystemIsRefused() throws {
    let path = TargetVariant.path(of: "ethos-u65-256")
    let system = "Ethos_U65_Embedded"
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Target(path, TargetChoice(systemConfig: system, memoryMode: "Dedicated_Sram"))
    }
    #expect(problem.message.id == "impossible-mode")
    #expect(problem.help == "the memory modes are Shared_Sram, Sram_Only")
    // The default does not go with it either, so the first that does holds.
    #expect(try Target(path, TargetChoice(systemConfig: system)).choice.memoryMode == "Shared_Sram")
  }

  @Test func unknownVariantNamesThoseThereAre() throws {
    let wrong: [(TargetChoice, String, String)] = [
      (
        TargetChoice(systemConfig: "Fast"), "there is no system configuration `Fast`",
        "Ethos_U55_High_End_Embedded, Ethos_U55_Deep_Embedded"
      ),
      (
        TargetChoice(memoryMode: "Dedicated_Sram"), "there is no memory mode `Dedicated_Sram`",
        "Sram_Only, Shared_Sram"
      ),
    ]
    for (choice, message, names) in wrong {
      let problem = try #require(throws: Diagnostic.self) {
        _ = try Target(TargetVariant.path(of: "ethos-u55-128"), choice)
      }
      #expect(problem.message.text == message)
      #expect(problem.message.cause == .usage)
      #expect(problem.help?.hasSuffix(" are \(names)") == true)
    }
    let file = TargetVariant.file(of: "ethos-u55-128")
    let problem = try #require(throws: Diagnostic.self) { _ = try Target("\(file)#ethos-u55-12") }
    #expect(problem.message.text == "there is no configuration `ethos-u55-12`")
  }

  @Test func plainTargetHasNoVariants() throws {
    try TargetVariant.withFile(TargetVariant.text()) { path in
      #expect(try TargetLibrary.combinations(of: path) == [TargetChoice()])
      let problem = try #require(throws: Diagnostic.self) {
        _ = try Target(path, TargetChoice(memoryMode: "Sram_Only"))
      }
      #expect(problem.help == "the target has no memory modes")
    }
  }

  @Test func sizeOfTheActivationMemoryIsReplaced() throws {
    let path = TargetVariant.path(of: "ethos-u55-128")
    let choice = TargetChoice(activationMemoryBytes: 65_536)
    let target = try Target(path, choice)
    #expect(target.description.memories.map(\.bytes) == [65_536, 67_108_864])
    #expect(target.choice.activationMemoryBytes == 65_536)
  }

  @Test func namesMatchPatterns() throws {
    #expect(try TargetLibrary.names(matching: "*-u65-*") == ["ethos-u65-256", "ethos-u65-512"])
    #expect(try TargetLibrary.names(matching: "ethos-u85-128") == ["ethos-u85-128"])
    let problem = try #require(throws: Diagnostic.self) {
      _ = try TargetLibrary.names(matching: "hexagon*")
    }
    #expect(problem.message.id == "unknown-target")
  }
}

/// What is wrong with the variants in a target file is said.
struct WrongVariantTests {
  /// The plain target with variants around it.
  private static func family(_ variants: String) throws -> String {
    let base = try TargetVariant.text().split(separator: "\n").map { "  \($0)" }
    return variants + "\nbase:\n" + base.joined(separator: "\n") + "\n"
  }

  @Test(arguments: [
    (
      "defaults: { memoryMode: a }",
      "`defaults.memoryMode` is `a`, which is not among the memory modes"
    ),
    ("memoryModes: { a: { inherits: b } }", "`a` inherits `b`, which is not there"),
    ("memoryModes: { a: { inherits: a } }", "the memory mode `a` inherits itself in the end"),
    (
      "memoryModes: { a: { inherits: b }, b: { inherits: a } }",
      "the memory mode `b` inherits itself in the end"
    ),
    ("memoryModes: { a: }", "`memoryModes.a` is not of the right kind"),
    ("memoryModes: { a: [1] }", "`memoryModes.a` is not of the right kind"),
    ("memoryModes: { a: { clock: 3 } }", "there is no field `clock`"),
    ("memoryModes: { a: { clockMHz: 0 } }", "`clockMHz` is 0, which cannot be"),
    ("memoryModes: { a: { clockMHz: fast } }", "`clockMHz` is not of the right kind"),
    ("memoryMode: { a: {} }", "there is no field `memoryMode`"),
    ("defaults: { mode: a }", "there is no field `defaults.mode`"),
    (
      "memoryModes: { a: { memories: [{ name: sram, bytes: -1 }] } }",
      "`sram.bytes` is -1, which cannot be"
    ),
    (
      "memoryModes: { a: { memories: [{ name: rom, bytes: 1 }] } }",
      "`memories.Index 2.bytesPerCycle` is missing"
    ),
  ])
  func wrongVariantIsNamed(variants: String, message: String) throws {
    let found = try diagnostics(of: Self.family(variants))
    #expect(found.map(\.message.text) == [message])
    #expect(found.allSatisfy { $0.message.cause == .malformed })
  }

  @Test func variantsThatChangeNothingAreSound() throws {
    #expect(try diagnostics(of: Self.family("memoryModes: { a: {} }")) == [])
    #expect(try diagnostics(of: Self.family("memoryModes: 3")) == [])
  }

  /// Two such trees, laid over each other, have 10^12 fields to merge.
  @Test(.timeLimit(.minutes(1)))
  func aliasesThatMultiplyAreReported() throws {
    var lines = ["x:", "  - &a0 { k: 1 }"]
    for level in 1...12 {
      let fields = (0..<10).map { "k\($0): *a\(level - 1)" }.joined(separator: ", ")
      lines.append("  - &a\(level) { \(fields) }")
    }
    lines += ["memoryModes: { m: { host: *a12 } }", "base: { host: *a12 }"]
    #expect(try !diagnostics(of: lines.joined(separator: "\n") + "\n").isEmpty)
    lines[0] = "defaults:"
    #expect(try !diagnostics(of: lines.joined(separator: "\n") + "\n").isEmpty)
  }

  private func diagnostics(of text: String) throws -> [Diagnostic] {
    try TargetVariant.withFile(text) { path in
      do {
        _ = try Target(path)
        return []
      } catch {
        return Diagnostics(of: error).all
      }
    }
  }
}
