import Evaluation
import GraphIR
import Importing
import ONNXSchema
import Support
import TestSupport
import Tensors
import Testing

private typealias Node = ONNXNodeProto
private typealias File = ONNXModelProto

/// How the parts of an ONNX file become a graph: names and extents, functions, graphs within nodes, lists, sources.
struct ONNXImportTests {
  // MARK: Extents with names

  private static let twoInputs = File(
    [Node("Add", ["a", "b"], ["y"])],
    inputs: [.tensor("a", ["batch", "width"]), .tensor("b", ["batch", "width"])])

  @Test func anOpenBatchIsOne() throws {
    let model = File([Node("Relu", ["x"], ["y"])], inputs: [.tensor("x", ["batch", 3])])
    #expect(try inputShapes(model) == [[1, 3]])
  }

  @Test func aNameIsBoundForAllInputs() throws {
    #expect(try inputShapes(Self.twoInputs, ["a": [4, 5]]) == [[4, 5], [4, 5]])
  }

  @Test func aNameHasOneExtent() {
    #expect(
      problems { try inputShapes(Self.twoInputs, ["a": [4, 5], "b": [4, 6]]) }
        == ["conflicting-extents"])
  }

  @Test func shapesAreForInputs() {
    #expect(problems { try inputShapes(Self.twoInputs, ["c": [4, 5]]) } == ["no-such-input"])
  }

  @Test func whatIsGivenBindsOpenExtents() throws {
    var options = Model.Options()
    options.shapesOfOpenInputs = ["a": [2, 7]]
    let graph = try Self.twoInputs.imported(options).graph
    #expect(graph.types(of: graph.inputs).map(\.shape) == [[2, 7], [2, 7]])
  }

  private func inputShapes(_ model: File, _ shapes: [String: Shape] = [:]) throws -> [Shape] {
    let graph = try model.imported(Model.Options(shapes: shapes)).graph
    return graph.types(of: graph.inputs).map(\.shape)
  }

  // MARK: Functions

  private static let scaling = ONNXFunctionProto(
    "Scale",
    [
      Node("Constant", [], ["factor"], .reference("value_float", "factor", type: 1)),
      Node("Mul", ["a", "factor"], ["b"]),
    ])

  @Test func functionsReadAttributesOfTheirCalls() throws {
    let model = File([Node("Scale", ["x"], ["y"], .float("factor", 3), domain: "ours")])
    #expect(try outputs(model.with(Self.scaling), [[1, 2]]) == [[3, 6]])
  }

  @Test func functionsHaveDefaults() throws {
    let model = File([Node("Scale", ["x"], ["y"], domain: "ours")])
    let scaling = Self.scaling.with(defaults: .float("factor", 5))
    #expect(try outputs(model.with(scaling), [[1, 2]]) == [[5, 10]])
    #expect(problems { try model.with(Self.scaling).imported() } == ["onnx-attribute"])
  }

  @Test func functionsDoNotSeeNamesAround() {
    let model = File([Node("F", ["x"], ["y"], domain: "ours")])
    let function = ONNXFunctionProto("F", [Node("Add", ["a", "x"], ["b"])])
    #expect(problems { try model.with(function).imported() } == ["tensor-not-computed"])
  }

  // MARK: Graphs within nodes

  /// `c ? |x + x| : w`, where both branches read what is around them.
  private static let branches = File(
    [
      Node("Add", ["x", "x"], ["t"]),
      Node(
        "If", ["c"], ["y"],
        .graph("then_branch", .init([Node("Abs", ["t"], ["a"])], outputs: ["a"])),
        .graph("else_branch", .init([Node("Identity", ["w"], ["b"])], outputs: ["b"]))),
    ],
    inputs: [.tensor("x", [2]), .tensor("c", [], element: 9)],
    constants: [ONNXTensorProto("w", floats: [7, 8])])

  @Test func branchesReadWhatIsAround() throws {
    #expect(try outputs(Self.branches, [[-1, 2], [1]]) == [[2, 4]])
    #expect(try outputs(Self.branches, [[-1, 2], [0]]) == [[7, 8]])
  }

  /// `w` is added as often as `n` says.
  @Test func loopsReadWhatIsAround() throws {
    let body = ONNXGraphProto(
      [Node("Add", ["s", "w"], ["t"])], inputs: ["i", "k", "s"], outputs: ["k", "t"])
    let loop = Node("Loop", ["n", "", "x"], ["y"], .graph("body", body))
    let weights = ONNXTensorProto("w", floats: [1, 2])
    let known = File([loop], constants: [weights, ONNXTensorProto("n", [3], [])])
    #expect(try outputs(known, [[0, 0]]) == [[3, 6]])
    let open = File(
      [loop], inputs: [.tensor("x", [2]), .tensor("n", [], element: 7)], constants: [weights])
    #expect(try outputs(open, [[0, 0], [4]]) == [[4, 8]])
  }

  // MARK: Lists of tensors

  @Test func listsVanish() throws {
    let model = File(
      [
        Node("SequenceConstruct", ["x", "x"], ["s"]), Node("SequenceErase", ["s"], ["t"]),
        Node("SequenceInsert", ["t", "x"], ["u"]),
        Node("ConcatFromSequence", ["u"], ["y"], .integer("axis", 0)),
      ])
    #expect(try outputs(model, [[1, 2]]) == [[1, 2, 1, 2]])
  }

  @Test func listsAreOutputsOneByOne() throws {
    let model = File([Node("SequenceConstruct", ["x", "x"], ["y"])])
    let graph = try model.imported().graph
    #expect(graph.outputs.map { graph.values[$0].name } == ["y/0", "y/1"])
  }

  @Test func listsAreInputsWhereTheyAreKnown() throws {
    let model = File(
      [Node("ConcatFromSequence", ["x"], ["y"], .integer("axis", 0))], inputs: [.sequence("x")])
    let tensors = [[1], [2, 3]].map { Tensor(TensorType(.f32, [$0.count]), numbers: $0) }
    let known = KnownInputs([:], sequences: ["x": tensors])
    let graph = try model.imported(Model.Options(known: known)).graph
    #expect(try graph.evaluate([]).map(\.storedNumbers) == [[1, 2, 3]])
  }

  // MARK: Sources and text

  /// Operators that fold away or leave no node are told to be eliminated.
  @Test func everyOperatorOfTheFileStandsSomewhere() throws {
    let model = File(
      [
        Node("Shape", ["x"], ["s"]), Node("Identity", ["x"], ["i"]),
        Node("Reshape", ["i", "s"], ["r"]), Node("LayerNormalization", ["r", "w"], ["l"]),
        Node("Twice", ["l"], ["y"], domain: "ours"), Node("Neg", ["x"], ["unread"]),
      ], constants: [ONNXTensorProto("w", floats: [1, 2])]
    ).with(ONNXFunctionProto("Twice", [Node("Add", ["a", "a"], ["b"])]))
    let graph = try model.imported().graph
    let sources = graph.order.flatMap { graph.nodes[$0].sources } + graph.eliminated
    #expect(sources.map(\.index).sorted() == Array(0..<model.graph.node.count))
    #expect(sources.first { $0.index == 4 }?.kind == "ours:Twice")
  }

  @Test func aFileAlwaysGivesTheSameGraph() throws {
    let first = try Self.branches.imported().graph.text()
    for _ in 0..<5 { #expect(try Self.branches.imported().graph.text() == first) }
  }

  // MARK: Help

  private func outputs(_ model: File, _ inputs: [[Double]]) throws -> [[Double]] {
    try model.outputs(inputs)
  }

  /// The ids of what a call reports.
  private func problems(_ body: () throws -> some Any) -> [String] {
    do {
      _ = try body()
      return []
    } catch {
      let found = (error as? Diagnostic).map { [$0] } ?? (error as? Diagnostics)?.all ?? []
      return found.map(\.message.id)
    }
  }
}
