import Foundation
import Support
import TestSupport
import Testing

/// Exit statuses are a contract: 0 done, 64 usage, 65 malformed, 66 unreadable, 69 unsupported, 74 unwritable.
struct ExitStatusTests {
  @Test(arguments: [
    ["run"], ["profile", Example.model], ["nonsense"], ["run", Example.model, "--nonsense"],
    ["profile", Example.model, "--target", "nonsense"],
    ["run", Example.model, "--input", "nonsense=\(Example.images)"],
    ["run", Example.model, "--threads", "0"], ["run", Example.model, "--steps", "0"],
    ["run", Example.model, "--repeat", "-1"], ["run", Example.model, "--threads", "x"],
    ["compile", Example.model, "--target", "ethos-u55-128", "--sram", "1", "-o", "x.dvp"],
    ["compile", Example.model, "--target", "ethos-u55-128", "--sram", "2000GiB", "-o", "x.dvp"],
    ["explain", "nonsense"], ["inspect"],
    ["profile", Example.model, "--target", "ethos-u55-128", "--disable", "nonsense"],
    ["compile", Example.model, "--target", "ethos-u55-128", "--emit", "nonsense"],
    ["inspect", Example.model, "--shape", "nonsense"],
  ])
  func usage(arguments: [String]) throws {
    try expect(64, arguments)
  }

  @Test func malformed() throws {
    try TestFiles.withFolder { folder in
      for (name, text) in [("m.tflite", "no model"), ("m.graph", "graph"), ("t.yaml", "a: [")] {
        try FileBytes.write(Array(text.utf8), to: "\(folder)/\(name)")
      }
      for arguments in [
        ["inspect", "\(folder)/m.tflite"], ["run", "\(folder)/m.tflite"],
        ["run", "\(folder)/m.graph"],
        ["profile", Example.model, "--target", "\(folder)/t.yaml"],
        ["targets", "lint", "\(folder)/t.yaml"],
        ["run", Example.model, "--input", "\(folder)/m.graph"],
      ] { try expect(65, arguments, naming: folder) }
      // Images of the wrong type: labels are no images.
      try expect(65, ["run", Example.model, "--input", Example.labels])
      try expect(
        65, ["evaluate", Example.model, "--data", Example.labels, "--labels", Example.labels])
    }
  }

  @Test func unreadable() throws {
    let missing = "Examples/missing"
    for arguments in [
      ["inspect", "\(missing).tflite"], ["run", "\(missing).tflite"], ["run", "\(missing).graph"],
      ["run", Example.model, "--input", "\(missing).npy"],
      ["profile", Example.model, "--target", "\(missing).yaml"],
      ["evaluate", Example.model, "--data", "\(missing).npy", "--labels", Example.labels],
    ] { try expect(66, arguments, naming: missing) }
    try TestFiles.withFolder { folder in
      try FileBytes.createFolder("\(folder)/folder.tflite")
      try expect(66, ["inspect", "\(folder)/folder.tflite"], naming: "folder.tflite")
    }
  }

  @Test func unsupported() throws {
    try TestFiles.withFolder { folder in
      let elided = """
        graph g(%x: f32[1, 4]) {
          %w = constant(elided) : f32[4, 4]
          %y = fully_connected(%x, %w) : f32[1, 4]
          return %y
        }
        """
      try FileBytes.write(Array(elided.utf8), to: "\(folder)/elided.graph")
      try FileBytes.write(Array("x".utf8), to: "\(folder)/m.onnx")
      try FileBytes.write(Array("x".utf8), to: "\(folder)/m.xyz")
      let small = try TargetVariant.text(replacing: ["bytes: 4194304": "bytes: 512"])
      try FileBytes.write(Array(small.utf8), to: "\(folder)/target.yaml")
      try expect(69, ["run", "\(folder)/elided.graph"], naming: folder)
      try expect(
        69, ["run", "\(folder)/elided.graph", "--target", "ethos-u55-128"], naming: folder)
      try expect(69, ["inspect", "\(folder)/m.xyz"], naming: folder)
      try expect(69, ["profile", Example.model, "--target", folder])
      // More than any machine holds, and more than can be counted.
      try expect(69, ["run", Example.model, "--steps", "99999999999"])
      try expect(69, ["run", Example.model, "--steps", "\(Int.max)"])
    }
  }

  /// Below a file there can be no folder, whoever asks.
  @Test func unwritable() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([1], to: "\(folder)/file")
      let below = "\(folder)/file/below"
      let profile = ["profile", Example.model, "--target", "ethos-u55-128"]
      try expect(74, profile + ["--json", below], naming: below)
      try expect(74, profile + ["--csv", below], naming: below)
      try expect(74, ["inspect", Example.model, "--json", below], naming: below)
      try expect(74, ["run", Example.model, "--quiet", "--output-dir", below], naming: below)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  /// Results that are lost are an error, in whichever way they are printed; messages may go nowhere.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: [
      ["inspect", Example.model], ["run", Example.model], ["targets"], ["explain"],
      ["profile", Example.model, "--target", "ethos-u55-128", "--quiet", "--json", "-"],
      ["profile", Example.model, "--target", "ethos-u55-128", "--quiet", "--trace", "-"],
      ["compile", Example.model, "--target", "ethos-u55-128", "--emit", "program"],
    ])
  func unwritableOutput(arguments: [String]) throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let result = try DovetailCommand.run(arguments, output: full)
    #expect(result.status == 74, "\(arguments): \(result.messages)")
    #expect(result.messages.contains("standard output: error: cannot be written: "))
  }

  /// Files that are opened do not take the places of streams that a shell has closed.
  @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
  func closedStreams(closing: String) throws {
    let status = try DovetailCommand.shell("inspect \(Example.model) \(closing)").status
    #expect(status == (closing.contains(">&- ") || closing == ">&-" ? 74 : 0))
  }

  /// What failed leaves nothing behind, and what was there before as it was.
  @Test func failedCommandLeavesFilesAlone() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array("before".utf8), to: "\(folder)/profile.json")
      let result = try DovetailCommand.run(
        "profile", "Examples/missing.tflite", "--target", "ethos-u55-128", "--json",
        "\(folder)/profile.json")
      #expect(result.status == 66)
      #expect(try contents(of: folder) == ["profile.json": Data("before".utf8)])
    }
  }

  @Test(arguments: [
    ["--help"], ["--version"], ["run", "--help"], ["inspect", "--operators"], ["targets"],
    ["targets", "list"], ["targets", "show", "ethos-u55-128"], ["targets", "lint"], ["passes"],
    ["passes", "list"], ["explain"], ["explain", "does-not-fit"], ["inspect", Example.model],
    ["inspect", Example.model, "--graph"],
    ["compile", Example.model, "--target", "ethos-u55-256", "--emit", "schedule"],
  ])
  func done(arguments: [String]) throws {
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == 0)
    #expect(result.messages.isEmpty)
    #expect(!result.output.isEmpty)
  }

  @Test func explanationBeginsWithItsID() throws {
    let result = try DovetailCommand.run("explain", "does-not-fit")
    #expect(result.output.hasPrefix("does-not-fit\n\n"))
  }

  /// A message on standard error, nothing on standard output.
  private func expect(_ status: Int32, _ arguments: [String], naming place: String = "") throws {
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == status, "\(arguments): \(result.messages)")
    #expect(result.output.isEmpty, "\(arguments)")
    #expect(!result.messages.isEmpty && result.messages.contains(place) || place.isEmpty)
    guard status != 64 else { return }
    #expect(result.messages.contains("error: "), "\(arguments): \(result.messages)")
    #expect(result.messages.contains(/\[[a-z0-9-]+\]\n/), "\(arguments): \(result.messages)")
  }
}
