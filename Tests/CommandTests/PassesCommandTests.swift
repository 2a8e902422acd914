import Support
import TestSupport
import Testing

/// Passes run by hand, on the example network.
struct PassesCommandTests {
  @Test func listSaysWhichPassesAreExact() throws {
    let result = try DovetailCommand.run("passes", "list")
    let lines = result.output.split(separator: "\n")
    let exact = lines.first { $0.hasPrefix("fuse-bias") }
    let approximate = lines.first { $0.hasPrefix("fold-batch-norm") }
    #expect(exact?.contains(" exact ") == true)
    #expect(approximate?.contains(" approximate ") == true)
  }

  @Test(arguments: [[], ["--approximate"]])
  func everyPassKeepsTheExample(_ options: [String]) throws {
    let arguments = ["passes", "run", Example.model, "--verify"] + options
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.output.hasPrefix("graph "))
  }

  @Test func timesStandBesideTheResult() throws {
    let result = try DovetailCommand.run("passes", "run", Example.model, "--time-passes")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("graph "))
    #expect(result.messages.contains(/pass +runs +changes +ms\n/))
    #expect(result.messages.contains(/\nfuse-clamps +\d+ +\d+ +\d+\.\d{3}\n/))
  }

  @Test func onlyThePassThatIsNamedIsPrinted() throws {
    let text = """
      graph g(%x: f32[1, 2]) {
        %w = constant(dense(1, 2, 3, 4)) : f32[2, 2]
        %b = constant(dense(1, 2)) : f32[2]
        %1 = fully_connected(%x, %w) : f32[1, 2]
        %2 = add(%1, %b) : f32[1, 2]
        %y = relu(%2) : f32[1, 2]
        return %y
      }
      """
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(text.utf8), to: "\(folder)/g.graph")
      let result = try DovetailCommand.run(
        "passes", "run", "\(folder)/g.graph", "--print-after-pass", "fuse-bias")
      #expect(result.output.hasPrefix("// after fuse-bias\n"))
      #expect(!result.output.contains("// after fuse-clamps"))
    }
  }

  @Test(arguments: [
    ["--pass", "fuse-bias", "--approximate"], ["--print-after-pass", "fuse-nothing"],
    ["--disable", "fuse-nothing"],
  ])
  func wrongUse(_ options: [String]) throws {
    let arguments = ["passes", "run", Example.model] + options
    #expect(try DovetailCommand.run(arguments).status == 64)
  }
}
