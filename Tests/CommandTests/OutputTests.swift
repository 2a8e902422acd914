import Foundation
import TestSupport
import Testing

/// What is printed and written: results only, the same each time, and nothing about the machine.
struct OutputTests {
  private static let profile = ["profile", Example.model, "--target", "ethos-u55-128"]

  @Test(arguments: [
    profile, profile + ["--json", "-"], profile + ["--csv", "-"], profile + ["--trace", "-"],
    profile + ["--html", "-"],
    profile + ["--markdown", "-"], profile + ["--folded", "-"], profile + ["--node-data", "-"],
    profile + ["--advice"], profile + ["--advice", "--json", "-"],
    ["inspect", Example.model], ["inspect", Example.model, "--json", "-"],
    ["run", Example.model, "--seed", "7"],
    ["compile", Example.model, "--target", "ethos-u55-128", "--emit", "program"],
    ["compile", Example.model, "--target", "ethos-u55-128", "--emit", "graph"],
  ])
  func sameCommandPrintsTheSame(arguments: [String]) throws {
    let first = try DovetailCommand.run(arguments)
    let second = try DovetailCommand.run(arguments)
    #expect(first.status == 0)
    #expect(first.output == second.output && first.messages == second.messages)
    #expect(!first.output.isEmpty)
    #expect(!first.output.contains("\u{1b}"))
  }

  @Test func dashIsStandardOutput() throws {
    let printed = try DovetailCommand.run(Self.profile + ["--json", "-"]).output
    let object = try JSONSerialization.jsonObject(with: Data(printed.utf8))
    #expect((object as? [String: Any])?["schema"] as? String == "dovetail.profile/1")
    try TestFiles.withFolder { folder in
      let result = try DovetailCommand.run(
        Self.profile + ["--quiet", "--json", "\(folder)/p.json", "--csv", "\(folder)/p.csv"])
      #expect(result.output.isEmpty && result.messages.isEmpty)
      let files = try contents(of: folder)
      #expect(files["p.json"] == Data(printed.utf8))
      #expect(files.keys.sorted() == ["p.csv", "p.json"])
    }
  }

  /// Standard error is no terminal here, so nobody waits before it.
  @Test func progressStaysOutOfLogs() throws {
    let result = try DovetailCommand.run(
      "evaluate", Example.model, "--data", Example.images, "--labels", Example.labels)
    #expect(result.status == 0 && result.messages.isEmpty)
    let quiet = try DovetailCommand.run(
      "evaluate", Example.model, "--data", Example.images, "--labels", Example.labels, "--quiet")
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.messages.isEmpty)
    let checked = try DovetailCommand.run(
      "check", "--suite", "Reports/suite.yaml", "--baseline", "Reports/baseline.json", "--no-cache")
    #expect(checked.status == 0 && checked.messages.isEmpty)
  }

  /// A report that cannot be written leaves none, and names the file.
  @Test func unwritableReportsAreReported() throws {
    try TestFiles.withFolder { folder in
      for form in ["--trace", "--markdown", "--folded", "--node-data"] {
        let result = try DovetailCommand.run(Self.profile + [form, "\(folder)/none/report"])
        #expect(result.status == 74, "\(result.messages)")
        #expect(result.messages.contains("[unwritable-file]"))
      }
      #expect(try contents(of: folder).isEmpty)
    }
  }

  /// Whatever path the model is named by, the output is the same.
  @Test func outputsHoldNoPaths() throws {
    let absolute = TestFiles.repository.appending(path: Example.model).path
    let target = TargetVariant.path(of: "ethos-u55-128")
    let forms = ["--json", "--csv", "--html", "--trace", "--markdown", "--folded", "--node-data"]
    for rest in forms.map({ [$0, "-"] }) + [["--advice"], []] {
      let relative = try DovetailCommand.run(Self.profile + rest).output
      let found = try DovetailCommand.run(["profile", absolute, "--target", target] + rest).output
      #expect(found == relative)
      #expect(!found.contains(TestFiles.repository.path))
    }
    let json = try DovetailCommand.run("inspect", absolute, "--json", "-").output
    #expect(!json.contains(TestFiles.repository.path))
  }

  /// The terminal's control characters in a name do not reach the terminal.
  @Test func namesCannotSteerTheTerminal() throws {
    try TestFiles.withFolder { folder in
      let text = """
        graph g(%x: f32[1, 4]) {
          %y = relu(%x) : f32[1, 4] from RELU 0
          return %y
        }
        %x = tensor 0 "in\u{1b}[31m"
        %y = tensor 1 "out\u{1b}[2J"

        """
      let path = "\(folder)/m.graph"
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      for arguments in [
        ["run", path], ["inspect", path], ["profile", path, "--target", "ethos-u55-128"],
      ] {
        let result = try DovetailCommand.run(arguments)
        #expect(result.status == 0, "\(result.messages)")
        #expect(!(result.output + result.messages).contains("\u{1b}"))
      }
    }
  }
}
