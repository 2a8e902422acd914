import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Layers as products of matrices, against the operators themselves.
struct LayerColumnsTests {
  static let layers: [(op: any Operator, image: Shape, weights: Shape)] = [
    (Conv2D(stride: [2, 1], dilation: [1, 2], padding: .same), [2, 7, 9, 3], [5, 3, 3, 3]),
    (
      Conv2D(padding: .explicit(top: 1, left: 0, bottom: 2, right: 1)), [1, 5, 4, 4],
      [6, 2, 3, 2]
    ),
    (DepthwiseConv2D(stride: [2, 2], padding: .same), [1, 8, 6, 3], [1, 3, 3, 6]),
    (TransposeConv2D(size: [9, 7], stride: [2, 3], padding: .same), [1, 5, 3, 2], [4, 3, 3, 2]),
    (FullyConnected(), [3, 8], [5, 8]),
  ]

  @Test(arguments: 0..<layers.count)
  func sumsAreThoseOfTheLayer(index: Int) throws {
    let layer = Self.layers[index]
    var graph = Graph(name: "layer")
    let image = graph.addInput("x", TensorType(.f32, layer.image))
    let weights = Tensor.random(TensorType(.f32, layer.weights), seed: 3)
    let constant = graph.addConstant("w", weights.type, weights.data)
    graph.setOutputs(try graph.insert(layer.op, [image, constant]))
    let input = Tensor.random(TensorType(.f32, layer.image), seed: 4)
    let expected = try graph.evaluate([input])[0].data.elements(as: Float.self)

    let columns = try #require(LayerColumns(graph, graph.order[0]))
    let numbers = weights.data.elements(as: Float.self)
    #expect(columns.positions * columns.groups * columns.rows == expected.count)
    var inputs = [Float](repeating: 0, count: columns.length)
    for position in 0..<columns.positions {
      inputs.withUnsafeMutableBufferPointer { inputs in
        guard let start = inputs.baseAddress else { return }
        columns.write(position, of: input.data.bytes.bindMemory(to: Float.self), to: start)
      }
      for channel in 0..<columns.groups * columns.rows {
        let (group, row) = (channel / columns.rows, channel % columns.rows)
        let sum = (0..<columns.width).reduce(Float(0)) { sum, column in
          sum + inputs[columns.place(group: group, column)]
            * numbers[columns.element(group: group, row: row, column)]
        }
        #expect(abs(sum - expected[position * columns.groups * columns.rows + channel]) < 1e-3)
      }
    }
  }

  @Test func positionsAreSpreadEvenly() {
    #expect(LayerSamples.positions(5, 9, sample: 3) == [0, 1, 2, 3, 4])
    for sample in 0..<50 {
      let positions = LayerSamples.positions(1000, 10, sample: sample)
      #expect(positions.indices.allSatisfy { positions[$0] / 100 == $0 })
    }
  }
}
