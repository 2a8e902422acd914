import GraphIR
import Operators
import Support
import TestSupport
import Tensors
import Testing

struct VerifierTests {
  private var graph = Graph(name: "g")
  private let x: ValueID
  private let a: ValueID
  private let b: ValueID

  init() throws {
    x = graph.addInput("x", TensorType(.f32, [4]))
    a = try graph.insert(ReLU(), [x], from: [SourceOperator(index: 0, kind: "RELU")])[0]
    b = try graph.insert(ReLU6(), [a])[0]
    graph.setOutputs([b])
  }

  private func ids(_ graph: Graph) -> [String] { graph.verify().map(\.message.id) }

  @Test func soundGraphHasNoFindings() { #expect(graph.verify().isEmpty) }

  @Test func readingBeforeDefinitionIsFound() {
    var broken = graph
    broken.setInput(0, of: graph.producer(of: a)!, to: b)
    #expect(ids(broken) == ["read-before-definition"])
  }

  @Test func readingAnErasedResultIsFound() {
    var broken = graph
    broken.setOutputs([x])
    broken.erase([graph.producer(of: a)!, graph.producer(of: b)!])
    broken.setOutputs([b])
    #expect(ids(broken) == ["read-before-definition"])
  }

  @Test func typesThatNoLongerFitAreFound() {
    var broken = graph
    let wide = broken.addInput("wide", TensorType(.f32, [8]))
    broken.setInput(0, of: graph.producer(of: b)!, to: wide)
    let problem = broken.verify()[0]
    #expect(problem.message.id == "result-type")
    #expect(problem.message.text == "result 0 of `relu6` has type f32[4], expected f32[8]")
    #expect(problem.place.spot?.contains("relu6") == true)
  }

  @Test func badQuantizationOfAnInputIsFound() {
    var broken = graph
    broken.addInput("q", TensorType(.i8, [4], Quantization(scale: -1)))
    #expect(ids(broken) == ["bad-value"])
  }

  @Test func constantsOfTheWrongSizeAreFound() {
    var broken = graph
    let data = TensorData([1, 2] as [Float])
    broken.setOutputs([broken.addConstant("c", TensorType(.f32, [4]), data)])
    #expect(ids(broken) == ["bad-value"])
  }

  @Test func sourcesInTwoNodesAreFound() {
    var broken = graph
    broken.absorb(
      [SourceOperator(index: 0, kind: "RELU")], into: graph.producer(of: b)!)
    #expect(ids(broken) == ["repeated-source"])
  }

  @Test func spotsNameTheSourceOrElseTheValue() {
    #expect(graph.spot(of: graph.producer(of: a)!) == "operator 0 (RELU)")
    #expect(graph.spot(of: graph.producer(of: b)!).contains("(relu6)"))
  }
}
