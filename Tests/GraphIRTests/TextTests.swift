import GraphIR
import Operators
import Support
import TestSupport
import Tensors
import Testing

struct TextTests {
  @Test(arguments: 0..<80 as Range<UInt64>)
  func randomGraphsComeBack(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: seed % 2 == 0 ? .f32 : .i8)
    let read = try parse(graph.text())
    #expect(read == graph, "\(lineDifference(graph.text(), read.text()))")
    #expect(read.verify().isEmpty)
    #expect(try outputDifferences(graph, read) == [])
  }

  static let names = [
    "dense/MatMul;dense/BiasAdd", "with space", "", "a \"quoted\" \\ name", "line\nbreak\r\n\ttab",
    "Größe 図 🕊️ e\u{301}", "\u{301}accent first", "\u{2028}line separator\u{85}\u{b}\u{c}",
    "\u{202e}right to left\u{2069}",
    "// no comment",
    "}", "return", "12", "7up", "same", "same", String(repeating: "long/", count: 60), "\0",
    "%y = tensor 3", "ends in \\", "{", "#0 = data(\"AA==\")",
  ]

  @Test func namesComeBack() throws {
    var graph = Graph(name: "names")
    var last = graph.addInput("12", TensorType(.f32, [2]), sourceIndex: 40)
    for (index, name) in Self.names.enumerated() {
      last = try graph.insert(ReLU(), [last])[0]
      graph.rename(last, name, sourceIndex: index)
    }
    graph.setOutputs([last])
    let read = try parse(graph.text())
    #expect(names(read) == names(graph))
    #expect(read == graph)
  }

  /// Models of ONNX often have numbers for names, by which their users know inputs and tensors.
  @Test func numericNamesOfTheModelAreKept() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("345", TensorType(.f32, [2]))
    let y = try graph.insert(ReLU(), [x])[0]
    graph.rename(y, "12", sourceIndex: 3)
    graph.setOutputs([y])
    #expect(names(try parse(graph.text())) == ["345", "12"])
  }

  @Test func constantsOfEveryTypeComeBack() throws {
    for element in ElementType.allCases {
      for count in [1, 3, 8, 9, 200] {
        var graph = Graph(name: "constants")
        let tensor = Tensor.random(TensorType(element, [count]), seed: 9)
        graph.setOutputs([graph.addConstant("c", tensor.type, tensor.data)])
        let read = try parse(graph.text())
        #expect(read.constantData(read.outputs[0]) == tensor.data, "\(tensor.type)")
      }
    }
  }

  @Test func unusualFloatsComeBack() throws {
    let numbers: [Float] = [-0.0, .infinity, .nan, .leastNonzeroMagnitude, 1e20, 0.1, -.infinity]
    for count in 1...numbers.count {
      var graph = Graph(name: "floats")
      let data = TensorData(Array(numbers.prefix(count)))
      graph.setOutputs([graph.addConstant("c", TensorType(.f32, [count]), data)])
      let read = try parse(graph.text())
      #expect(read.constantData(read.outputs[0]) == data)
    }
  }

  @Test func scalesComeBack() throws {
    let scales = (0..<100).map { Float(0.001) * Float($0 + 1) / 3 }
    let quantizations = [
      Quantization(scale: 1e-30, zeroPoint: -128), Quantization(scale: 0.1),
      Quantization(axis: 0, scales: scales, zeroPoints: scales.indices.map { $0 - 50 }),
      Quantization(axis: 0, scales: scales, zeroPoints: scales.map { _ in 0 }),
      Quantization(axis: 1, scales: [0.5], zeroPoints: [3]),
    ]
    for quantization in quantizations {
      var graph = Graph(name: "scales")
      let x = graph.addInput("x", TensorType(.i8, [100, 1], quantization))
      graph.setOutputs([x])
      let read = try parse(graph.text())
      #expect(read.values[read.inputs[0]].type.quantization == quantization)
    }
  }

  @Test func severalResultsAndOutputsComeBack() throws {
    var graph = Graph(name: "several")
    let x = graph.addInput("x", TensorType(.f32, [4]))
    let halves = try graph.insert(TwoHalves(), [x])
    let more = try graph.insert(TwoHalves(), [halves[1]])
    graph.setOutputs([more[1], x, halves[0], more[1]])
    let read = try GraphParser(graph.text(), operators: TwoHalves.operators).graph
    #expect(read == graph)
    #expect(read.outputs.count == 4)
    #expect(read.verify().isEmpty)
  }

  @Test func elidedConstantsAndSourcesComeBack() throws {
    var graph = Graph(name: "sources")
    let x = graph.addInput("x", TensorType(.f32, [1, 4]))
    let w = graph.addConstant("w", TensorType(.f32, [1 << 20, 4]), nil)
    let sources = [
      SourceOperator(index: 3, kind: "CONV_2D"), SourceOperator(index: 7, kind: "RELU"),
    ]
    graph.setOutputs(try graph.insert(FullyConnected(), [x, w], from: sources))
    graph.absorb([SourceOperator(index: 5, kind: "PACK")], into: nil)
    let read = try parse(graph.text())
    #expect(read == graph)
    #expect(read.nodes[read.order[0]].sources == sources)
    #expect(read.eliminated.map(\.index) == [5])
    #expect(read.constantData(read.usedConstants[0]) == nil)
  }

  @Test func attributesPrintOnlyWhereTheyDiffer() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [1, 4, 4, 1]))
    let pooled = try graph.insert(
      MaxPool2D(kernel: [2, 2], padding: .explicit(top: 1, left: 0, bottom: 0, right: 1)), [x])
    graph.setOutputs(pooled)
    #expect(graph.text().contains("max_pool2d(%x) {kernel: [2, 2], padding: [1, 0, 0, 1]} :"))
  }

  @Test func linesMayEndAsOnWindows() throws {
    let text =
      "// a comment\ngraph g(%x: f32[2]) {\n  %y = relu(%x) : f32[2] // why\n  return %y\n}\n"
    #expect(try parse(text.replacing("\n", with: "\r\n")) == parse(text))
  }

  @Test func generatedConstantsOfAnySizeOfNumberAreRead() throws {
    let parser = try GraphParser(
      """
      graph g() {
        %a = constant(splat(1e300)) : f32[2]
        %b = constant(splat(-inf)) : f32[2]
        %c = constant(splat(0.5)) : f32[2]
        return %a, %b, %c
      }
      """, operators: Operators.all)
    #expect(parser.literals.map(\.text) == ["splat(1e+300)", "splat(-inf)", "splat(0.5)"])
  }

  private func parse(_ text: String) throws -> Graph {
    try GraphParser(text, operators: Operators.all).graph
  }

  private func names(_ graph: Graph) -> [String] {
    (graph.inputs + graph.order.flatMap { graph.nodes[$0].results }).map { graph.values[$0].name }
  }
}
