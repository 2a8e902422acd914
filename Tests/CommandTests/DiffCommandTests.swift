import Foundation
import Support
import TestSupport
import Testing

struct DiffCommandTests {
  @Test func modelWithItselfIsEmpty() throws {
    let result = try DovetailCommand.run(
      "diff", Example.model, Example.model, "--target", "ethos-u55-128", "--exit-code")
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.output == "fashion: no differences\n")
  }

  @Test func renamedLayerIsAllThatIsTold() throws {
    try TestFiles.withFolder { folder in
      let text = try DovetailCommand.run("inspect", Example.model, "--graph", "--constants").output
      let renamed = text.replacing("%residual1.pointwise", with: "%another")
      try FileBytes.write(Array(renamed.utf8), to: "\(folder)/renamed.graph")
      let arguments = ["diff", Example.model, "\(folder)/renamed.graph", "--json", "-"]
      let result = try DovetailCommand.run(arguments)
      #expect(result.status == 0)
      let json = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(json["schema"] as? String == "dovetail.diff/1")
      let graph = try #require(json["graph"] as? [String: Any])
      let changes = try #require(graph["changes"] as? [[String: Any]])
      #expect(changes.count == 1)
      #expect(changes[0]["kinds"] as? [String] == ["name"])
      #expect(try DovetailCommand.run(arguments + ["--exit-code"]).status == 1)
    }
  }

  @Test func profilesAreComparedInAllForms() throws {
    try TestFiles.withFolder { folder in
      for target in ["ethos-u55-128", "ethos-u55-256"] {
        let profile = try DovetailCommand.run(
          "profile", Example.model, "--target", target, "--quiet", "--json",
          "\(folder)/\(target).json")
        #expect(profile.status == 0)
      }
      let result = try DovetailCommand.run(
        "diff", "\(folder)/ethos-u55-128.json", "\(folder)/ethos-u55-256.json",
        "--markdown", "\(folder)/d.md", "--html", "\(folder)/d.html", "--json", "\(folder)/d.json")
      #expect(result.status == 0 && result.output.contains("latencyCycles"))
      #expect(try contents(of: folder).count == 5)
      let mixed = try DovetailCommand.run("diff", "\(folder)/d.json", Example.model)
      #expect(mixed.status == 64)
      let wrong = try DovetailCommand.run("diff", "\(folder)/d.json", "\(folder)/d.json")
      #expect(wrong.status == 65 && wrong.messages.contains("bad-profile"))
      let missing = try DovetailCommand.run("diff", "\(folder)/x.json", "\(folder)/d.json")
      #expect(missing.status == 66)
    }
  }
}
