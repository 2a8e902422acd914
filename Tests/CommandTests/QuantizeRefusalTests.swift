import Tensors
import Testing

/// What `dovetail quantize` does not do, and how it says so.
struct QuantizeRefusalTests {
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
    try QuantizeFiles.with { files in
      try files.expect(64, files.quantize(to: "q.onnx") + options)
      try files.expect(64, files.quantize(to: "q.xyz"))
    }
  }

  /// What a file cannot hold is said at once, before samples are even read.
  @Test(arguments: [
    ("q.onnx", "mxfp8"), ("q.tflite", "mxfp4"), ("q.tflite", "fp8"), ("q.tflite", "bf16"),
  ])
  func schemesThatFilesCannotHoldAreRefused(name: String, scheme: String) throws {
    try QuantizeFiles.with { files in
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

  @Test func wrongSamplesAreNamed() throws {
    try QuantizeFiles.with { files in
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
    try QuantizeFiles.with { files in
      let result = try files.expect(
        69,
        ["quantize", Example.model, "--calibration", Example.images, "-o", files.path("q.onnx")]
      )
      #expect(result.messages.contains("[nothing-to-quantize]"), "\(result.messages)")
    }
  }

  @Test func unwritable() throws {
    try QuantizeFiles.with { files in
      try files.expect(74, files.quantize(to: "x.npy/q.onnx"))
      try files.expect(74, files.quantize(to: "x.npy/plan.yaml"))
      try files.expect(74, files.quantize(to: "q.onnx") + ["--json", files.path("x.npy/q.json")])
    }
  }
}
