import Foundation
import Support
import TestSupport
import Testing

struct CheckCommandTests {
  private static let check = [
    "check", "--suite", "Reports/suite.yaml", "--baseline", "Reports/baseline.json",
  ]

  /// The repository's own gate.
  @Test func examplesAreAsGoodAsAccepted() throws {
    let result = try DovetailCommand.run(Self.check + ["--no-cache"])
    #expect(result.status == 0, "\(result.output)\(result.messages)")
  }

  @Test func updateOfWhatIsAcceptedChangesNothing() throws {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/baseline.json"
      let accepted = try FileBytes.text(of: Self.baseline)
      try FileBytes.write(Array(accepted.utf8), to: path)
      let arguments = ["check", "--suite", "Reports/suite.yaml", "--baseline", path, "--no-cache"]
      #expect(try DovetailCommand.run(arguments + ["--update"]).status == 0)
      #expect(try FileBytes.text(of: path) == accepted)
    }
  }

  @Test func slowerLayerFailsTheCheckAndAnUpdateAcceptsIt() throws {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/baseline.json"
      let accepted = try FileBytes.text(of: Self.baseline)
      let cycles = try #require(
        accepted.firstMatch(of: /"cycles": ([0-9]{4,})/).flatMap { Int($0.1) })
      let faster = accepted.replacing(
        "\"cycles\": \(cycles)", with: "\"cycles\": \(cycles * 98 / 100)")
      try FileBytes.write(Array(faster.utf8), to: path)
      let arguments = [
        "check", "--suite", "Reports/suite.yaml", "--baseline", path, "--cache", "\(folder)/cache",
      ]
      let failed = try DovetailCommand.run(
        arguments + ["--junit", "\(folder)/j.xml", "--sarif", "\(folder)/s.json", "--github"],
        environment: ["GITHUB_STEP_SUMMARY": "\(folder)/summary.md"])
      #expect(failed.status == 1)
      #expect(failed.output.contains("::error file="))
      #expect(try FileBytes.text(of: "\(folder)/j.xml").contains("<failure"))
      #expect(try FileBytes.text(of: "\(folder)/s.json").contains("\"2.1.0\""))
      #expect(try FileBytes.text(of: "\(folder)/summary.md").contains("**worse**"))
      #expect(try DovetailCommand.run(arguments + ["--update"]).status == 0)
      #expect(try FileBytes.text(of: path) == accepted)
      #expect(try DovetailCommand.run(arguments).status == 0)
    }
  }

  @Test func oneModelIsCheckedToo() throws {
    try TestFiles.withFolder { folder in
      let arguments = [
        "check", Example.model, "--target", "ethos-u55-128", "--baseline", "\(folder)/b.json",
        "--no-cache",
      ]
      #expect(try DovetailCommand.run(arguments).status == 66)
      #expect(try DovetailCommand.run(arguments + ["--update"]).status == 0)
      #expect(try DovetailCommand.run(arguments).status == 0)
      // The same network under other names: of its file, and of all its layers.
      let text = try DovetailCommand.run("inspect", Example.model, "--graph", "--constants").output
      let renamed = text.replacing("residual", with: "block").replacing("down", with: "step")
      try FileBytes.write(Array(renamed.utf8), to: "\(folder)/renamed.graph")
      let other = arguments.map { $0 == Example.model ? "\(folder)/renamed.graph" : $0 }
      let result = try DovetailCommand.run(other)
      #expect(result.status == 0 && !result.output.contains("note"), "\(result.output)")
    }
  }

  @Test(
    arguments: [
      (["check", "--baseline", "b.json"], 64),
      (["check", Example.model, "--baseline", "b.json"], 64),
      (check + ["--jobs", "0"], 64), (check + ["--disable", "fuse-clamps"], 64),
      (["check", "--suite", "Reports/missing.yaml", "--baseline", "Reports/baseline.json"], 66),
      (["check", "--suite", "Reports/baseline.json", "--baseline", "Reports/baseline.json"], 65),
      (["check", "--suite", "Reports/suite.yaml", "--baseline", "Reports/suite.yaml"], 65),
    ] as [([String], Int32)])
  func wrongUseIsRefused(arguments: [String], status: Int32) throws {
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == status, "\(result.messages)")
    #expect(!result.messages.isEmpty)
  }

  private static let baseline = TestFiles.repository.appending(path: "Reports/baseline.json").path
}
