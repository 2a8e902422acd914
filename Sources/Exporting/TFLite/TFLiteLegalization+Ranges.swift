import GraphIR
import Operators
import Tensors

extension TFLiteLegalization {
  /// TFLite has three activations, and no operator that clamps to other ranges.
  static let ranges = Pass.rewrite(
    "clamp-by-extrema", "clamp by extrema where TFLite has no activation",
    Rule(replacing: Add.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: AveragePool2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Conv2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: DepthwiseConv2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Divide.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: FullyConnected.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: MaxPool2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Multiply.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Subtract.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: TransposeConv2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Clip.self) { graph, id, op in
      try graph.clamping(graph.input(of: id), to: op.clamp, before: id)
    })
}

extension Graph {
  /// The operator without its clamp, if no activation of TFLite is the same, and the clamp behind it.
  fileprivate mutating func clampingOutside(_ id: NodeID, _ op: some Operator & Clamping) throws
    -> ValueID?
  {
    let type = values[result(of: id)].type
    guard op.clamp.activationName(for: type) == nil else { return nil }
    var open = op
    open.clamp = .none
    let result = try insert(open, nodes[id].inputs, results: [type], before: id)[0]
    return try clamping(result, to: op.clamp, before: id)
  }

  /// `min(max(x, lower), upper)`, of stored numbers where these stand for real ones.
  mutating func clamping(_ x: ValueID, to clamp: Clamp, before id: NodeID) throws
    -> ValueID
  {
    let type = values[x].type
    var bounds: [Double?] = [clamp.lower.map(Double.init), clamp.upper.map(Double.init)]
    if type.element.integerRange != nil, type.quantization != nil {
      let stored = clamp.storedRange(of: type)
      bounds = [Double(stored.lower), Double(stored.upper)]
    }
    var result = x
    if let lower = bounds[0] {
      let bound = scalar(lower.rounded(.up, for: type.element), as: x)
      result = try insert(Maximum(), [result, bound], results: [type], before: id)[0]
    }
    if let upper = bounds[1] {
      let bound = scalar(upper.rounded(.down, for: type.element), as: x)
      result = try insert(Minimum(), [result, bound], results: [type], before: id)[0]
    }
    return result
  }
}

/// An operator that can limit its own results.
private protocol Clamping {
  var clamp: Clamp { get set }
}

extension Add: Clamping {}
extension AveragePool2D: Clamping {}
extension Conv2D: Clamping {}
extension DepthwiseConv2D: Clamping {}
extension Divide: Clamping {}
extension FullyConnected: Clamping {}
extension MaxPool2D: Clamping {}
extension Multiply: Clamping {}
extension Subtract: Clamping {}
extension TransposeConv2D: Clamping {}

extension Double {
  /// The bound of integers that a real bound is; of real numbers the number itself.
  fileprivate func rounded(_ rule: FloatingPointRoundingRule, for element: ElementType) -> Double {
    element.isFloat ? self : rounded(rule)
  }
}
