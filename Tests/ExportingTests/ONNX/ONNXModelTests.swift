import Exporting
import Foundation
import GraphIR
import Importing
import ONNXSchema
import Operators
import Passes
import Support
import TestSupport
import Tensors
import Testing

/// Whole networks, written and read again.
struct ONNXModelTests {
  /// Convolution networks that had channels first.
  private static let networks = TestFiles.existing(
    ["efficientnet-lite0", "mlcommons+tiny_results_v1.2/pretrainedResnet"].map {
      "\(TestFiles.models)/\($0).onnx"
    })

  /// Quantized and float networks of TFLite, without states.
  private static let tfliteModels = TestFiles.existing(
    [TestFiles.fashion] + TestFiles.tinyModels
      + ["ad01_fp32", "pretrainedResnet", "vww_96_float"].map {
        "\(TestFiles.models)/mlcommons+tiny/\($0).tflite"
      })

  @Test(
    .enabled(if: !networks.isEmpty, "no models beside the checkout"), arguments: networks)
  func networksOfONNXComeBackAsTheyWere(path: String) throws {
    let graph = try Model(path).graph
    #expect(try graph.onnxModel().counts["Transpose"] == nil)
    #expect(try graph.distanceThroughONNX() == 0)
  }

  @Test(
    .enabled(if: !networks.isEmpty, "no models beside the checkout"), arguments: networks)
  func quantizedNetworksHaveNoTransposes(path: String) throws {
    let graph = try Model(path).graph.quantizedEverywhere()
    #expect(try graph.onnxModel().counts["Transpose"] == nil)
    #expect(try graph.distanceThroughONNX() == 0)
  }

  @Test(
    .enabled(if: !networks.isEmpty, "no models beside the checkout"), arguments: networks)
  func networksWhoseTransposesWereSunkHaveNoneEither(path: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    graph = try graph.quantizedEverywhere()
    #expect(try graph.onnxModel().counts["Transpose"] == nil)
    #expect(try graph.distanceThroughONNX() == 0)
  }

  @Test(arguments: 0..<40)
  func randomNetworksComputeTheSame(seed: UInt64) throws {
    let real = try RandomGraph.make(seed: seed, element: .f32)
    #expect(try real.distanceThroughONNX() <= 1e-5)
    // Several operators behind each other may each be off by a step.
    let stored = try RandomGraph.make(seed: seed, element: .i8, size: 4)
    #expect(try stored.distanceThroughONNX() <= 8)
  }

  /// Images go in with channels last, and so the first convolution, or what stands before it, has a transpose in front.
  @Test(
    .enabled(if: !tfliteModels.isEmpty, "no example models"), arguments: tfliteModels)
  func networksOfTFLiteComputeTheSame(path: String) throws {
    let graph = try Model(path).graph
    #expect(try graph.onnxModel().counts["Transpose"] ?? 0 <= 2)
    let isQuantized = graph.types(of: graph.outputs).contains { $0.quantization != nil }
    #expect(try graph.distanceThroughONNX() <= (isQuantized ? 2 : 1e-6))
  }
}

extension Graph {
  /// The graph with a pair of `quantize` and `dequantize` behind every input and result, and weights of 8 bits.
  func quantizedEverywhere() throws -> Graph {
    var copy = EverywhereQuantized(self)
    for id in order { try copy.add(nodes[id]) }
    return copy.finished()
  }
}

/// A copy of a graph in the making.
private struct EverywhereQuantized {
  let original: Graph
  private var graph: Graph
  private var copies: [ValueID: ValueID] = [:]

  init(_ original: Graph) {
    self.original = original
    graph = Graph(name: original.name)
    for input in original.inputs {
      copies[input] = graph.addInput(original.values[input].name, original.values[input].type)
    }
  }

  mutating func add(_ node: Node) throws {
    let operands = try node.inputs.map { try copies[$0] ?? constant($0, of: node) }
    let results = try graph.insert(node.op, operands, results: original.types(of: node.results))
    for (old, new) in zip(node.results, results) {
      graph.rename(new, original.values[old].name, sourceIndex: nil)
      let isMoved = node.op is Transpose || node.op is Reshape
      copies[old] = isMoved || graph.values[new].type.element != .f32 ? new : try pair(new)
    }
  }

  func finished() -> Graph {
    var graph = graph
    graph.setOutputs(original.outputs.map { copies[$0] ?? $0 })
    return graph
  }

  private mutating func pair(_ value: ValueID) throws -> ValueID {
    let type = TensorType(
      .u8, graph.values[value].type.shape, Quantization(scale: 0.05, zeroPoint: 120))
    let op = Quantize(element: .u8, roundsHalfToEven: true)
    let stored = try graph.insert(op, [value], results: [type])
    return try graph.insert(Dequantize(), stored)[0]
  }

  /// Filters have a scale for each output channel.
  private mutating func constant(_ value: ValueID, of node: Node) throws -> ValueID {
    let (name, type) = (original.values[value].name, original.values[value].type)
    let data = try #require(original.constantData(value))
    guard type.element == .f32, type.shape.rank == 4 else {
      let copy = graph.addConstant(name, type, data)
      copies[value] = copy
      return copy
    }
    let axis = node.op is DepthwiseConv2D ? 3 : 0
    let scales = Array(repeating: Float(0.01), count: type.shape[axis])
    let quantization = Quantization(axis: axis, scales: scales, zeroPoints: scales.map { _ in 0 })
    let stored = TensorType(.i8, type.shape, quantization)
    let numbers = Tensor(type, data).storedNumbers.map { $0 / 0.01 }
    let filters = graph.addConstant(name, stored, Tensor(stored, numbers: numbers).data)
    let copy = try graph.insert(Dequantize(), [filters])[0]
    copies[value] = copy
    return copy
  }
}
