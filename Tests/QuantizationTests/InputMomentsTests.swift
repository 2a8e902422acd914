import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Moments of what layers read, against sums as they are written.
struct InputMomentsTests {
  static let layers: [(op: any Operator, image: Shape, weights: Shape)] = [
    (Conv2D(padding: .same), [1, 6, 5, 7], [4, 3, 3, 7]),
    (Conv2D(padding: .same), [1, 6, 5, 6], [4, 3, 3, 3]),
    (DepthwiseConv2D(padding: .same), [1, 6, 5, 19], [1, 3, 3, 19]),
    (DepthwiseConv2D(padding: .same), [1, 6, 5, 4], [1, 3, 3, 8]),
    (FullyConnected(), [30, 37], [5, 37]),
  ]

  @Test(arguments: 0..<layers.count, [1, 3])
  func momentsAreSumsOfProducts(index: Int, workers: Int) throws {
    let columns = try Self.columns(Self.layers[index])
    let count = 90
    let real = Numbers.normal(count * columns.length, seed: 1)
    let quantized = zip(real, Numbers.normal(real.count, seed: 2)).map { $0 + $1 / 8 }
    let counts = (0..<count).map { $0 % 3 == 0 ? Float(0.25) : 1 }
    var moments = InputMoments(columns, hasProducts: true)
    var (x, y) = (real, quantized)
    moments.add(&x, &y, counts: counts, Workers(count: workers))
    moments.finish()
    #expect(abs(moments.count - 67.5) < 1e-9)
    for group in 0..<columns.groups {
      for i in 0..<columns.width {
        let first = columns.place(group: group, i)
        var sum = 0.0
        for row in 0..<count {
          sum += Double(counts[row] * quantized[row * columns.length + first])
        }
        #expect(abs(moments.sum(group: group, i) - sum) < 1e-3)
        for j in 0..<columns.width {
          let second = columns.place(group: group, j)
          var product = 0.0
          for row in 0..<count {
            let start = row * columns.length
            product += Double(
              counts[row] * quantized[start + first] * quantized[start + second])
          }
          let place = (group * columns.width + i) * columns.width + j
          #expect(abs(Double(moments.products[place]) - product) < 1e-3)
        }
      }
    }
  }

  /// Also with more than one output channel for each channel, and numbers of columns around the kernels' tiles.
  @Test(arguments: 0..<layers.count, [(1, 1), (63, 1), (90, 3)])
  func heldOutErrorsAreDifferencesOfSums(index: Int, size: (count: Int, workers: Int)) throws {
    let columns = try Self.columns(Self.layers[index])
    let real = Numbers.normal(size.count * columns.length, seed: 1)
    let quantized = Numbers.normal(real.count, seed: 2)
    let channels = columns.groups * columns.rows
    let weights = Numbers.normal(channels * columns.width, seed: 3)
    let stored = Numbers.normal(weights.count, seed: 4)
    let heldOut = HeldOutColumns(
      columns, real: real, quantized: quantized, counts: .init(repeating: 1, count: size.count))
    let workers = Workers(count: size.workers)
    let errors = heldOut.errors(heldOut.realSums(weights, workers), stored, workers)
    for channel in 0..<channels {
      let (group, row) = (channel / columns.rows, channel % columns.rows)
      for place in 0..<size.count {
        let expected = (0..<columns.width).reduce(0.0) { sum, column in
          let element = columns.element(group: group, row: row, column)
          let input = place * columns.length + columns.place(group: group, column)
          return sum + Double(weights[element] * real[input])
            - Double(stored[element] * quantized[input])
        }
        #expect(abs(Double(errors[channel * size.count + place]) - expected) < 1e-4)
      }
    }
  }

  @Test func oneOfFourSamplesIsHeldOut() {
    #expect((0..<9).filter { LayerSamples.isHeldOut(sample: $0) } == [3, 7])
  }

  @Test func oneLoudSampleDoesNotDecideWhetherFitsDidHarm() {
    var error = OutputError()
    for _ in 0..<3 { error.add(0.001, before: 0.002) }
    error.add(0.3, before: 0.1)
    #expect(!error.isMuchLarger)
    error.add(0.002, before: 0.001)
    #expect(!error.isMuchLarger)
    error.add(0.002, before: 0.001)
    #expect(error.isMuchLarger)
  }

  private static func columns(
    _ layer: (op: any Operator, image: Shape, weights: Shape)
  ) throws -> LayerColumns {
    var graph = Graph(name: "layer")
    let image = graph.addInput("x", TensorType(.f32, layer.image))
    let weights = Tensor.random(TensorType(.f32, layer.weights), seed: 3)
    let constant = graph.addConstant("w", weights.type, weights.data)
    graph.setOutputs(try graph.insert(layer.op, [image, constant]))
    return try #require(LayerColumns(graph, graph.order[0]))
  }
}
