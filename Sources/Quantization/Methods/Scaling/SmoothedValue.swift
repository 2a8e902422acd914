import Foundation
import GraphIR
import Operators
import Tensors

/// An activation that layers with weights read, and where factors of its channels can go.
struct SmoothedValue {
  let value: ValueID
  /// The layers that make up for factors.
  let readers: [NodeID]
  /// The scheme of each reader.
  let schemes: [NodeID: QuantizationScheme]
  /// What takes factors in before the value; nil if a division is to be inserted.
  private let sink: ChannelSink?

  /// - Parameter choice: a quotient is inserted only if the value is real numbers; operators that are no
  ///   readers read the value itself.
  /// - Returns: nil if no reader is quantized, if nothing before the value takes factors, or if other operators read it too.
  init?(
    _ value: ValueID, in graph: Graph, _ schemes: [NodeID: QuantizationScheme],
    _ choice: SmoothingChoice
  ) {
    guard let channels = graph.values[value].type.shape.extents.last, channels > 1 else {
      return nil
    }
    let uses = graph.values[value].uses
    let readers = uses.filter { $0.operand == 0 && graph.takesFactors($0.node, channels) }
    guard readers.contains(where: { schemes[$0.node]?.roundsToSteps ?? false }) else { return nil }
    let areAll = readers.count == uses.count && !graph.exits.contains(value)
    sink =
      areAll
      ? ChannelSink(
        before: value, channels: channels, in: graph, schemes, throughLayers: choice.alpha != nil)
      : nil
    guard sink != nil || choice.inserts && graph.isReal(value) else { return nil }
    self.value = value
    self.readers = readers.map(\.node).sorted()
    self.schemes = schemes.filter { entry in readers.contains { $0.node == entry.key } }
  }

  /// Multiplies the value's channels by factors and divides the readers' weights by them.
  ///
  /// - Returns: false, with nothing changed, if numbers become too large.
  func apply(_ factors: [Double], to graph: inout Graph) throws -> Bool {
    var layers = readers.compactMap { ScaledLayer($0, in: graph) }
    for index in layers.indices { layers[index].unscaleInputs(by: factors) }
    guard layers.count == readers.count, layers.allSatisfy(\.isFinite) else { return false }
    var changed = graph
    if let sink {
      guard sink.multiply(by: factors, in: &changed) else { return false }
    } else {
      try changed.divide(value, by: factors.map { Float(1 / $0) }, before: readers)
    }
    for layer in layers { layer.write(to: &changed) }
    graph = changed
    return true
  }
}

/// The largest number of each channel, of an activation and of the weights that it is multiplied by.
struct SmoothedRanges {
  private let activations: [Double]
  private let weights: [Double]
  /// Factors beyond it stand for channels in which nothing happens.
  private static let largestFactor = 0x1p12

  init(_ statistics: ChannelStatistics, _ layers: [ScaledLayer]) {
    activations = zip(statistics.lower, statistics.upper).map { Double(max(-$0, $1)) }
    var weights = [Double](repeating: 0, count: activations.count)
    for layer in layers {
      for (index, weight) in layer.weights.enumerated() {
        let channel = layer.layout.input(of: index) % weights.count
        weights[channel] = max(weights[channel], Double(abs(weight)))
      }
    }
    self.weights = weights
  }

  /// What channels are multiplied by: `max |W|^(1−α) / max |x|^α`, with a geometric mean of 1; 1 for channels
  /// that are always 0, or that nothing reads.
  func factors(_ alpha: Double) -> [Double] {
    let logarithms = zip(activations, weights).map { activation, weight in
      activation > 0 && weight > 0 && activation.isFinite
        ? (1 - alpha) * log2(weight) - alpha * log2(activation) : nil
    }
    let known = logarithms.compactMap(\.self)
    let mean = known.reduce(0, +) / Double(max(1, known.count))
    return logarithms.map { logarithm in
      logarithm.map {
        exp2($0 - mean).clamped(to: 1 / Self.largestFactor...Self.largestFactor)
      } ?? 1
    }
  }
}

extension QuantizationScheme {
  /// Whether weights or what they are multiplied by are rounded to even steps.
  fileprivate var roundsToSteps: Bool {
    [weights, activations].contains { $0?.format.levels(isSymmetric: true) != nil }
  }
}

extension Graph {
  /// Whether a layer has weights for each of as many input channels.
  fileprivate func takesFactors(_ node: NodeID, _ channels: Int) -> Bool {
    guard let layer = ScaledLayer(node, in: self), layer.layout.inputs == channels,
      let columns = LayerColumns(self, node)
    else { return false }
    return columns.groups == 1 && columns.width > 0 && columns.rows > 0
  }

  /// Whether a value is computed by an operator that has no form on integers.
  fileprivate func isReal(_ value: ValueID) -> Bool {
    guard let producer = producer(of: value), values[value].type.element == .f32 else {
      return false
    }
    return role(of: producer) == nil
  }

  /// Lets layers read a value divided by a number for each channel.
  fileprivate mutating func divide(
    _ value: ValueID, by divisors: [Float], before readers: [NodeID]
  ) throws {
    guard let first = order.first(where: readers.contains) else { return }
    let constant = addConstant(
      values[value].name + "_scales", TensorType(.f32, [divisors.count]), TensorData(divisors))
    // A division has no form on integers, so it reads the real numbers.
    let quotient = try insert(Divide(), [value, constant], before: first)[0]
    rename(quotient, values[value].name + "_smooth", sourceIndex: nil)
    for reader in readers { setInput(0, of: reader, to: quotient) }
  }
}
