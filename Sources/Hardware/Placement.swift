import GraphIR
import Support
import Tensors

/// The engine on which a node runs, and why it is not another.
public enum Placement: Hashable, Sendable {
  /// The multiply-accumulate array, with the output stage behind it.
  case array
  /// The output stage alone.
  case output
  /// The processor beside the NPU, with the reason.
  case host(String)
}

extension TargetDescription {
  /// Where the target runs a node: on the NPU if its limits allow, else on the host.
  ///
  /// The array is asked before the output stage; where both refuse, the latter gives the reason.
  public func placement(of node: NodeID, in graph: Graph) -> Placement {
    let operands = graph.types(of: graph.nodes[node].inputs)
    let op = graph.nodes[node].op
    let candidates: [(Placement, Support?)] = [
      (.array, array.supports[type(of: op).name]), (.output, output.supports[type(of: op).name]),
    ]
    var reason = "the NPU has no `\(type(of: op).name)`"
    for case (let placement, let support?) in candidates {
      guard let problem = support.problem(with: op.measures(operands), operands) else {
        return placement
      }
      reason = problem
    }
    return .host(reason)
  }
}

extension TargetDescription.Support {
  /// Which limit an operator exceeds; nil if none.
  func problem(with measures: OperatorMeasures, _ operands: [TensorType]) -> String? {
    if let first = operands.first?.element, !elements.contains(first.rawValue) {
      return "elements are \(first.rawValue), not \(elements.joined(separator: " or "))"
    }
    if let found = measures.depthMultiplier, let limit = maximumDepthMultiplier, found > limit {
      return "depth multiplier \(found) exceeds \(limit)"
    }
    if let groups = measures.groups, groups > 1 { return "its channels are in \(groups) groups" }
    let limits = [
      ("kernel", measures.kernel, kernel), ("stride", measures.stride, stride),
      ("dilation", measures.dilation, dilation),
    ]
    for case (let name, let found?, let limit?) in limits
    where zip(found, limit.maximum).contains(where: >) {
      return "\(name) \(found) exceeds \(limit.maximum)"
    }
    return nil
  }
}
