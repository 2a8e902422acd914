import Foundation
import GraphIR
import Hardware
import Lowering
import Operators
import Reporting
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// Advice is found by timing what it proposes, so its gain can be measured again.
struct AdviceTests {
  /// Everything gains more than 1 %, and no more than the run takes; layers are there.
  @Test(arguments: TestFiles.existing([TestFiles.fashion] + TestFiles.tinyModels))
  func gainsAreReal(path: String) throws {
    let run = try Profiled.run(path)
    let total = run.profile.totals.latencyCycles
    let advice = AdviceSearch(run).advice()
    #expect(advice.allSatisfy { 100 * $0.gainCycles > total && $0.gainCycles <= total })
    #expect(advice.map(\.gainCycles) == advice.map(\.gainCycles).sorted(by: >))
    #expect(advice.flatMap(\.layers).allSatisfy(run.program.layers.indices.contains))
    #expect(AdviceSearch(run).advice() == advice)
  }

  /// A layer of many weights and one pixel waits for flash: the gain is that of the target whose SRAM holds all constants.
  @Test func weightsInSRAMAreTimed() throws {
    let advice = try expectAdviceOnWeights(
      replacing: [:],
      by: [
        "holds: [activations, stagedConstants]": "holds: [activations, constants]",
        "holds: [constants]": "holds: []",
      ])
    #expect(advice.detail.contains("there is room in sram"))
  }

  /// Where SRAM has no room for them, the gain is that of the target with flash as fast as SRAM.
  @Test func weightsThatSRAMHasNoRoomForAreTimedAtItsRate() throws {
    let small: KeyValuePairs = ["bytes: 4194304": "bytes: 32768"]
    // 1 byte per cycle in bursts of 128 bytes becomes 8 in bursts of 32.
    let advice = try expectAdviceOnWeights(
      replacing: small,
      by: [
        "bytes: 4194304": "bytes: 32768",
        "bytesPerCycle: 1 ": "bytesPerCycle: 8 ", "burstBytes: 128": "burstBytes: 32",
        "readLatencyCycles: 64": "readLatencyCycles: 32",
        "writeLatencyCycles: 0": "writeLatencyCycles: 32",
      ])
    #expect(advice.detail.contains("at the rate of sram"))
  }

  /// Advice on the weights of a dense layer, which gains what another target would.
  private func expectAdviceOnWeights(
    replacing parts: KeyValuePairs<String, String>, by changes: KeyValuePairs<String, String>
  ) throws -> ProfileAdvice {
    let graph = try Self.denseLayer()
    let (target, changed) = (try Self.target(parts), try Self.target(changes))
    let program = try Program(lowering: graph, to: target)
    let timeline = Timeline(of: program)
    let advice = try #require(
      AdviceSearch(graph, target, program, timeline).advice()
        .first { $0.title == "keep the weights in sram" })
    let faster = Timeline(of: try Program(lowering: graph, to: changed))
    #expect(advice.gainCycles == timeline.latencyCycles - faster.latencyCycles)
    #expect(advice.layers == [0])
    return advice
  }

  private static func target(_ parts: KeyValuePairs<String, String>) throws -> TargetDescription {
    try TargetVariant.withFile(TargetVariant.text(replacing: parts)) { try Target($0).description }
  }

  /// An operator that only the host has, beside one that the NPU has.
  @Test func hostOperatorsAreTimedAsElementWork() throws {
    var graph = Graph(name: "g")
    let type = TensorType(.i8, [1, 16, 16, 8], Quantization(scale: 0.5))
    let x = graph.addInput("x", type)
    let y = try graph.insert(Multiply(), [x, x], results: [type])[0]
    graph.setOutputs([try graph.insert(Add(), [y, y], results: [type])[0]])
    let run = try Profiled.run(graph)
    let advice = try #require(
      AdviceSearch(run).advice().first { $0.title == "let the NPU compute mul" })
    // 2,048 elements at 1.5 cycles, in place of 1,000 cycles and 10 for each element.
    #expect(run.profile.layers[0].engine == "host")
    #expect(advice.gainCycles == 1000 + 20_480 - 3072)
    #expect(advice.layers == [0])
  }

  @Test func networkWithoutLayersHasNoAdvice() throws {
    #expect(try AdviceSearch(Profiled.chain(named: [])).advice().isEmpty)
  }

  /// Only where it was asked for, and then in every form that shows it.
  @Test func adviceStandsInTheForms() throws {
    let run = try Profiled.run(Self.denseLayer())
    var profile = run.profile
    #expect(!(try JSONText.encode(profile)).contains("\"advice\""))
    #expect(!ProfileTable(profile).text.contains("faster"))
    let advice = AdviceSearch(run).advice()
    profile.advice = advice
    let json = Data(try JSONText.encode(profile).utf8)
    #expect(try JSONDecoder().decode(Profile.self, from: json).advice == advice)
    let first = try #require(advice.first)
    let gain = "−\(Figures.grouped(first.gainCycles)) cycles"
    #expect(ProfileTable(profile).text.contains("\(gain) ("))
    #expect(ProfileMarkdown(profile).text.contains("**\(first.title)**: \(gain) ("))
    profile.advice = []
    #expect(ProfileTable(profile).text.contains("nothing that was tried gains more than 1 %"))
  }

  @Test func adviceInFormsIsText() throws {
    var profile = try Profiled.chain(named: ["a"]).profile
    profile.advice = NastyNames.all.map {
      ProfileAdvice(title: $0, detail: $0, gainCycles: 1, layers: [0])
    }
    for text in [ProfileTable(profile).text, ProfileMarkdown(profile).text] {
      #expect(!text.unicodeScalars.contains { $0.properties.isBidiControl || $0 == "\u{1b}" })
    }
    #expect(!ProfileMarkdown(profile).text.contains("<script>"))
  }

  /// 256 inputs, 256 outputs, one pixel: nothing but weights.
  private static func denseLayer() throws -> Graph {
    var graph = Graph(name: "g")
    let type = TensorType(.i8, [1, 256], Quantization(scale: 0.5))
    let x = graph.addInput("x", type)
    let weightType = TensorType(.i8, [256, 256], Quantization(scale: 0.25))
    var generator = SeededGenerator(seed: 1)
    let weights = graph.addConstant(
      "w", weightType,
      TensorData((0..<65_536).map { _ in Int8.random(in: -127...127, using: &generator) }))
    graph.setOutputs([try graph.insert(FullyConnected(), [x, weights], results: [type])[0]])
    return graph
  }
}

/// Padding channels changes no result that the network gave.
struct ChannelPaddingTests {
  @Test(arguments: 0..<8 as Range<UInt64>)
  func paddedNetworksComputeTheSame(seed: UInt64) throws {
    let graph = try RandomConvolutions.network(seed: seed)
    let image = Tensor.random(graph.values[graph.inputs[0]].type, seed: seed)
    let expected = try outputs(of: graph, image)
    let groups = ChannelGroup.all(of: graph)
    // The image; what the addition joins. The output is promised.
    #expect(groups.map(\.channels) == [3, 7])
    for group in groups {
      let padded = try graph.padding(group, to: group.channels + 5)
      #expect(padded.verify().isEmpty)
      let type = padded.values[padded.inputs[0]].type
      #expect(try outputs(of: padded, image.padded(to: type)) == expected)
      #expect(
        padded.order.map { padded.nodes[$0].sources } == graph.order.map { graph.nodes[$0].sources }
      )
    }
  }

  private func outputs(of graph: Graph, _ image: Tensor) throws -> [Tensor] {
    try ReferenceExecution(graph).run([image]).outputs.map(\.tensor)
  }
}

/// Small networks with everything that channels can be padded through.
private struct RandomConvolutions {
  private var graph = Graph(name: "g")
  private let seed: UInt64

  /// A convolution, a depthwise one, a pool, an addition, then a convolution to the output.
  static func network(seed: UInt64) throws -> Graph {
    var builder = RandomConvolutions(seed: seed)
    let x = builder.graph.addInput("x", type([1, 6, 5, 3]))
    let first = try builder.insert(
      Conv2D(padding: .same, clamp: .relu6), x, weights: [7, 3, 2, 3], axis: 0)
    let second = try builder.insert(
      DepthwiseConv2D(padding: .same), first, weights: [1, 3, 3, 7], axis: 3)
    let pool = AveragePool2D(kernel: [2, 2], stride: [1, 1], padding: .same)
    let pooled = try builder.graph.insert(pool, [second], results: [type([1, 6, 5, 7])])[0]
    let sum = try builder.graph.insert(Add(), [first, pooled], results: [type([1, 6, 5, 7])])[0]
    let last = try builder.insert(Conv2D(padding: .same), sum, weights: [4, 1, 1, 7], axis: 0)
    builder.graph.setOutputs([last])
    return builder.graph
  }

  private init(seed: UInt64) { self.seed = seed }

  private static func type(_ shape: Shape) -> TensorType {
    TensorType(.i8, shape, Quantization(scale: 0.5, zeroPoint: -7))
  }

  private mutating func insert(
    _ op: some ConvolutionOperator, _ image: ValueID, weights shape: Shape, axis: Int
  ) throws -> ValueID {
    let channels = shape[axis]
    let scales = (0..<channels).map { 0.0125 + Float($0) / 1024 }
    let quantization = Quantization(
      axis: axis, scales: scales, zeroPoints: Array(repeating: 0, count: channels))
    let weights = Tensor.random(TensorType(.i8, shape, quantization), seed: seed)
    let bias = TensorData((0..<channels).map { Int32($0 * 100 - 250) })
    let operands = [
      image, graph.addConstant("w", weights.type, weights.data),
      graph.addConstant("b", TensorType(.i32, [channels]), bias),
    ]
    let extents = graph.values[image].type.shape.extents.dropLast() + [channels]
    let source = SourceOperator(index: graph.order.count, kind: "CONV_2D")
    return try graph.insert(
      op, operands, results: [Self.type(Shape(Array(extents)))], from: [source])[0]
  }
}

extension Tensor {
  /// The tensor with more channels, which hold the zero point.
  fileprivate func padded(to other: TensorType) -> Tensor {
    let (old, new) = (type.shape[3], other.shape[3])
    let elements = data.elements(as: Int8.self)
    let zero = Int8(other.quantization?.zeroPoint ?? 0)
    let pixels = stride(from: 0, to: elements.count, by: old).map { elements[$0..<$0 + old] }
    return Tensor(
      other, TensorData(pixels.flatMap { $0 + Array(repeating: zero, count: new - old) }))
  }
}

extension AdviceSearch {
  fileprivate init(_ run: ProfiledRun) {
    self.init(run.graph, run.program.target, run.program, run.timeline)
  }
}
