import Evaluation
import GraphIR
import Operators
import Support
import Tensors

/// A network of real numbers with all that is decided about its quantization.
///
/// Methods that recover accuracy change it; `quantizedGraph` makes of it what is run and exported.
public struct QuantizedModel: Sendable {
  /// The network of real numbers.
  public internal(set) var graph: Graph
  /// The scheme of each node that takes part.
  public private(set) var schemes: [NodeID: QuantizationScheme]
  /// The range that is stored of each group of values that share a scale.
  public internal(set) var ranges: [ValueID: ClosedRange<Float>]
  /// What is stored of weights, by the node that reads them.
  public internal(set) var weights: [NodeID: StoredWeights]
  /// Biases that are not the network's own any more.
  public internal(set) var biases: [NodeID: [Float]]
  /// By how many decibels fitted weights brought outputs nearer to the real ones, on samples that nothing was fitted to; nil if
  /// none were.
  public internal(set) var fitGainDecibels: Double?
  /// How scales of weights are chosen.
  public let clipping: WeightClipping
  private(set) var forms: ActivationForms

  /// Lets methods change the network, runs it on samples to find ranges, stores each weight as the number nearest to it, and
  /// lets methods change what is stored.
  ///
  /// - Parameters:
  ///   - graph: of real numbers, as `Pipeline.quantization` leaves it.
  ///   - methods: in any order; they are applied in that of `QuantizationMethod.all`.
  /// - Throws: a `Diagnostic` if a rule of the plan matches nothing, or samples or weights cannot be quantized.
  public init(
    _ graph: Graph, _ context: MethodContext, clipping: WeightClipping = .none,
    methods: [QuantizationMethod] = []
  ) throws {
    let methods = QuantizationMethod.ordered(methods)
    var graph = graph
    var context = context
    for case .network(let change) in methods.map(\.action) {
      try change(&graph, context)
      context = context.reusing(nil)
    }
    if methods.contains(where: \.needsBiases) { try graph.addMissingBiases() }
    self.graph = graph
    self.clipping = clipping
    schemes = try context.plan.schemes(for: graph)
    forms = ActivationForms(graph, schemes)
    ranges = [:]
    weights = [:]
    biases = [:]
    try calibrate(context)
    try storeWeights()
    for case .stored(let change) in methods.map(\.action) { try change(&self, context) }
  }

  /// The same with one layer quantized, and all others as they are.
  func quantizing(only layer: NodeID) -> QuantizedModel {
    var copy = self
    copy.schemes = schemes.filter { $0.key == layer }
    copy.weights = weights.filter { $0.key == layer }
    copy.biases = biases.filter { $0.key == layer }
    copy.forms = ActivationForms(graph, copy.schemes)
    // Values had a range together with others; alone they have it still.
    for value in Array(copy.forms.groups.keys) + Array(copy.forms.reads.keys) {
      let group = copy.forms.groups[value] ?? value
      copy.ranges[group] = ranges[forms.groups[value] ?? value] ?? copy.ranges[group]
    }
    return copy
  }

  /// Stores each weight as the number nearest to it.
  mutating func storeWeights() throws {
    for node in graph.order {
      guard let site = weightSite(node) else { continue }
      let numbers = try finiteNumbers(graph.nodes[node].inputs[1])
      try site.scheme.format.check(numbers, weightsOf: graph.layerName(node))
      weights[node] = StoredWeights(
        numbers, site.shape, channelAxis: site.channelAxis, site.scheme, clipping: clipping
      ) { smallestScale(node, entry: $0, of: site) }
    }
  }

  /// Where weights are stored by a scheme.
  struct WeightSite {
    let shape: Shape
    let channelAxis: Int
    let scheme: TensorScheme
  }

  /// The weights of a node; nil if it has none, or they stay as they are.
  func weightSite(_ node: NodeID) -> WeightSite? {
    guard case .weighted(let axis)? = graph.role(of: node), let scheme = schemes[node]?.weights
    else { return nil }
    let shape = graph.values[graph.nodes[node].inputs[1]].type.shape
    return WeightSite(shape: shape, channelAxis: axis, scheme: scheme)
  }

  /// Scale and zero point of a value that is stored; nil if it is not, or has no scale.
  func quantization(of value: ValueID) -> Quantization? {
    guard let scheme = forms.schemes[value], scheme.format.hasScale else { return nil }
    if let fixed = forms.fixedQuantization(of: value) { return fixed }
    return scheme.quantization(for: ranges[forms.groups[value] ?? value] ?? 0...0)
  }

  /// Scale and zero point of a value for a reader that wants it stored in another way than it is.
  func quantization(of value: ValueID, read scheme: TensorScheme) -> Quantization? {
    guard scheme.format.hasScale else { return nil }
    let group = forms.groups[value] ?? value
    // Data were not asked about values whose operator bounds them.
    return scheme.quantization(for: ranges[group] ?? forms.fixed[group]?.range ?? 0...0)
  }

  /// Scale and zero point with which a node with weights reads its input; nil if it reads real numbers.
  ///
  /// They are not those of the input where that is stored in another way, or not at all.
  func inputQuantization(of node: NodeID) -> Quantization? {
    guard let scheme = schemes[node]?.activations else { return nil }
    let input = graph.nodes[node].inputs[0]
    return forms.schemes[input] == scheme
      ? quantization(of: input) : quantization(of: input, read: scheme)
  }

  /// The bias that is added to a node's sums; nil if it has none.
  func bias(of node: NodeID) -> [Float]? {
    if let bias = biases[node] { return bias }
    guard graph.nodes[node].inputs.count > 2 else { return nil }
    return graph.constantNumbers(graph.nodes[node].inputs[2])
  }

  /// A bias of 32 bits has to hold its numbers in steps of `input scale · weight scale`.
  func smallestScale(_ node: NodeID, entry: Int, of site: WeightSite) -> Double {
    guard let input = inputQuantization(of: node), let bias = bias(of: node),
      site.scheme.granularity == .channel || site.scheme.granularity == .tensor
    else { return 0 }
    let numbers = site.scheme.granularity == .channel ? bias[entry...entry] : bias[...]
    let largest = numbers.reduce(0) { max($0, Double(abs($1))) }
    return largest / (Double(input.scale) * 0x1p30)
  }

  private func finiteNumbers(_ value: ValueID) throws -> [Float] {
    guard let numbers = graph.constantNumbers(value) else {
      throw Diagnostic(
        .noWeights(graph.values[value].name), help: "give a model with its weights")
    }
    guard let index = numbers.firstIndex(where: { !$0.isFinite }) else { return numbers }
    throw Diagnostic(
      .weightNotFinite(graph.values[value].name, numbers[index], index),
      help: "the model cannot have been trained so: export it again")
  }
}

extension ActivationForms {
  /// The scale of a value whose operator bounds it; nil if data decide.
  func fixedQuantization(of value: ValueID) -> Quantization? {
    // All of these scales are powers of two.
    guard let scheme = schemes[value], case .integer(let bits) = scheme.format,
      let range = fixed[groups[value] ?? value],
      scheme.isSymmetric == (bits == 16)
    else { return nil }
    return range.quantization(bits: bits)
  }
}

extension Graph {
  /// The elements of a constant of `f32`; nil for what is none.
  package func constantNumbers(_ value: ValueID) -> [Float]? {
    guard values[value].type.element == .f32 else { return nil }
    return constantData(value)?.elements(as: Float.self)
  }
}

extension Diagnostic.Message {
  fileprivate static func noWeights(_ value: String) -> Self {
    Self(id: "elided-constant", .malformed, "the weights `\(value)` have no elements to quantize")
  }

  fileprivate static func weightNotFinite(_ value: String, _ number: Float, _ index: Int) -> Self {
    Self(
      id: "non-finite-value", .malformed,
      "element \(index) of the weights `\(value)` is \(number)")
  }
}

extension QuantizedModel {
  /// The nodes that have weights to be stored, in order: those for which a choice of scheme matters most.
  public var weightedLayers: [NodeID] { graph.order.filter { weights[$0] != nil } }

  /// Bytes of all weights as they are stored, without scales.
  public var weightBytes: Int { weights.keys.map(weightBytes(of:)).reduce(0, +) }

  /// Bytes of a node's weights as they are stored, without scales; of real numbers where they stay as they are.
  public func weightBytes(of node: NodeID) -> Int {
    if let stored = weights[node] {
      return (stored.steps.count * stored.scheme.format.bitWidth + 7) / 8
    }
    guard case .weighted? = graph.role(of: node) else { return 0 }
    return graph.values[graph.nodes[node].inputs[1]].type.byteCount
  }

  /// Bytes of the same weights as single-precision numbers.
  public var originalWeightBytes: Int { weights.values.map { 4 * $0.steps.count }.reduce(0, +) }
}
