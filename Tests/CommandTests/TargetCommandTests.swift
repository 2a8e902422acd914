import Foundation
import TestSupport
import Testing

/// Targets on the command line: their variants, and several at once.
struct TargetCommandTests {
  private static let profile = ["profile", Example.model, "--target", "ethos-u55-128"]

  @Test func listNamesAllConfigurations() throws {
    let lines = try DovetailCommand.run("targets", "list").output.split(separator: "\n")
    let names = lines.dropFirst(2).compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names == TargetVariant.names)
  }

  @Test func showSaysWhichVariantsHold() throws {
    let sheet = try DovetailCommand.run(
      "targets", "show", "ethos-u85-512", "--system-config", "Ethos_U85_SYS_DRAM_Low"
    ).output
    for text in [
      "configuration ethos-u85-512", "system configuration Ethos_U85_SYS_DRAM_Low",
      "memory mode Dedicated_Sram_384KB", "384 KiB", "500 MHz", "Ethos_U85_SYS_Flash_Low",
    ] { #expect(sheet.contains(text), "\(text)") }
  }

  @Test func lintGoesThroughAllCombinations() throws {
    let output = try DovetailCommand.run("targets", "lint").output
    #expect(output.contains("ethos-u55-32: sound, in 4 combinations\n"))
    #expect(output.contains("ethos-u65-512: sound, in 20 combinations\n"))
    #expect(output.contains("ethos-u85-2048: sound, in 22 combinations\n"))
  }

  @Test(arguments: [
    ["--system-config", "nonsense"], ["--memory-mode", "nonsense"],
    ["--memory-mode", "Dedicated_Sram"], ["--sram", "nonsense"], ["--sram", "256"],
    ["--sram", "0KiB"], ["--sram", "-1KiB"], ["--sram", "1.5MiB"], ["--sram", "256 KiB"],
    ["--sram", "256kib"], ["--sram", "99999999999999999999MiB"], ["--sram", "9999999999MiB"],
    ["--targets", "*"],
  ])
  func wrongVariantIsAnErrorOfUsage(arguments: [String]) throws {
    let result = try DovetailCommand.run(Self.profile + arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty && !result.messages.isEmpty)
  }

  @Test func variantsNeedATarget() throws {
    #expect(try DovetailCommand.run("run", Example.model, "--sram", "256KiB").status == 64)
    #expect(try DovetailCommand.run("profile", Example.model).status == 64)
    #expect(try DovetailCommand.run("profile", Example.model, "--targets", "x*").status == 64)
  }

  @Test func profileSaysWhichVariantsHeld() throws {
    let arguments = ["--memory-mode", "Sram_Only", "--sram", "2MB", "--json", "-"]
    let target = try #require(try Self.json(Self.profile + arguments)["target"] as? [String: Any])
    #expect(target["name"] as? String == "ethos-u55-128")
    #expect(target["configuration"] as? String == "ethos-u55-128")
    #expect(target["systemConfig"] as? String == "Ethos_U55_High_End_Embedded")
    #expect(target["memoryMode"] as? String == "Sram_Only")
    #expect(target["activationMemoryBytes"] as? Int == 2_000_000)
  }

  /// Half of the clock, and flash that is half as fast for its cycles.
  @Test func systemConfigurationChangesTheTime() throws {
    let arguments = ["--system-config", "Ethos_U55_Deep_Embedded", "--json", "-"]
    let slow = try Self.json(Self.profile + arguments)
    let fast = try Self.json(Self.profile + ["--json", "-"])
    #expect((slow["target"] as? [String: Any])?["clockMHz"] as? Double == 200)
    #expect(try Self.milliseconds(slow) > 2 * Self.milliseconds(fast))
  }

  @Test(arguments: TargetVariant.kinds)
  func bitsAreTheSameOnEveryTarget(target: String) throws {
    try TestFiles.withFolder { folder in
      let run = ["run", Example.model, "--quiet", "--seed", "3", "--output-dir"]
      let reference = try DovetailCommand.run(run + ["\(folder)/cpu"])
      let found = try DovetailCommand.run(
        run + ["\(folder)/npu", "--target", target, "--sram", "256KiB"])
      #expect(reference.status == 0 && found.status == 0)
      #expect(try contents(of: "\(folder)/cpu") == contents(of: "\(folder)/npu"))
    }
  }

  @Test func severalTargetsAreComparedLineByLine() throws {
    let arguments = ["profile", Example.model, "--targets", "ethos-u55-*"]
    let table = try DovetailCommand.run(arguments)
    #expect(table.status == 0)
    #expect(table.output.split(separator: "\n").filter { $0.hasPrefix("ethos-u55-") }.count == 4)
    let json = try Self.json(arguments + ["--json", "-"])
    #expect(json["schema"] as? String == "dovetail.targets/1")
    let entries = try #require(json["targets"] as? [[String: Any]])
    let names = entries.compactMap { ($0["target"] as? [String: Any])?["name"] as? String }
    #expect(names == TargetVariant.names.filter { $0.hasPrefix("ethos-u55") })
    #expect(entries.allSatisfy { $0["problem"] is NSNull })
    let cycles = entries.compactMap { ($0["totals"] as? [String: Any])?["latencyCycles"] as? Int }
    #expect(cycles == cycles.sorted(by: >))
  }

  private static func json(_ arguments: [String]) throws -> [String: Any] {
    let output = try DovetailCommand.run(arguments).output
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(object as? [String: Any])
  }

  private static func milliseconds(_ profile: [String: Any]) throws -> Double {
    let totals = try #require(profile["totals"] as? [String: Any])
    return try #require(totals["latencyMilliseconds"] as? Double)
  }
}
