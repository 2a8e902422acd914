import Support
import Testing

/// What `dovetail quantize` promises of plans, on a network of two layers.
struct QuantizePlanTests {
  /// A plan says what was asked for, and does the same when it is given back.
  @Test func plansAreWrittenAndRead() throws {
    try QuantizeFiles.with { files in
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

  /// Layers may be anything where nothing is asked of accuracy; then bytes are fewest.
  @Test func schemesOfLayersAreChosen() throws {
    try QuantizeFiles.with { files in
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
    try QuantizeFiles.with { files in
      let result = try DovetailCommand.run(
        files.quantize(to: "plan.yaml") + ["--mixed", "--budget", "10"])
      #expect(result.status == 1 && result.messages.contains("[no-plan]"), "\(result.messages)")
      #expect(try contents(of: files.folder)["plan.yaml"] == nil)
    }
  }

  @Test func wrongPlansAreNamed() throws {
    try QuantizeFiles.with { files in
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
}
