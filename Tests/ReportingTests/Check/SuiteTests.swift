import Reporting
import Support
import TestSupport
import Testing

/// Suite files, which people write.
struct SuiteTests {
  @Test func pathsAreRelativeToTheFile() throws {
    let suite = try Self.read(
      """
      tolerance: 1 %
      layerTolerance: 0.02
      targets: [ethos-u55-128, ../t/target.yaml]
      budgets: [{ metric: hostOperators, maximum: 0 }]
      networks:
        - model: nets/a.tflite
          shapes: { x: 1x2x3 }
          data: x.npy
          labels: y.npy
        - model: nets/b.tflite
          name: other
          targets: [ethos-u55-256]
          disable: [fuse-clamps]
      """)
    #expect(suite.entries.count == 3)
    #expect(suite.entries[0].model.hasSuffix("/nets/a.tflite"))
    #expect(suite.entries[0].key == "a on ethos-u55-128")
    #expect(suite.entries[1].target.hasSuffix("/../t/target.yaml"))
    #expect(suite.entries[1].samples?.labels.hasSuffix("/y.npy") == true)
    #expect(suite.entries[0].shapes["x"] == [1, 2, 3])
    #expect(suite.entries[0].budgets == [Budget(metric: "hostOperators", maximum: 0)])
    #expect(suite.entries[2].key == "other on ethos-u55-256")
    #expect(suite.entries[2].disabledPasses == ["fuse-clamps"])
    #expect(suite.tolerance == Tolerance(totals: 0.01, layers: 0.02))
  }

  @Test(arguments: [
    ("networks: [", "line"), ("", "empty"), ("networks: 3", "`networks` is not a list"),
    ("targets: [a]", "`networks` is missing"),
    ("networks:\n  - model: a\n", "no targets"),
    ("targets: [t]\nnetworks:\n  - modle: a\n", "line 3"),
    ("targets: [t]\nnetworks:\n  - model: a\n  - model: b/a\n", "two networks `a on t`"),
    ("targets: [t]\nnetworks:\n  - model: a\n    data: x\n", "`labels`"),
    ("targets: [t]\nnetworks:\n  - model: a\n    shapes: { x: 0x1 }\n", "is not a shape"),
    ("tolerance: -1\ntargets: [t]\nnetworks: []\n", "is not a number"),
    ("tolerance: .nan\ntargets: [t]\nnetworks: []\n", "is not a number"),
    ("targets: [t]\nbudgets: [{ metric: x }]\nnetworks: []\n", "has no limit"),
    ("targets: [t]\nbudgets: [{ metric: macs, layers: a, maximum: 1 }]\nnetworks: []\n", "layers"),
    ("networks: []\nnetworks: []\n", "given twice"),
  ])
  func wrongSuitesAreRefused(text: String, problem: String) throws {
    let error = try #require(throws: Diagnostic.self) { try Self.read(text) }
    #expect(error.message.id == "bad-suite")
    #expect(error.description.contains(problem), "\(error.description)")
    #expect(error.place.file != nil)
  }

  private static func read(_ text: String) throws -> Suite {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(text.utf8), to: "\(folder)/suite.yaml")
      return try Suite(reading: "\(folder)/suite.yaml")
    }
  }
}
