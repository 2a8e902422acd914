import Foundation
import Support
import Tensors
import TestSupport
import Testing

/// What `dovetail quantize --mixed` promises, on a network of three layers.
struct QuantizeMixedTests {
  private static let network = """
    graph main(%x: f32[1, 16, 16, 8]) {
      %v = constant(random(1)) : f32[16, 3, 3, 8]
      %b = constant(random(2)) : f32[16]
      %u = constant(random(3)) : f32[16, 3, 3, 16]
      %d = constant(random(4)) : f32[16]
      %w = constant(random(5)) : f32[5, 4096]
      %c = constant(random(6)) : f32[5]
      %first = conv2d(%x, %v, %b) {clamp: [0, null], padding: "same"} : f32[1, 16, 16, 16] from CONV_2D 0
      %second = conv2d(%first, %u, %d) {clamp: [0, null], padding: "same"} : f32[1, 16, 16, 16] from CONV_2D 1
      %flat = reshape(%second) {shape: [1, 4096]} : f32[1, 4096] from RESHAPE 2
      %y = fully_connected(%flat, %w, %c) : f32[1, 5] from FULLY_CONNECTED 3
      return %y
    }

    """

  /// A convolution of 16 bits runs on the host, which seems to move few bytes, for it is not known what it does.
  @Test(arguments: ["latency", "traffic"])
  func layersDoNotLeaveTheNPUToSaveBytes(cost: String) throws {
    try Self.withFiles { files in
      let text = try files.plan(
        "--target", "ethos-u55-256", "--minimize", cost, "--max-drop", "100", "--candidates",
        "int8", "int16x8")
      #expect(text.contains("- \"first\": \"int8\"") && text.contains("- \"second\": \"int8\""))
      #expect(text.contains("# Simulated as a whole: "))
    }
  }

  /// A layer of another scheme between its neighbours needs conversions, which are simulated with it.
  @Test func plansCostWhatTheyPromise() throws {
    try Self.withFiles { files in
      let text = try files.plan(
        "--target", "ethos-u55-256", "--max-drop", "100", "--candidates", "w4a8", "int8",
        "--scheme-for", "second=int16x8", "--data", files.data)
      #expect(text.contains("- \"second\": \"int16x8\""), "what the user says is not chosen")
      let promised = try #require(text.firstMatch(of: /whole: ([0-9,]+) cycles/)).1
      let used = try DovetailCommand.run(
        files.quantize(to: "q.tflite") + [
          "--plan", files.path("plan.yaml"), "--integer-ports", "--no-report",
        ])
      #expect(used.status == 0 && used.messages.isEmpty, "\(used.messages)")
      let profile = try DovetailCommand.run(
        "profile", files.path("q.tflite"), "--target", "ethos-u55-256", "--json", "-")
      let json = try #require(
        JSONSerialization.jsonObject(with: Data(profile.output.utf8)) as? [String: Any])
      let totals = try #require(json["totals"] as? [String: Any])
      #expect(totals["latencyCycles"] as? Int == Int(promised.replacing(",", with: "")))
    }
  }

  /// What is cheapest as a whole within a budget is found, and nothing below what all plans cost.
  @Test func budgetsAreThoseOfTheWholeNetwork() throws {
    try Self.withFiles { files in
      let target = ["--target", "ethos-u55-256", "--candidates", "int8", "w4a8"]
      let free = try files.plan(target + ["--budget", "1e12"])
      let whole = try #require(free.firstMatch(of: /whole: ([0-9,]+) cycles/)).1
      let least = try #require(Int(whole.replacing(",", with: "")))
      #expect(try files.plan(target + ["--budget", "\(least)"]).contains("whole: \(whole) cycles"))
      let none = try DovetailCommand.run(
        files.quantize(to: "none.yaml") + ["--mixed", "--budget", "1"] + target)
      #expect(none.status == 1 && none.messages.contains("the cheapest that was found costs"))
    }
  }

  @Test func energyIsCountedWhereTheTargetHasFigures() throws {
    try Self.withFiles { files in
      let path = TestFiles.repository.appending(path: "Tests/Targets/plain/target.yaml").path
      let bare = try FileBytes.text(of: path).split(
        separator: "\n", omittingEmptySubsequences: false
      ).filter { !$0.contains("picojoules") }.joined(separator: "\n")
      let target = files.path("target.yaml")
      let options = ["--target", target, "--minimize", "energy", "--max-drop", "100"]
      try FileBytes.write(Array(bare.utf8), to: target)
      let refused = try DovetailCommand.run(
        files.quantize(to: "plan.yaml") + ["--mixed"] + options)
      #expect(refused.status == 69 && refused.messages.contains("[no-energy-figures]"))
      let rich = bare.replacing(
        "    bytesPerCycle:", with: "    picojoulesPerByte: 10\n    bytesPerCycle:"
      ).replacing("  bubbleCycles:", with: "  picojoulesPerMac: 0.5\n  bubbleCycles:")
      try FileBytes.write(Array(rich.utf8), to: target)
      #expect(try files.plan(options).contains("nanojoules, with "))
    }
  }

  @Test func somethingMustBeLeftToChoose() throws {
    try Self.withFiles { files in
      for options in [["--keep-float", "*"], ["--candidates", "float"]] {
        let result = try DovetailCommand.run(
          files.quantize(to: "p.yaml") + ["--mixed", "--max-drop", "1"] + options)
        #expect(result.status == 64 && result.messages.contains("[no-plan]"), "\(result.messages)")
      }
    }
  }

  /// The report is that of the plan that was chosen, not of the scheme that is the default.
  @Test func modelsAreWrittenByTheChosenPlan() throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(
        files.quantize(to: "q.onnx") + [
          "--mixed", "--max-drop", "100", "--candidates", "f16", "w4",
        ])
      #expect(
        result.status == 0 && result.output.contains(": f16, calibrated"), "\(result.messages)")
      #expect(result.output.contains("\nlayers: 3 w4; "))
    }
  }

  @Test func labelsAreThoseOfTheClasses() throws {
    try Self.withFiles { files in
      let labels = files.path("y.npy")
      for (classes, id) in [([0, 1, 4, 5], "label-range"), ([0, 1, 4], "label-count")] {
        let tensor = Tensor(TensorType(.u8, [classes.count]), numbers: classes.map(Double.init))
        try FileBytes.write(NumPyFile.bytes(of: tensor), to: labels)
        let result = try DovetailCommand.run(
          files.quantize(to: "p.yaml") + ["--mixed", "--max-drop", "1", "--labels", labels])
        #expect(result.status == 65 && result.messages.contains("[\(id)]"), "\(result.messages)")
        #expect(result.messages.hasPrefix(labels))
      }
    }
  }

  /// Nothing that was asked for is ignored.
  @Test(arguments: [
    ["--max-drop", "1"], ["--budget", "1"], ["--minimize", "size"], ["--candidates", "int8"],
    ["--data", "x.npy"], ["--labels", "y.npy"], ["--target", "ethos-u55-128"],
    ["--sram", "1KiB"], ["--memory-mode", "Sram_Only"], ["--objective", "memory"],
  ])
  func optionsAreForMixedPlans(options: [String]) throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.quantize(to: "q.onnx") + options)
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.messages.contains("`\(options[0])`") && result.messages.contains("`--mixed`"))
    }
  }

  @Test(arguments: [
    ["--max-drop=nan"], ["--max-drop=-1"], ["--max-drop=inf"], ["--max-drop=x"],
    ["--budget=nan"], ["--budget=-1"], ["--budget=inf"],
    ["--max-drop=1", "--minimize", "latency"], ["--max-drop=1", "--sram", "1KiB"],
  ])
  func numbersAreChecked(options: [String]) throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.quantize(to: "p.yaml") + ["--mixed"] + options)
      #expect(result.status == 64 && result.output.isEmpty && !result.messages.isEmpty)
    }
  }

  private static func withFiles(_ body: (QuantizeFiles) throws -> Void) throws {
    try QuantizeFiles.with(network, samples: [4, 16, 16, 8], body)
  }
}

extension QuantizeFiles {
  /// The plan that is chosen.
  fileprivate func plan(_ options: String...) throws -> String { try plan(options) }

  fileprivate func plan(_ options: [String]) throws -> String {
    let result = try DovetailCommand.run(quantize(to: "plan.yaml") + ["--mixed"] + options)
    #expect(result.status == 0 && result.messages.isEmpty, "\(result.messages)")
    #expect(result.output.hasPrefix("layers: ") && result.output.contains("\nnext: dovetail "))
    return try FileBytes.text(of: path("plan.yaml"))
  }
}
