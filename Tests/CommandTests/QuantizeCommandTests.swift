import Foundation
import Support
import Tensors
import Testing

/// What `dovetail quantize` promises of what it writes and prints, on a network of two layers.
struct QuantizeCommandTests {
  /// What is written is read again, and answers as the network of real numbers does.
  @Test(arguments: ["q.onnx", "q.tflite", "q.graph"])
  func filesHoldTheQuantizedNetwork(name: String) throws {
    try QuantizeFiles.with { files in
      let result = try DovetailCommand.run(files.quantize(to: name))
      #expect(result.status == 0 && result.messages.isEmpty, "\(result.messages)")
      let heading = "tiny: int8, with clip-ranges, gptq, calibrated with 8 samples\n"
      #expect(result.output.hasPrefix(heading))
      #expect(result.output.contains("weights: 428 bytes of 1,712"))
      let comparison = try DovetailCommand.run(
        "evaluate", files.path(name), "--against", files.model, "--data", files.data,
        "--metric", "sqnr", "--minimum", "25")
      #expect(comparison.status == 0, "\(comparison.output)\(comparison.messages)")
    }
  }

  /// Roundings are fitted where there are samples to judge them by, and integers on both sides of a product.
  @Test(arguments: [
    ([], "int8, with clip-ranges, gptq, calibrated with 8 samples"),
    (["--method", "none"], "int8, calibrated with 8 samples"),
    (["--method", "correct-bias"], "int8, with correct-bias, calibrated with 8 samples"),
    (["--samples", "3"], "int8, calibrated with 3 samples"),
    (["--scheme", "w8"], "w8, calibrated with 8 samples"),
    (["--scheme", "dynamic"], "dynamic, calibrated with 8 samples"),
    (
      ["--scheme", "w8", "--scheme-for", "conv=w4a8"],
      "w8, with clip-ranges, gptq, calibrated with 8 samples"
    ),
  ])
  func roundingsAreFittedUnasked(options: [String], heading: String) throws {
    try QuantizeFiles.with { files in
      let result = try DovetailCommand.run(files.quantize(to: "q.graph") + options)
      #expect(result.output.hasPrefix("tiny: \(heading)\n"), "\(result.output)\(result.messages)")
      #expect(result.output.contains("\nfitted weights: outputs ") == heading.contains(", with "))
    }
  }

  @Test func reportIsJSONToo() throws {
    try QuantizeFiles.with { files in
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
    try QuantizeFiles.with { files in
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

  /// Half precision ends at 65504; other formats reach farther, or have scales.
  @Test func overflowsAreToldOf() throws {
    try QuantizeFiles.with { files in
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
      let large = QuantizeFiles.network.replacing(
        "constant(random(3))", with: "constant(splat(7e4))")
      try FileBytes.write(Array(large.utf8), to: files.model)
      let refused = try files.expect(69, half)
      #expect(refused.messages.contains("[weight-too-large]") && refused.messages.contains("`y`"))
    }
  }

  @Test func noiseIsWarnedOf() throws {
    try QuantizeFiles.with { files in
      let result = try DovetailCommand.run(
        "quantize", files.model, "-o", files.path("q.onnx"), "--samples", "2")
      #expect(result.status == 0 && result.messages.hasPrefix("warning: calibrating with"))
      #expect(result.output.hasPrefix("tiny: int8, calibrated with 2 samples of noise\n"))
    }
  }

  @Test(arguments: ["q.onnx", "q.tflite", "q.graph"])
  func numberOfThreadsChangesNoByte(name: String) throws {
    try QuantizeFiles.with { files in
      let outputs = try ["1", "2", "1"].map { threads in
        let result = try DovetailCommand.run(
          files.quantize(to: name) + ["--threads", threads, "--ranges", "mse", "--json", "-"])
        return (result.output, try contents(of: files.folder)[name])
      }
      #expect(outputs[1] == outputs[0] && outputs[2] == outputs[0])
    }
  }
}
