import GraphIR
import Operators
import Support
import Tensors

/// A layer's sums on some columns of its input, with both operands rounded.
struct LayerTrial {
  private let layer: ScaledLayer
  private let columns: LayerColumns
  private let scheme: QuantizationScheme
  private let channelAxis: Int
  private let ranges: RangeMethod
  /// Columns one after the other, and behind them the extremes of each channel.
  private let inputs: [Float]
  private let extremes: [Float]
  private let sums: [Float]

  /// - Parameters:
  ///   - inputs: columns as `LayerInputs` gives them.
  ///   - statistics: of the channels, of all samples.
  /// - Returns: nil if there are none, or some are not finite, of which calibration tells.
  init?(
    _ layer: ScaledLayer, in graph: Graph, _ scheme: QuantizationScheme, _ inputs: [Float],
    _ statistics: ChannelStatistics, _ context: MethodContext
  ) {
    guard case .weighted(let axis)? = graph.role(of: layer.node),
      let columns = LayerColumns(graph, layer.node), !inputs.isEmpty,
      (inputs + statistics.lower + statistics.upper).allSatisfy(\.isFinite),
      let sums = try? Self.products(inputs, columns.rows(of: layer.weights), columns.width)
    else { return nil }
    (self.layer, self.columns, self.scheme, channelAxis) = (layer, columns, scheme, axis)
    (self.inputs, self.sums, ranges) = (inputs, sums, context.ranges)
    extremes = statistics.lower + statistics.upper
  }

  /// The power of what the sums are off, by that of the sums, when channels of the input are multiplied by
  /// factors and the weights make up for them.
  func noise(_ factors: [Double]?) throws -> Double {
    var layer = layer
    if let factors { layer.unscaleInputs(by: factors) }
    let (inputs, extremes) = (scaled(inputs, factors), scaled(extremes, factors))
    guard layer.isFinite, (inputs + extremes).allSatisfy(\.isFinite) else { return .infinity }
    let found = try Self.products(
      rounded(inputs, extremes),
      columns.rows(of: rounded(layer.weights, layer.layout.shape)), columns.width)
    var (signal, noise) = (0.0, 0.0)
    for (sum, other) in zip(sums, found) {
      signal += Double(sum) * Double(sum)
      noise += Double(sum - other) * Double(sum - other)
    }
    return signal > 0 && noise.isFinite ? noise / signal : noise == 0 ? 0 : .infinity
  }

  private func scaled(_ numbers: [Float], _ factors: [Double]?) -> [Float] {
    guard let factors = factors?.map({ Float($0) }) else { return numbers }
    var result = numbers
    for start in stride(from: 0, to: numbers.count, by: factors.count) {
      for channel in factors.indices { result[start + channel] *= factors[channel] }
    }
    return result
  }

  private func rounded(_ weights: [Float], _ shape: Shape) -> [Float] {
    guard let scheme = scheme.weights else { return weights }
    return StoredWeights(weights, shape, channelAxis: channelAxis, scheme).realNumbers
  }

  /// Inputs as they are stored, for a range that is found as in calibration.
  private func rounded(_ inputs: [Float], _ extremes: [Float]) throws -> [Float] {
    let dynamic = TensorScheme(.integer(bits: 8), isSymmetric: true)
    guard let scheme = scheme.activations ?? (scheme.isDynamic ? dynamic : nil),
      let levels = scheme.format.levels(isSymmetric: scheme.isSymmetric)
    else { return inputs }
    var observer = RangeObserver(ranges)
    for part in [inputs, extremes] { try part.withUnsafeBufferPointer { try observer.observe($0) } }
    guard let range = observer.range(levels: levels.count, isSymmetric: scheme.isSymmetric) else {
      return inputs
    }
    return scheme.quantization(for: range).rounded(inputs, levels)
  }

  private static func products(
    _ rows: [Float], _ weights: [Float], _ width: Int
  ) throws -> [Float] {
    var graph = Graph(name: "products")
    let type = TensorType(.f32, [rows.count / width, width])
    let x = graph.addInput("x", type)
    let constant = graph.addConstant(
      "weights", TensorType(.f32, [weights.count / width, width]), TensorData(weights))
    graph.setOutputs(try graph.insert(FullyConnected(fusesProducts: true), [x, constant]))
    return try graph.evaluate([Tensor(type, TensorData(rows))])[0].data.elements(as: Float.self)
  }
}

extension LayerColumns {
  /// The weights of a layer without groups, [rows][width].
  fileprivate func rows(of weights: [Float]) -> [Float] {
    (0..<rows * width).map { weights[element(group: 0, row: $0 / width, $0 % width)] }
  }
}

extension Quantization {
  /// Numbers that are stored for others.
  fileprivate func rounded(_ numbers: [Float], _ levels: ClosedRange<Int>) -> [Float] {
    let inverse = 1 / scale
    let (lower, upper) = (
      Float(levels.lowerBound - zeroPoint), Float(levels.upperBound - zeroPoint)
    )
    return numbers.map {
      min(max(($0 * inverse).rounded(.toNearestOrEven), lower), upper) * scale
    }
  }
}
