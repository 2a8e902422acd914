import Foundation
import Support
import TestSupport
import Tensors
import Testing

/// What `dovetail quantize` promises, on a network of two layers.
struct QuantizeCommandTests {
  private static let network = """
    graph main(%x: f32[1, 4, 4, 3]) {
      %v = constant(random(1)) : f32[4, 3, 3, 3]
      %b = constant(random(2)) : f32[4]
      %w = constant(random(3)) : f32[5, 64]
      %c = constant(random(4)) : f32[5]
      %conv = conv2d(%x, %v, %b) {clamp: [0, null], padding: "same"} : f32[1, 4, 4, 4] from CONV_2D 0
      %flat = reshape(%conv) {shape: [1, 64]} : f32[1, 64] from RESHAPE 1
      %y = fully_connected(%flat, %w, %c) : f32[1, 5] from FULLY_CONNECTED 2
      return %y
    }

    """

  /// What is written is read again, and answers as the network of real numbers does.
  @Test(arguments: ["q.onnx", "q.tflite", "q.graph"])
  func filesHoldTheQuantizedNetwork(name: String) throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.quantize(to: name))
      #expect(result.status == 0 && result.messages.isEmpty, "\(result.messages)")
      #expect(result.output.hasPrefix("tiny: int8, with gptq, calibrated with 8 samples\n"))
      #expect(result.output.contains("weights: 428 bytes of 1,712"))
      let comparison = try DovetailCommand.run(
        "evaluate", files.path(name), "--against", files.model, "--data", files.data,
        "--metric", "sqnr", "--minimum", "25")
      #expect(comparison.status == 0, "\(comparison.output)\(comparison.messages)")
    }
  }

  /// Roundings are fitted where there are samples to judge them by, and integers on both sides of a product.
  @Test(arguments: [
    ([], "int8, with gptq, calibrated with 8 samples"),
    (["--method", "none"], "int8, calibrated with 8 samples"),
    (["--method", "correct-bias"], "int8, with correct-bias, calibrated with 8 samples"),
    (["--samples", "3"], "int8, calibrated with 3 samples"),
    (["--scheme", "w8"], "w8, calibrated with 8 samples"),
    (["--scheme", "dynamic"], "dynamic, calibrated with 8 samples"),
    (["--scheme", "w8", "--scheme-for", "conv=w4a8"], "w8, with gptq, calibrated with 8 samples"),
  ])
  func roundingsAreFittedUnasked(options: [String], heading: String) throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.quantize(to: "q.graph") + options)
      #expect(result.output.hasPrefix("tiny: \(heading)\n"), "\(result.output)\(result.messages)")
      #expect(result.output.contains("\nfitted weights: outputs ") == heading.contains(", with "))
    }
  }

  /// A plan says what was asked for, and does the same when it is given back.
  @Test func plansAreWrittenAndRead() throws {
    try Self.withFiles { files in
      let asked = ["--scheme", "w4a8", "--scheme-for", "conv=int8", "--keep-float", "y"]
      let result = try DovetailCommand.run(files.quantize(to: "plan.yaml") + asked)
      #expect(result.status == 0 && result.output.hasPrefix("next: dovetail quantize "))
      let text = try FileBytes.text(of: files.path("plan.yaml"))
      #expect(text.contains("scheme: w4a8\n") && text.contains("- \"conv\": \"int8\"\n"))
      _ = try DovetailCommand.run(files.quantize(to: "a.graph") + asked + ["--no-report"])
      _ = try DovetailCommand.run(
        files.quantize(to: "b.graph") + ["--plan", files.path("plan.yaml"), "--no-report"])
      let written = try contents(of: files.folder)
      #expect(written["a.graph"] != nil && written["a.graph"] == written["b.graph"])
    }
  }

  @Test func reportIsJSONToo() throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(files.quantize(to: "q.onnx") + ["--json", "-"])
      let report = try #require(
        JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(report["schema"] as? String == "dovetail.quantization/1")
      #expect(report["samples"] as? Int == 8 && report["isNoise"] as? Bool == false)
      #expect(report["weightBytes"] as? Int == 428)
      let quiet = try DovetailCommand.run(files.quantize(to: "q.onnx") + ["--quiet"])
      #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.messages.isEmpty)
    }
  }

  /// At the end stands what was written, and a command that can be copied as it is.
  @Test func nextCommandsWork() throws {
    try Self.withFiles { files in
      let written = try DovetailCommand.run(files.quantize(to: "q 1.onnx"))
      let model = files.path("q 1.onnx")
      let bytes = try contents(of: files.folder).mapValues(\.count)
      let sizes = try (#require(bytes["q 1.onnx"]), #require(bytes["tiny.graph"]))
      #expect(written.output.contains("\nwrote '\(model)': "))
      #expect(
        written.output.replacing(",", with: "").contains("\(sizes.0) bytes from \(sizes.1)\n"))
      #expect(
        written.output.hasSuffix(
          "next: dovetail evaluate '\(model)' --against \(files.model) --data X.npy --labels Y.npy\n"
        ))
      let plan = try DovetailCommand.run(files.quantize(to: "plan.yaml"))
      let next = try #require(plan.output.firstMatch(of: /next: dovetail (.*) -o FILE\n/)).1
      let used = try DovetailCommand.run(
        next.split(separator: " ").map(String.init) + ["-o", files.path("r.tflite")])
      #expect(used.status == 0 && used.output.contains("\nwrote "), "\(used.messages)")
    }
  }

  /// What a file cannot hold is said at once, before samples are even read.
  @Test(arguments: [
    ("q.onnx", "mxfp8"), ("q.tflite", "mxfp4"), ("q.tflite", "fp8"), ("q.tflite", "bf16"),
  ])
  func schemesThatFilesCannotHoldAreRefused(name: String, scheme: String) throws {
    try Self.withFiles { files in
      let all = files.quantize(to: name, from: "missing.npy")
      for options in [
        ["--scheme", scheme], ["--scheme-for", "conv=\(scheme)"],
        ["--mixed", "--max-drop", "1", "--candidates", "int8", scheme],
      ] {
        let result = try files.expect(69, all + options)
        #expect(result.messages.contains("[scheme-not-in-format]"), "\(result.messages)")
      }
      try files.expect(
        66, files.quantize(to: "q.graph", from: "missing.npy") + ["--scheme", scheme])
    }
  }

  /// Half precision ends at 65504; other formats reach farther, or have scales.
  @Test func overflowsAreToldOf() throws {
    try Self.withFiles { files in
      try files.write(
        Tensor(TensorType(.f32, [2, 4, 4, 3]), numbers: .init(repeating: 1e5, count: 96)))
      let half = files.quantize(to: "q.onnx") + ["--no-report", "--scheme", "f16"]
      let result = try DovetailCommand.run(half)
      #expect(result.status == 0 && result.messages.hasPrefix("warning: `x` reaches 100000.0"))
      #expect(result.messages.contains("--scheme-for 'x=bf16'"))
      #expect(try DovetailCommand.run(half + ["--quiet"]).messages.isEmpty)
      for options in [["--scheme", "bf16"], ["--scheme", "fp8"]] {
        let other = try DovetailCommand.run(files.quantize(to: "q.onnx") + options)
        #expect(other.status == 0 && other.messages.isEmpty, "\(other.messages)")
      }
      let large = Self.network.replacing("constant(random(3))", with: "constant(splat(7e4))")
      try FileBytes.write(Array(large.utf8), to: files.model)
      let refused = try files.expect(69, half)
      #expect(refused.messages.contains("[weight-too-large]") && refused.messages.contains("`y`"))
    }
  }

  @Test func noiseIsWarnedOf() throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(
        "quantize", files.model, "-o", files.path("q.onnx"), "--samples", "2")
      #expect(result.status == 0 && result.messages.hasPrefix("warning: calibrating with"))
      #expect(result.output.hasPrefix("tiny: int8, calibrated with 2 samples of noise\n"))
    }
  }

  @Test(arguments: ["q.onnx", "q.tflite", "q.graph"])
  func numberOfThreadsChangesNoByte(name: String) throws {
    try Self.withFiles { files in
      let outputs = try ["1", "2", "1"].map { threads in
        let result = try DovetailCommand.run(
          files.quantize(to: name) + ["--threads", threads, "--ranges", "mse", "--json", "-"])
        return (result.output, try contents(of: files.folder)[name])
      }
      #expect(outputs[1] == outputs[0] && outputs[2] == outputs[0])
    }
  }

  /// Layers may be anything where nothing is asked of accuracy; then bytes are fewest.
  @Test func schemesOfLayersAreChosen() throws {
    try Self.withFiles { files in
      let mixed =
        files.quantize(to: "plan.yaml") + [
          "--mixed", "--max-drop", "100", "--candidates", "int8", "w4a8",
        ]
      let result = try DovetailCommand.run(mixed)
      #expect(result.status == 0, "\(result.messages)")
      let text = try FileBytes.text(of: files.path("plan.yaml"))
      #expect(text.contains("# Sum of layers: 214 bytes, the cheapest that there is"))
      #expect(text.contains("- \"conv\": \"w4a8\"") && text.contains("- \"y\": \"w4a8\""))
      let used = try DovetailCommand.run(
        files.quantize(to: "q.tflite") + ["--plan", files.path("plan.yaml")])
      #expect(used.status == 0 && used.output.contains("weights: 214 bytes"))
    }
  }

  @Test func limitThatNothingMeetsFails() throws {
    try Self.withFiles { files in
      let result = try DovetailCommand.run(
        files.quantize(to: "plan.yaml") + ["--mixed", "--budget", "10"])
      #expect(result.status == 1 && result.messages.contains("[no-plan]"), "\(result.messages)")
      #expect(try contents(of: files.folder)["plan.yaml"] == nil)
    }
  }

  @Test(arguments: [
    ["--scheme", "nonsense"], ["--scheme", "int8,nonsense"], ["--ranges", "nonsense"],
    ["--method", "nonsense"], ["--method", "none", "gptq"], ["--mixed"],
    ["--mixed", "--max-drop", "1", "--budget", "1"],
    ["--max-drop", "1"], ["--target", "ethos-u55-128"], ["--threads", "0"], ["--samples", "0"],
    ["--integer-ports"], ["--no-report", "--json", "-"], ["--keep-float", "nonsense"],
    ["--scheme-for", "nonsense=int8"], ["--scheme-for", "conv"],
    ["--scheme-for", "conv=nonsense"], ["--weight-clipping", "nonsense"],
    ["--mixed", "--max-drop", "1", "--candidates", "nonsense"],
    ["--mixed", "--max-drop", "1", "--minimize", "nonsense"],
    ["--mixed", "--max-drop", "1", "--scheme", "w4a8"],
    ["--plan", "plan.yaml", "--scheme", "w4a8"],
  ])
  func wrongUse(options: [String]) throws {
    try Self.withFiles { files in
      try files.expect(64, files.quantize(to: "q.onnx") + options)
      try files.expect(64, files.quantize(to: "q.xyz"))
    }
  }

  @Test func wrongPlansAreNamed() throws {
    try Self.withFiles { files in
      let plan = files.path("plan.yaml")
      let use = files.quantize(to: "q.onnx") + ["--plan", plan]
      for (text, status, id) in [
        ("scheme: [", 65, "bad-plan"), ("scheme: int9", 64, "no-such-scheme"),
        ("scheme: int8\nlayers: [{nonsense: float}]", 64, "no-such-layer"),
      ] as [(String, Int32, String)] {
        try FileBytes.write(Array(text.utf8), to: plan)
        let result = try files.expect(status, use)
        #expect(result.messages.contains("[\(id)]"), "\(result.messages)")
      }
      try files.expect(66, files.quantize(to: "q.onnx") + ["--plan", files.path("none.yaml")])
    }
  }

  @Test func wrongSamplesAreNamed() throws {
    try Self.withFiles { files in
      try files.expect(66, files.quantize(to: "q.onnx", from: "missing.npy"))
      try files.write(
        Tensor(TensorType(.f32, [8, 5, 4, 3]), numbers: .init(repeating: 0, count: 480)))
      try files.expect(65, files.quantize(to: "q.onnx"))
      let numbers = (0..<384).map { $0 == 200 ? Double.nan : 1 }
      try files.write(Tensor(TensorType(.f32, [8, 4, 4, 3]), numbers: numbers))
      let result = try files.expect(65, files.quantize(to: "q.onnx"))
      #expect(result.messages.contains("[non-finite-sample]"), "\(result.messages)")
      #expect(result.messages.hasPrefix(files.data), "the file with the samples is named")
    }
  }

  @Test func whatIsQuantizedAlreadyIsRefused() throws {
    try Self.withFiles { files in
      let result = try files.expect(
        69,
        ["quantize", Example.model, "--calibration", Example.images, "-o", files.path("q.onnx")]
      )
      #expect(result.messages.contains("[nothing-to-quantize]"), "\(result.messages)")
    }
  }

  @Test func unwritable() throws {
    try Self.withFiles { files in
      try files.expect(74, files.quantize(to: "x.npy/q.onnx"))
      try files.expect(74, files.quantize(to: "x.npy/plan.yaml"))
      try files.expect(74, files.quantize(to: "q.onnx") + ["--json", files.path("x.npy/q.json")])
    }
  }

  private struct Files {
    let folder: String

    var model: String { path("tiny.graph") }
    var data: String { path("x.npy") }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func quantize(to name: String, from data: String = "x.npy") -> [String] {
      ["quantize", model, "--calibration", path(data), "-o", path(name)]
    }

    func write(_ tensor: Tensor) throws {
      try FileBytes.write(NumPyFile.bytes(of: tensor), to: data)
    }

    /// A message on standard error, and nothing on standard output.
    @discardableResult
    func expect(_ status: Int32, _ arguments: [String]) throws -> DovetailCommand.Result {
      let result = try DovetailCommand.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.messages)")
      #expect(result.output.isEmpty && !result.messages.isEmpty, "\(arguments)")
      return result
    }
  }

  private static func withFiles(_ body: (Files) throws -> Void) throws {
    try TestFiles.withFolder { folder in
      let files = Files(folder: folder)
      try FileBytes.write(Array(network.utf8), to: files.model)
      try files.write(Tensor.random(TensorType(.f32, [8, 4, 4, 3]), seed: 5))
      try body(files)
    }
  }
}
