import Hardware
import Support
import TestSupport
import Testing

struct TargetFileTests {
  @Test(arguments: TargetVariant.names)
  func targetInTheRepositoryIsSound(name: String) throws {
    let target = try Target(TargetVariant.path(of: name))
    #expect(target.name == name)
    #expect(target.description.lint() == [])
    #expect(try target.sha256 == SHA256.hexDigest(of: bytes(of: name)))
  }

  @Test func plainFileIsTheTargetOfItsName() throws {
    let plain = try TargetVariant.withFile(TargetVariant.text()) { try Target($0) }
    #expect(plain.choice == TargetChoice())
    let text = try TargetVariant.text(replacing: [
      "  - name: sram": "  - port: axi0\n    name: sram",
      "  - name: flash": "  - port: axi1\n    name: flash",
    ])
    let withPorts = try TargetVariant.withFile(text) { try Target($0).description }
    #expect(try withPorts == Target(TargetVariant.path(of: "ethos-u55-128")).description)
  }

  @Test func targetsAreFoundByName() throws {
    #expect(TargetLibrary.names() == TargetVariant.names)
    #expect(try Target("ethos-u55-128").name == "ethos-u55-128")
  }

  @Test func unknownTargetNamesThoseThereAre() throws {
    let problem = try #require(throws: Diagnostic.self) { _ = try Target("ethos-u55-12") }
    #expect(problem.message.id == "unknown-target")
    #expect(problem.message.cause == .usage)
    #expect(problem.help?.contains("ethos-u55-128, ethos-u55-256") == true)
  }

  private func bytes(of name: String) throws -> UnsafeRawBufferPointer {
    let text = try Array(FileBytes.text(of: TargetVariant.file(of: name)).utf8)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
    copy.copyBytes(from: text)
    return UnsafeRawBufferPointer(copy)
  }
}

/// What is wrong in a target file is said, with the field and if possible the line.
struct WrongTargetTests {
  /// A part of the file, what stands there instead, and the messages that must follow.
  struct Case: CustomTestStringConvertible {
    let old: String
    let new: String
    let messages: [String]

    init(_ old: String, _ new: String, _ messages: String...) {
      (self.old, self.new, self.messages) = (old, new, messages)
    }

    var testDescription: String { new.isEmpty ? "without \(old)" : new }
  }

  static let cases = [
    Case("clockMHz: 500", "clockMHz: 500\nclockMhz: 500", "there is no field `clockMhz`"),
    Case("callCycles: 1000", "callCycles: 1000\n  idle: 3", "there is no field `host.idle`"),
    Case("burstBytes: 128", "burstBytes: 128\n    x: 1", "there is no field `memories[1].x`"),
    Case("clockMHz: 500", "", "`clockMHz` is missing"),
    Case("bankBytes: 1024", "", "`buffer.bankBytes` is missing"),
    Case("  - name: sram", "  - nickname: sram", "`memories.Index 0.name` is missing"),
    Case("clockMHz: 500", "clockMHz: fast", "`clockMHz` is not of the right kind"),
    Case("bankBytes: 1024", "bankBytes: 1.5", "`buffer.bankBytes` is not of the right kind"),
    Case("bankBytes: 1024", "bankBytes: [1]", "`buffer.bankBytes` is not of the right kind"),
    Case("clockMHz: 500", "clockMHz:", "`clockMHz` is not of the right kind"),
    Case(
      "holds: [constants]", "holds: [weights]",
      "`memories.Index 1.holds.Index 0` has a value that is not allowed"),
    Case(
      "bytesPerCycle: 8", "bytesPerCycle: 0",
      "`sram.bytesPerCycle` is 0, which cannot be"),
    Case(
      "writeLatencyCycles: 32", "writeLatencyCycles: -1",
      "`sram.writeLatencyCycles` is -1, which cannot be"),
    Case("clockMHz: 500", "clockMHz: .nan", "`clockMHz` is nan, which cannot be"),
    Case("clockMHz: 500", "clockMHz: .inf", "`clockMHz` is inf, which cannot be"),
    Case(
      "macsPerCycle: 2", "macsPerCycle: 1e300", "`host.macsPerCycle` is 1e+300, which cannot be"),
    Case("conv2d:", "conv4d:", "there is no operator `conv4d` to support"),
    Case(
      "elements: [i8, u8]", "elements: [i9]",
      "there is no element type `i9`, which `conv2d` is said to support"),
    Case(
      "maximumDepthMultiplier: 1", "maximumDepthMultiplier: one",
      "`array.supports.depthwise_conv2d.maximumDepthMultiplier` is not of the right kind"),
    Case("maximum: [64, 64]", "maximum: [64]", "a limit of `conv2d` is not a height and a width"),
    Case("- name: flash", "- name: sram", "two memories have the name `sram`"),
    Case("- name: flash", "- name: shram", "two memories have the name `shram`"),
    Case("holds: [constants]", "holds: []", "no memory holds constants"),
    Case(
      "holds: [activations, stagedConstants]", "holds: []", "no memory holds activations"),
    Case(
      "holds: [activations, stagedConstants]", "holds: [activations, spilledActivations]",
      "`sram` holds activations, and those that have no room in it"),
    Case(
      "banks: 24", "banks: 24\n  inputBanks: 3", "`buffer.inputBanks` is 3, at least 4 are needed"),
    Case(
      "inputDepth: 32", "inputDepth: 32\n  kernelStepCycles: 0",
      "`array.kernelStepCycles` is 0, which cannot be"),
    Case(
      "inputDepth: 32",
      "inputDepth: 32\n  microBlocks: { dense: [{ height: 0, width: 1, depth: 8 }], depthwise: [], pool: "
        + "[{ height: 1, width: 1, depth: 8 }] }",
      "`array.microBlocks.dense.height` is 0, which cannot be",
      "`array.microBlocks.depthwise` is empty"),
    Case(
      "mover: dma", "mover: dma\n  bytesInFlight: { mover: 0, reader: 1, array: 1 }",
      "`copies.bytesInFlight.mover` is 0, which cannot be"),
    Case(
      "mover: dma", "mover: dma\n  bytesInFlight: { mover: 1, reader: 1, array: 1, parameters: 0 }",
      "`copies.bytesInFlight.parameters` is 0, which cannot be"),
    Case(
      "operationBytes: 89", "operationBytes: 0",
      "`commands.operationBytes` is 0, which cannot be"),
    Case(
      "bytes: 4194304", "bytes: 4194304\n    readBytesInFlight: 0",
      "`sram.readBytesInFlight` is 0, which cannot be"),
    Case("banks: 24", "banks: 15", "`buffer.banks` is 15, at least 16 are needed"),
    Case("bytes: 4194304", "bytes: -1", "`sram.bytes` is -1, which cannot be"),
    Case("callCycles: 1000", "callCycles: -1", "`host.callCycles` is -1, which cannot be"),
    Case(
      "weightDecodeCycles: 32", "weightDecodeCycles: -5",
      "`array.weightDecodeCycles` is -5, which cannot be"),
    Case("bubbleCycles: 2", "bubbleCycles: -2", "`array.bubbleCycles` is -2, which cannot be"),
    Case("banks: 24", "banks: 1099511627776", "`buffer.banks` is 1099511627776, which cannot be"),
    Case("reservedBanks: 4", "reservedBanks: -4", "`buffer.reservedBanks` is -4, which cannot be"),
    Case(
      "cyclesPerActivation: 0.5", "cyclesPerActivation: .nan",
      "`output.cyclesPerActivation` is nan, which cannot be"),
    Case(
      "cyclesPerOperation: 23", "cyclesPerOperation: 9223372036854775807",
      "`output.softmax.cyclesPerOperation` is 9.223372036854776e+18, which cannot be"),
    Case(
      "maximumDepthMultiplier: 1", "maximumDepthMultiplier: 0",
      "`depthwise_conv2d.maximumDepthMultiplier` is 0, which cannot be"),
    Case(
      "macsPerCycle: 2", "macsPerCycle: 1e-300", "`host.macsPerCycle` is 1e-300, which cannot be"),
  ]

  @Test(arguments: cases)
  func wrongFieldIsNamed(_ wrong: Case) throws {
    let text = try TargetVariant.text(replacing: [wrong.old: wrong.new])
    let found = try diagnostics(of: text)
    #expect(found.map(\.message.text) == wrong.messages)
    #expect(found.allSatisfy { $0.message.cause == .malformed && $0.place.file != nil })
  }

  @Test func unknownFieldHasItsLine() throws {
    let text = try TargetVariant.text(replacing: ["clockMHz: 500": "clockMHz: 500\nclockMhz: 1"])
    let number = text.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.hasPrefix("clockMhz") }.map { $0 + 1 }
    let found = try diagnostics(of: text)
    #expect(found.map(\.place.spot) == [number.map { "line \($0)" }])
  }

  @Test func allThatIsWrongIsReportedAtOnce() throws {
    let text = try TargetVariant.text(replacing: [
      "clockMHz: 500": "clockMHz: 0", "bytesPerCycle: 8": "bytesPerCycle: -8",
      "burstBytes: 128": "burstBytes: 0",
    ])
    #expect(try diagnostics(of: text).count == 3)
  }

  @Test func emptyFilesAreReported() throws {
    for text in ["", "\n\n", "# nothing but a comment\n", "---\n"] {
      #expect(try diagnostics(of: text).map(\.message.id) == ["bad-target"], "\(text)")
    }
  }

  @Test func filesThatAreNoTargetsAreReported() throws {
    for text in ["3", "just words", "- 1\n- 2\n", "{}", "null", "~", "name: [", "a: b: c", "\u{0}"]
    {
      let found = try diagnostics(of: text)
      #expect(found.allSatisfy { ["bad-target", "not-yaml"].contains($0.message.id) }, "\(text)")
      #expect(found.count == 1, "\(text)")
    }
  }

  @Test func brokenYAMLHasItsLine() throws {
    let found = try diagnostics(of: "name: x\nclockMHz: [1, 2\nhost: }\n")
    #expect(found.map(\.message.id) == ["not-yaml"])
    #expect(found.first?.message.text.contains("line 3") == true)
  }

  @Test func repeatedKeysAreReported() throws {
    let text = try TargetVariant.text(replacing: ["clockMHz: 500": "clockMHz: 500\nclockMHz: 400"])
    #expect(try diagnostics(of: text).map(\.message.id) == ["not-yaml"])
  }

  /// Each line is ten times the line before: a parser that expands aliases needs 10^12 nodes.
  @Test(.timeLimit(.minutes(1)))
  func aliasesThatMultiplyAreReported() throws {
    var lines = ["a0: &a0 [\(Array(repeating: "x", count: 10).joined(separator: ", "))]"]
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      lines.append("a\(level): &a\(level) [\(aliases)]")
    }
    #expect(try !diagnostics(of: lines.joined(separator: "\n") + "\n").isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func deepNestingIsReported() throws {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
      let text = String(repeating: open, count: 100_000) + String(repeating: close, count: 100_000)
      #expect(try !diagnostics(of: "name: \(text)\n").isEmpty)
    }
  }

  @Test func binaryFilesAreReported() throws {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/target.yaml"
      try FileBytes.write([0xff, 0xfe, 0, 1], to: path)
      let problem = try #require(throws: Diagnostic.self) { _ = try Target(path) }
      #expect(problem.message.id == "not-text")
    }
  }

  private func diagnostics(of text: String) throws -> [Diagnostic] {
    try TargetVariant.withFile(text) { path in
      do {
        _ = try Target(path)
        return []
      } catch let diagnostic as Diagnostic {
        return [diagnostic]
      } catch let diagnostics as Diagnostics {
        return diagnostics.all
      }
    }
  }
}
