import Foundation
import Support
import TestSupport
import Tensors
import Testing

/// What `dovetail evaluate` promises, on a network small enough to compute by hand.
struct EvaluateCommandTests {
  /// The larger of two numbers and the larger of their negatives; the integers are coarse.
  private static let float = """
    graph main(%x: f32[1, 2]) {
      %y = add(%x, %x) : f32[1, 2]
      return %y
    }

    """
  private static let integer = """
    graph main(%x: i8<0.5>[1, 2]) {
      %y = add(%x, %x) : i8<4.0>[1, 2] from ADD 0
      return %y
    }

    """
  private static let numbers: [Double] = [1, 2, 3, 4, 5, 1, 1.5, 2]

  /// Twice 1 2, 3 4, 5 1 and 1.5 2, in steps of 4: 4 4, 8 8, 12 4 and 4 4, halves away from zero. The first of equal ones
  /// counts, so three of the labels 1 1 0 1 are missed by the integers.
  @Test func modelsAreCompared() throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.comparison + ["--layers"])
      #expect(result.status == 0, "\(result.messages)")
      for text in ["100.00 %", "25.00 %", "drop       75.00 points", "layers: 1 of 1 found"] {
        #expect(result.output.contains(text), "\(text) in \(result.output)")
      }
      #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
  }

  @Test func limitsDecideTheExitStatus() throws {
    try Self.withFiles { files in
      let drop = try DovetailCommand.run(files.comparison + ["--max-drop", "10", "--quiet"])
      #expect(drop.status == 1 && drop.messages.contains("[large-drop]") && drop.output.isEmpty)
      let minimum = try DovetailCommand.run(files.comparison + ["--minimum", "25"])
      #expect(minimum.status == 0)
      let above = try DovetailCommand.run(files.comparison + ["--minimum", "25.1"])
      #expect(above.status == 1 && above.messages.contains("[below-minimum]"))
    }
  }

  @Test func numberOfThreadsChangesNothing() throws {
    try Self.withFiles { files in
      let outputs = try ["1", "2", "3"].map { threads in
        try DovetailCommand.run(files.comparison + ["--threads", threads, "--json", "-"]).output
      }
      #expect(outputs[0].contains("\"schema\" : \"dovetail.evaluation/1\""))
      #expect(outputs[1] == outputs[0] && outputs[2] == outputs[0])
    }
  }

  /// The simulated target gives the bits of the CPU, and profiles take over what was found of the layers.
  @Test func targetsAndProfilesTakePart() throws {
    try Self.withFiles { files in
      let target = ["--target", "ethos-u55-128"]
      let result = try DovetailCommand.run(
        files.comparison + target + ["--json", "\(files.folder)/e.json"])
      #expect(result.output.contains("simulated on ethos-u55-128: equal in every bit\n"))
      let profile = try DovetailCommand.run(
        ["profile", files.integer] + target + ["--accuracy", "\(files.folder)/e.json"])
      #expect(profile.output.contains("alone, dB"), "\(profile.messages)")
    }
  }

  /// Integers that the model reads as they are mean real numbers, and these are what the other model gets.
  @Test func integersAreRealNumbersToAFloatModel() throws {
    try Self.withFiles { files in
      let stored = Tensor(TensorType(.i8, [4, 2]), numbers: Self.numbers.map { $0 * 2 })
      try FileBytes.write(NumPyFile.bytes(of: stored), to: "\(files.folder)/i8.npy")
      let real = try DovetailCommand.run(files.comparison)
      let same = try DovetailCommand.run(
        files.comparison.map { $0.replacing("x.npy", with: "i8.npy") })
      #expect(same.output == real.output && same.status == 0)
    }
  }

  @Test func noiseIsAnnouncedAndTheSameForBoth() throws {
    try Self.withFiles { files in
      let run = ["evaluate", files.float, "--against", files.float, "--samples", "3"]
      let result = try DovetailCommand.run(run)
      #expect(result.messages.hasPrefix("note: no data: 3 samples of seeded noise"))
      #expect(result.output.contains("SQNR without noise"))
    }
  }

  @Test(arguments: [
    ["--metric", "nonsense"], ["--output", "nonsense"], ["--metric", "sqnr"], ["--layers"],
    ["--max-drop", "1"], ["--threads", "0"], ["--samples", "0"],
    ["--metric", "mean-error", "--minimum", "1"], ["--minimum", "nan"], ["--minimum", "inf"],
    ["--max-drop=nan"], ["--max-drop=-1"], ["--threshold", "nan"],
  ])
  func wrongUse(options: [String]) throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.plain + options)
      #expect(result.status == 64 && result.output.isEmpty, "\(result.messages)")
    }
  }

  @Test func wrongLabelsAreNamed() throws {
    try Self.withFiles { files in
      let few = Tensor(TensorType(.u8, [3]), numbers: [1, 1, 0])
      let high = Tensor(TensorType(.u8, [4]), numbers: [1, 1, 0, 2])
      let reals = Tensor(TensorType(.f32, [4]), numbers: [1, 1, 0, 1])
      for (labels, id) in [(few, "label-count"), (high, "label-range"), (reals, "label-form")] {
        try FileBytes.write(NumPyFile.bytes(of: labels), to: "\(files.folder)/y.npy")
        let result = try DovetailCommand.run(files.plain)
        #expect(result.status == 65 && result.messages.contains("[\(id)]"), "\(result.messages)")
      }
      let none = try DovetailCommand.run(Array(files.plain.prefix(4)))
      #expect(none.status == 64 && none.messages.contains("--labels"))
      let map = try DovetailCommand.run(files.plain + ["--metric", "map"])
      #expect([65, 69].contains(map.status))
    }
  }

  private struct Files {
    let folder: String

    var integer: String { "\(folder)/integer.graph" }
    var float: String { "\(folder)/float.graph" }
    /// The float model is right on all samples.
    var plain: [String] {
      ["evaluate", float, "--data", "\(folder)/x.npy", "--labels", "\(folder)/y.npy"]
    }
    var comparison: [String] {
      ["evaluate", integer, "--against", float] + plain.dropFirst(2)
    }
  }

  private static func withFiles(_ body: (Files) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      let files = Files(folder: folder)
      try FileBytes.write(Array(float.utf8), to: files.float)
      try FileBytes.write(Array(integer.utf8), to: files.integer)
      let x = Tensor(TensorType(.f32, [4, 2]), numbers: numbers)
      let y = Tensor(TensorType(.u8, [4]), numbers: [1, 1, 0, 1])
      try FileBytes.write(NumPyFile.bytes(of: x), to: "\(folder)/x.npy")
      try FileBytes.write(NumPyFile.bytes(of: y), to: "\(folder)/y.npy")
      try body(files)
    }
  }
}
