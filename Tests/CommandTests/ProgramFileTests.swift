import Foundation
import Support
import TestSupport
import Testing

/// A program file stands for its model in every command that takes one.
struct ProgramFileTests {
  private static let target = ["--target", "ethos-u55-128"]

  @Test func programCostsWhatTheModelCosts() throws {
    try withProgram { program in
      let model = try output(["profile", Example.model, "--json", "-"] + Self.target)
      #expect(try output(["profile", program, "--json", "-"]) == model)
      #expect(try output(["profile", program, "--json", "-"] + Self.target) == model)
    }
  }

  @Test func programShowsWhatTheModelShows() throws {
    try withProgram { program in
      for stage in ["program", "schedule"] {
        let model = try output(["compile", Example.model, "--emit", stage] + Self.target)
        #expect(try output(["compile", program, "--emit", stage]) == model)
      }
      let summary = try output(["inspect", program])
      #expect(summary.contains("fashion (tflite, ") && summary.contains("ethos-u55-128"))
      #expect(try output(["inspect", program, "--json", "-"]).contains("program-summary/1"))
    }
  }

  @Test func programComputesWhatTheModelComputes() throws {
    try withProgram { program in
      let folder = String(program.dropLast("net.dvp".count))
      let run = ["--all-values", "--seed", "4", "--quiet", "--output-dir"]
      _ = try output(["run", Example.model] + Self.target + run + ["\(folder)/model"])
      _ = try output(["run", program] + run + ["\(folder)/program"])
      #expect(try contents(of: "\(folder)/model") == contents(of: "\(folder)/program"))
    }
  }

  /// The file says what it is, whatever its name is.
  @Test func programIsKnownByItsFirstBytes() throws {
    try withProgram { program in
      let other = program + ".tflite"
      try FileManager.default.copyItem(atPath: program, toPath: other)
      #expect(try output(["inspect", other]).contains("ethos-u55-128"))
    }
  }

  @Test func wrongUseIsRefused() throws {
    try withProgram { program in
      let wrong = [
        ["profile", program, "--target", "ethos-u55-256"], ["run", program, "--disable", "x"],
        ["run", program, "--shape", "image=1x2x3x4"], ["compile", program],
        ["compile", program, "--emit", "graph"], ["inspect", program, "--graph"],
        ["compile", Example.model, "-o", program],
        ["run", program, "--device", "x", "--all-values"],
        ["run", Example.model, "--device", "x"],
      ]
      for arguments in wrong {
        #expect(try DovetailCommand.run(arguments).status == 64, "\(arguments)")
      }
      let cut = try Data(contentsOf: URL(fileURLWithPath: program)).dropLast(1000)
      try FileBytes.write(Array(cut), to: "\(program).cut.dvp")
      for command in ["run", "profile", "inspect"] {
        let result = try DovetailCommand.run([command, "\(program).cut.dvp"])
        #expect(result.status == 65 && result.messages.contains("cut.dvp"))
      }
      #expect(try DovetailCommand.run(["run", program, "--device", "/nowhere.so"]).status == 66)
      let folder = ["compile", Example.model] + Self.target + ["-o", "\(program)/x.dvp"]
      #expect(try DovetailCommand.run(folder).status == 74)
    }
  }

  private func withProgram(_ body: (String) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      _ = try output(["compile", Example.model, "-o", "\(folder)/net.dvp"] + Self.target)
      try body("\(folder)/net.dvp")
    }
  }

  private func output(_ arguments: [String]) throws -> String {
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == 0, "\(arguments): \(result.messages)")
    return result.output
  }
}
