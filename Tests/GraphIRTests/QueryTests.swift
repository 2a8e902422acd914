import GraphIR
import Operators
import Support
import Tensors
import Testing

struct QueryTests {
  private var graph = Graph(name: "g")
  private let x: ValueID
  private let w: ValueID
  private let c: ValueID
  private let y: ValueID

  init() throws {
    x = graph.addInput("x", TensorType(.f32, [1, 4]))
    w = graph.addConstant(
      "w", TensorType(.f32, [2, 4]), TensorData(Array(repeating: 1 as Float, count: 8)))
    c = try graph.insert(FullyConnected(), [x, w])[0]
    y = try graph.insert(ReLU(), [c])[0]
    graph.setOutputs([y])
  }

  @Test func soleProducerNeedsOneReaderAndNoOutput() throws {
    #expect(graph.soleProducer(of: c, as: FullyConnected.self) != nil)
    #expect(graph.soleProducer(of: c, as: ReLU.self) == nil)
    #expect(graph.soleProducer(of: x, as: ReLU.self) == nil)
    var other = graph
    other.setOutputs([y, c])
    #expect(other.soleProducer(of: c, as: FullyConnected.self) == nil)
    other = graph
    try other.insert(ReLU(), [c])
    #expect(other.soleProducer(of: c, as: FullyConnected.self) == nil)
  }

  @Test func sitesHaveTheBytesOfConstants() {
    let site = graph.site(of: graph.producer(of: c)!)
    #expect(site.constants.map { $0 == nil } == [true, false])
    #expect(site.results == [TensorType(.f32, [1, 2])])
    #expect(graph.work(of: graph.producer(of: c)!).macs == 8)
  }

  @Test func livenessEndsWithTheLastReader() {
    #expect(graph.liveness() == [x: 0...0, c: 0...1, y: 1...1])
    var other = graph
    other.setOutputs([x, y])
    #expect(other.liveness()[x] == 0...1)
  }
}
