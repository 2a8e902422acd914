import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// The simulated NPU computes the bits of the CPU reference.
struct AgreementTests {
  private static let targets = TargetVariant.kinds

  @Test(arguments: 0..<150 as Range<UInt64>, targets)
  func randomNetworksGiveTheSameBits(seed: UInt64, target: String) throws {
    let graph = try RandomNetwork.make(seed: seed)
    let found = try graph.disagreements(on: TestTarget.make(target), seed: seed)
    #expect(found == [])
  }

  @Test(arguments: 200..<240 as Range<UInt64>)
  func optimizedRandomNetworksGiveTheSameBits(seed: UInt64) throws {
    var graph = try RandomNetwork.make(seed: seed, size: 14)
    try Pipeline.standard.run(on: &graph)
    let found = try graph.disagreements(on: TestTarget.make(), seed: seed)
    #expect(found == [])
  }

  /// What does not fit the fast memory is not staged, blocks that do not fit the buffer are cut smaller.
  @Test(arguments: 300..<340 as Range<UInt64>)
  func smallMemoriesGiveTheSameBits(seed: UInt64) throws {
    let target = try TestTarget.make(replacing: [
      "bytes: 4194304": "bytes: 65536", "banks: 24": "banks: 16",
      "bankBytes: 1024": "bankBytes: 256",
      "reservedBanks: 4": "reservedBanks: 0",
    ])
    let found = try RandomNetwork.make(seed: seed).disagreements(on: target, seed: seed)
    #expect(found == [])
  }

  @Test(arguments: 400..<430 as Range<UInt64>)
  func targetsThatCannotStageGiveTheSameBits(seed: UInt64) throws {
    let target = try TestTarget.make(replacing: [
      "holds: [activations, stagedConstants]": "holds: [activations]"
    ])
    let found = try RandomNetwork.make(seed: seed).disagreements(on: target, seed: seed)
    #expect(found == [])
  }

  @Test(arguments: 500..<530 as Range<UInt64>)
  func oneMemoryForEverythingGivesTheSameBits(seed: UInt64) throws {
    let target = try TestTarget.make(replacing: [
      "holds: [activations, stagedConstants]": "holds: [activations, constants]",
      "holds: [constants]": "holds: []",
    ])
    let found = try RandomNetwork.make(seed: seed).disagreements(on: target, seed: seed)
    #expect(found == [])
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func floatNetworksGiveTheSameBitsOnTheHost(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: .f32)
    let found = try graph.disagreements(on: TestTarget.make(), seed: seed)
    #expect(found == [])
  }

  @Test(arguments: TestFiles.allModels.filter { (try? Model($0)) != nil })
  func modelsGiveTheSameBits(path: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let found = try graph.disagreements(on: TestTarget.make())
    #expect(found == [])
  }
}

/// Graphs whose edges are what is special.
struct EdgeTests {
  private static let type = TensorType(.i8, [1, 4, 4, 8], Quantization(scale: 0.5, zeroPoint: 3))

  @Test func inputThatIsAnOutput() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    graph.setOutputs([x])
    try expectAgreement(graph)
  }

  @Test func reshapedInputThatIsAnOutput() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    graph.setOutputs(
      try graph.insert(
        Reshape(shape: [128]), [x], results: [TensorType(.i8, [128], Self.type.quantization)]))
    try expectAgreement(graph)
  }

  @Test func outputThatIsRepeatedAndReadFurther() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    let y = try graph.insert(Add(), [x, x], results: [Self.type])[0]
    let z = try graph.insert(Add(), [y, x], results: [Self.type])[0]
    graph.setOutputs([y, z, y, x])
    try expectAgreement(graph)
  }

  @Test func inputThatNobodyReads() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    graph.addInput("unused", Self.type)
    graph.setOutputs(try graph.insert(Add(), [x, x], results: [Self.type]))
    try expectAgreement(graph)
  }

  @Test func constantThatIsAnOutput() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    graph.setOutputs([x, addConstant(to: &graph)])
    try expectAgreement(graph)
  }

  @Test func constantThatIsAdded() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    let c = addConstant(to: &graph)
    graph.setOutputs(try graph.insert(Add(), [c, x], results: [Self.type]))
    try expectAgreement(graph)
  }

  @Test func constantThatIsReshapedAndPooled() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    let type = TensorType(.i8, [1, 8, 8, 2], Self.type.quantization)
    let c = try graph.insert(
      Reshape(shape: [1, 8, 8, 2]), [addConstant(to: &graph)], results: [type])
    let pooled = TensorType(.i8, [1, 7, 7, 2], Self.type.quantization)
    graph.setOutputs(
      try [x] + c + graph.insert(MaxPool2D(kernel: [2, 2]), c, results: [pooled]))
    try expectAgreement(graph)
  }

  @Test func softmaxOfAConstant() throws {
    var graph = Graph(name: "g")
    graph.addInput("x", Self.type)
    let result = TensorType(
      .i8, Self.type.shape, Quantization(scale: 1 / 256, zeroPoint: -128))
    graph.setOutputs(
      try graph.insert(Softmax(), [addConstant(to: &graph)], results: [result]))
    try expectAgreement(graph)
  }

  /// The first and the last windows lie in the padding alone.
  @Test func paddingBeyondTheWindow() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", Self.type)
    let type = TensorType(.i8, [8, 1, 1, 8], Quantization(scale: 0.01))
    let w = graph.addConstant("w", type, Tensor.random(type, seed: 4).data)
    let conv = Conv2D(padding: .explicit(top: 2, left: 3, bottom: 40, right: 5))
    let shape = try conv.resultTypes([Self.type, type])[0].shape
    graph.setOutputs(
      try graph.insert(
        conv, [x, w], results: [TensorType(.i8, shape, Self.type.quantization)]))
    try expectAgreement(graph)
  }

  private func addConstant(to graph: inout Graph) -> ValueID {
    graph.addConstant("c", Self.type, Tensor.random(Self.type, seed: 9).data)
  }

  private func expectAgreement(_ graph: Graph) throws {
    for target in TargetVariant.names {
      let found = try graph.disagreements(on: TestTarget.make(target))
      #expect(found == [])
    }
  }
}
