import Evaluation
import GraphIR
import Support
import Testing

import Quantization

/// Which scheme a layer gets, and plans as files.
struct QuantizationPlanTests {
  @Test func lastRuleThatMatchesCounts() throws {
    let schemes = try Self.schemes(
      [("*", "w4a8"), ("de*", "int16x8"), ("conv", "float"), ("con?", "w4")])
    #expect(
      schemes == ["conv": "w4", "pool": "w4a8", "flat": "w4a8", "dense": "int16x8", "y": "w4a8"])
  }

  /// What only chooses among elements follows what it reads; here the pool and the reshape the convolution.
  @Test func rulesNameOperatorsToo() throws {
    let schemes = try Self.schemes([("conv2d", "int16x8"), ("softmax", "float")])
    #expect(
      schemes == [
        "conv": "int16x8", "pool": "int16x8", "flat": "int16x8", "dense": "int8", "y": "float",
      ])
  }

  /// Layers with weights before it are quantized, and what reads it; rules may say otherwise.
  @Test func whatLeadsToALogarithmStaysAsItIs() throws {
    let graph = try Graph.parsed(
      """
      graph spectrum(%x: f32[1, 4, 4, 4]) {
        %w = constant(random(1)) : f32[4, 1, 1, 4]
        %v = constant(random(2)) : f32[4, 1, 1, 4]
        %re = conv2d(%x, %w) : f32[1, 4, 4, 4] from A 0
        %im = conv2d(%x, %v) : f32[1, 4, 4, 4] from B 1
        %a = mul(%re, %re) : f32[1, 4, 4, 4] from C 2
        %b = mul(%im, %im) : f32[1, 4, 4, 4] from D 3
        %sum = add(%a, %b) : f32[1, 4, 4, 4] from E 4
        %flat = reshape(%sum) {shape: [1, 64]} : f32[1, 64] from F 5
        %log = log(%flat) : f32[1, 64] from G 6
        %y = add(%log, %log) : f32[1, 64] from H 7
        return %y
      }
      """)
    let schemes = try Self.schemes(of: graph, [])
    #expect(["re", "im", "y"].allSatisfy { schemes[$0] == "int8" })
    #expect(["a", "b", "sum", "flat"].allSatisfy { schemes[$0] == "float" })
    let asked = try Self.schemes(of: graph, [.init("sum", QuantizationScheme("int8"))])
    #expect(asked["sum"] == "int8")
  }

  @Test(arguments: ["con", "Conv", "", "conv*2", "[", "\\", "conv\u{0}x", "w1", "x"])
  func rulesThatMatchNothingAreRefused(pattern: String) {
    #expect(diagnosticID { try Self.schemes([(pattern, "float")]) } == "no-such-layer")
  }

  @Test func ruleThatLaterOnesReplaceIsNoMistake() throws {
    let schemes = try Self.schemes([("conv", "w4a8"), ("*", "float")])
    #expect(Set(schemes.values) == ["float"])
  }

  @Test(arguments: hostileNames)
  func layersAreFoundByTheirExactNames(name: String) throws {
    var graph = try Graph.parsed(Networks.classifier)
    graph.rename(try #require(graph.value(named: "conv")), name, sourceIndex: nil)
    let rule = QuantizationPlan.Rule(exactly: name, .float)
    let schemes = try Self.schemes(of: graph, [rule])
    #expect(schemes[name] == "float" && schemes["dense"] == "int8", "\(rule.pattern)")
  }

  @Test func exactNamesStandForNoOthers() throws {
    var graph = try Graph.parsed(Networks.classifier)
    graph.rename(try #require(graph.value(named: "conv")), "de*", sourceIndex: nil)
    let schemes = try Self.schemes(of: graph, [QuantizationPlan.Rule(exactly: "de*", .float)])
    #expect(schemes["de*"] == "float" && schemes["dense"] == "int8")
  }

  /// TFLite joins names where it fuses operators; plans write the shortest that no other layer has.
  @Test func joinedNamesAreFoundByTheirParts() throws {
    var graph = try Graph.parsed(Networks.classifier)
    graph.rename(
      try #require(graph.value(named: "conv")), "a/Relu;a/Add;b/Conv2D", sourceIndex: nil)
    graph.rename(try #require(graph.value(named: "dense")), "b/MatMul;b/Conv2D", sourceIndex: nil)
    for (pattern, found) in [
      ("a/Add", ["a/Relu;a/Add;b/Conv2D"]), ("b/MatMul", ["b/MatMul;b/Conv2D"]),
      ("a/*", ["a/Relu;a/Add;b/Conv2D"]), ("*Add", ["a/Relu;a/Add;b/Conv2D"]),
      ("b/Conv2D", ["a/Relu;a/Add;b/Conv2D", "b/MatMul;b/Conv2D"]),
      ("a/Relu;a/Add;b/Conv2D", ["a/Relu;a/Add;b/Conv2D"]),
    ] {
      let schemes = try Self.schemes(of: graph, [.init(pattern, .weightsOnly(4))])
      let weighted = schemes.filter { $0.value == "w4" }.keys.filter { $0.contains(";") }
      #expect(weighted.sorted() == found, "\(pattern)")
    }
    let layers = graph.order.filter { graph.layerName($0).contains(";") }
    #expect(layers.map { graph.rule(for: $0, .float).pattern } == ["a/Add", "b/MatMul"])
  }

  @Test(arguments: hostileNames)
  func filesKeepNames(name: String) throws {
    let scheme = try QuantizationScheme("w3a8,weights=group:16,scales=power-of-two")
    let plan = QuantizationPlan(
      scheme, rules: [.init(exactly: name, .float), .init(name, .blocks(.f4e2m1))])
    #expect(try QuantizationPlan(parsing: plan.text()) == plan, "\(plan.text())")
  }

  @Test func filesAreReadBack() throws {
    let plan = QuantizationPlan(.dynamic, rules: [.init("*/dense?", .weightsOnly(3))])
    let told = plan.text(heading: ["of a model", ""]) { "costs \($0.pattern.count)" }
    #expect(told.hasPrefix("# of a model\n#\nscheme: dynamic\n"))
    #expect(told.hasSuffix("\n  - \"*/dense?\": \"w3\"  # costs 8\n"))
    #expect(try QuantizationPlan(parsing: told) == plan)
    let simple = QuantizationPlan(.float)
    #expect(simple.text() == "scheme: float\n")
    #expect(try QuantizationPlan(parsing: simple.text()) == simple)
  }

  @Test(arguments: [
    ("a: [", "it is not YAML"), ("scheme: int8\nscheme: int8", "it is not YAML"),
    ("", "it has no keys"), ("- scheme", "it has no keys"), ("int8", "it has no keys"),
    ("scheme: int8\nlayer: []", "there is no key `layer`"), ("layers: []", "`scheme` is missing"),
    ("scheme: [int8]", "`scheme` is missing"), ("scheme: int8\nlayers: x", "`layers` is no list"),
    ("scheme: int8\nlayers: {a: int8}", "`layers` is no list"),
    ("scheme: int8\nlayers: [a]", "an entry of `layers` is no pair"),
    ("scheme: int8\nlayers: [{a: int8, b: int8}]", "an entry of `layers` is no pair"),
    ("scheme: int8\nlayers: [{a: [int8]}]", "an entry of `layers` is no pair"),
    ("scheme: int8\nlayers: [{}]", "an entry of `layers` is no pair"),
  ])
  func wrongFilesSayWhatIsWrong(text: String, cause: String) throws {
    let found = try #require(throws: Diagnostic.self) { try QuantizationPlan(parsing: text) }
    #expect(found.message.id == "bad-plan" && found.message.text.contains(cause), "\(found)")
  }

  @Test func schemesInFilesAreChecked() {
    for text in ["scheme: int9", "scheme: int8\nlayers: [{a: int9}]"] {
      #expect(diagnosticID { try QuantizationPlan(parsing: text) } == "no-such-scheme")
    }
  }

  /// Names as strangers may choose them: with signs of patterns, of YAML and of terminals.
  private static let hostileNames = [
    "a*b", "a[0]", "[", "a?", "back\\slash", "quote\"d", "a: b", "- a", "# a", "line\nbreak",
    "\u{1b}[31m", "\u{202e}abc", "\u{2028}", "a\u{feff}", "\u{ffff}", " a ", "!tag", "&a", "été",
    "층",
    "😀", "\u{85}", "\u{7f}", "nul\u{0}", "a\u{0}*",
  ]

  private static func schemes(_ rules: [(String, String)]) throws -> [String: String] {
    let rules = try rules.map { QuantizationPlan.Rule($0.0, try QuantizationScheme($0.1)) }
    return try schemes(of: Graph.parsed(Networks.classifier), rules)
  }

  /// By the name of a layer the text of its scheme, under a plan of `int8` with rules.
  private static func schemes(
    of graph: Graph, _ rules: [QuantizationPlan.Rule]
  ) throws -> [String: String] {
    let plan = QuantizationPlan(try QuantizationScheme("int8"), rules: rules)
    let model = try QuantizedModel(
      graph, MethodContext(plan: plan, inputs: graph.samples(1), ranges: .minMax))
    return Dictionary(
      uniqueKeysWithValues: model.schemes.map { (graph.layerName($0.key), $0.value.text) })
  }
}
