import GraphIR
import Operators
import Passes
import Tensors

/// Two layers with weights, the second of which alone reads what the first gives, channel by channel.
struct EqualizedPair {
  let first: NodeID
  let second: NodeID
  /// What the first gives, after its activation.
  let value: ValueID

  /// - Returns: nil if the layers are not so joined that positive factors of channels pass from one to the other.
  init?(to second: NodeID, in graph: Graph) {
    var value = graph.nodes[second].inputs[0]
    while let producer = graph.producer(of: value), graph.isReadOnce(value) {
      if case .weighted? = graph.role(of: producer) {
        let clamp = (graph.nodes[producer].op as? any ClampedOperator)?.clamp ?? .none
        guard clamp.isHomogeneous else { return nil }
        (first, self.second, self.value) = (producer, second, value)
        return
      }
      guard graph.isHomogeneous(producer) else { return nil }
      value = graph.input(of: producer)
    }
    return nil
  }
}

extension Graph {
  /// Whether multiplying the channels of a node's first operand by positive numbers multiplies those of its result by the same.
  ///
  /// Channels are the last axis; a result that has several times as many has them again and again.
  func isHomogeneous(_ node: NodeID) -> Bool {
    let (operand, op) = (values[input(of: node)].type.shape, nodes[node].op)
    if let clamp = (op as? any ClampedOperator)?.clamp {
      guard clamp.isHomogeneous else { return false }
    }
    switch op {
    case is ReLU, is LeakyReLU, is MaxPool2D, is AveragePool2D, is ResizeBilinear,
      is ResizeNearestNeighbor:
      return true
    case let pad as Pad: return nodes[node].inputs.count == 1 && pad.keepsChannels
    case let mean as Mean:
      return !mean.axes.isEmpty && mean.axes.allSatisfy { $0 != -1 && $0 != operand.rank - 1 }
    case is Reshape:
      let channels = operand.extents.last ?? 0
      return channels > 0 && (values[result(of: node)].type.shape.extents.last ?? 0) % channels == 0
    default: return false
    }
  }
}

extension Pad {
  /// Whether zeros are added, and none along the last axis.
  fileprivate var keepsChannels: Bool { value == 0 && before.last == 0 && after.last == 0 }
}

extension Clamp {
  /// Whether it lets everything pass, or all that is not below 0.
  var isHomogeneous: Bool {
    upper ?? .infinity == .infinity && [0, -.infinity].contains(lower ?? -.infinity)
  }
}
