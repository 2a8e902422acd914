import GraphIR
import Operators
import Tensors

/// How operators take part when channels, the last axis, are multiplied by an orthogonal matrix whose rows have the sum 1.
extension Graph {
  /// Whether a layer has one matrix of weights `[output, …, input]` that may change.
  func isMixable(_ node: NodeID) -> Bool {
    guard case .weighted? = role(of: node), let columns = LayerColumns(self, node),
      nodes[node].op is FullyConnected || nodes[node].op is Conv2D
    else { return false }
    return columns.groups == 1 && ScaledLayer(node, in: self) != nil
  }

  /// Whether an operator lets all numbers pass.
  func isUnlimited(_ node: NodeID) -> Bool {
    guard let clamp = (nodes[node].op as? any ClampedOperator)?.clamp else { return true }
    return clamp.lower ?? -.infinity == -.infinity && clamp.upper ?? .infinity == .infinity
  }

  /// Whether a node normalizes rows of channels.
  func isNormalization(_ node: NodeID) -> Bool {
    nodes[node].op is LayerNormalization || nodes[node].op is RMSNormalization
  }

  /// The operands that are rotated if the results of a node are, and the other way round; nil if it is not so.
  func tiedOperands(of node: NodeID) -> [Int]? {
    guard isUnlimited(node) else { return nil }
    switch nodes[node].op {
    case is Add, is Subtract: return summands(of: node)
    case is Multiply: return factorsOfRows(of: node, among: [0, 1])
    case is Divide: return factorsOfRows(of: node, among: [0])
    case is BatchMatMul: return rowsOfProduct(node)
    case is Concatenation:
      return keepsChannels(node) ? Array(nodes[node].inputs.indices) : nil
    case is LayerNormalization, is RMSNormalization, is Reshape, is Transpose, is StridedSlice,
      is Split, is Pad, is AveragePool2D, is Mean, is Sum, is ResizeBilinear,
      is ResizeNearestNeighbor, is Gather:
      return keepsChannels(node) ? [0] : nil
    default: return nil
    }
  }

  /// Whether rows of channels are moved, added up or normalized as a whole.
  private func keepsChannels(_ node: NodeID) -> Bool {
    let rank = values[nodes[node].inputs[0]].type.shape.rank
    func isBeforeChannels(_ axis: Int) -> Bool { axis != -1 && axis != rank - 1 }
    switch nodes[node].op {
    case let op as LayerNormalization: return !op.givesStatistics && !isBeforeChannels(op.axis)
    case let op as RMSNormalization: return !isBeforeChannels(op.axis)
    case let op as Concatenation: return isBeforeChannels(op.axis)
    case let op as Split: return isBeforeChannels(op.axis)
    case let op as Gather: return op.batchAxes == 0 && isBeforeChannels(op.axis)
    case let op as Transpose: return op.permutation.last == rank - 1
    case let op as StridedSlice: return keepsChannels(op, node)
    case let op as Mean: return !op.axes.isEmpty && op.axes.allSatisfy(isBeforeChannels)
    case let op as Sum: return !op.axes.isEmpty && op.axes.allSatisfy(isBeforeChannels)
    case is Pad: return isHomogeneous(node)
    case is ResizeBilinear, is ResizeNearestNeighbor, is AveragePool2D, is Reshape: return true
    default: return false
    }
  }

  private func keepsChannels(_ op: StridedSlice, _ node: NodeID) -> Bool {
    let shapes = [nodes[node].inputs[0], result(of: node)].map { values[$0].type.shape.extents }
    return op.step.last == 1 && op.begin.last == 0 && shapes[0].last == shapes[1].last
      && shapes[0].count == shapes[1].count
  }

  /// Rows to which the same number is added in all channels stay rotated.
  private func summands(of node: NodeID) -> [Int]? {
    let rotated = nodes[node].inputs.indices.filter { channels(ofOperand: $0, node) > 1 }
    let whole = values[result(of: node)].type.shape.extents.last
    let areWhole = rotated.allSatisfy { channels(ofOperand: $0, node) == whole }
    return areWhole && !rotated.isEmpty ? rotated : nil
  }

  /// Rows that are multiplied by one number each stay rotated.
  private func factorsOfRows(of node: NodeID, among operands: [Int]) -> [Int]? {
    let rotated = nodes[node].inputs.indices.filter { channels(ofOperand: $0, node) > 1 }
    return rotated.count == 1 && operands.contains(rotated[0]) ? rotated : nil
  }

  private func channels(ofOperand operand: Int, _ node: NodeID) -> Int {
    values[nodes[node].inputs[operand]].type.shape.extents.last ?? 1
  }

  /// Rows of a product are sums of rows of its second operand.
  private func rowsOfProduct(_ node: NodeID) -> [Int]? {
    guard let product = op(node, as: BatchMatMul.self), !product.transposesSecond else {
      return nil
    }
    return [1]
  }

  /// Whether a transpose makes columns of rows: the last axis becomes the last but one.
  func turnsColumns(_ node: NodeID) -> Bool {
    guard let permutation = op(node, as: Transpose.self)?.permutation, permutation.count > 1 else {
      return false
    }
    return permutation[permutation.count - 2] == permutation.count - 1
  }

  /// Whether a node gives the same for rotated rows: a sum over channels, or squares of which nothing else is taken.
  func cancelsRotation(_ use: Use) -> Bool {
    if sumsChannels(use.node) { return true }
    guard isUnlimited(use.node), squares(use) else { return false }
    let squares = result(of: use.node)
    return !exits.contains(squares)
      && values[squares].uses.allSatisfy { $0.operand == 0 && sumsChannels($0.node) }
  }

  private func sumsChannels(_ node: NodeID) -> Bool {
    let last = values[nodes[node].inputs[0]].type.shape.rank - 1
    let axes = (nodes[node].op as? Mean)?.axes ?? (nodes[node].op as? Sum)?.axes ?? []
    return axes.contains(-1) || axes.contains(last)
  }

  private func squares(_ use: Use) -> Bool {
    let operands = nodes[use.node].inputs
    switch nodes[use.node].op {
    case is Square: return true
    case is Multiply: return operands[0] == operands[1]
    case is SquaredDifference: return channels(ofOperand: 1 - use.operand, use.node) == 1
    default: return false
    }
  }

  /// The layers that read a value, also through operators that choose among its rows or take their means; nil
  /// if something else does.
  func layers(behind value: ValueID) -> [NodeID]? {
    var layers: [NodeID] = []
    for use in values[value].uses {
      if isMixable(use.node), use.operand == 0 {
        layers.append(use.node)
      } else if use.operand == 0, passesParameters(use.node),
        let behind = self.layers(behind: result(of: use.node))
      {
        layers += behind
      } else {
        return nil
      }
    }
    return exits.contains(value) ? nil : layers
  }

  private func passesParameters(_ node: NodeID) -> Bool {
    switch nodes[node].op {
    case is Mean, is StridedSlice, is Transpose, is Gather: return keepsChannels(node)
    case is Reshape:
      return values[input(of: node)].type.shape.extents.last
        == values[result(of: node)].type.shape.extents.last
    default: return false
    }
  }

  /// Whether factors and offsets of input channels can move into a layer: no border may be among its inputs.
  func takesParameters(_ node: NodeID, hasOffsets: Bool) -> Bool {
    guard hasOffsets else { return true }
    guard let convolution = nodes[node].op as? Conv2D else { return nodes[node].inputs.count > 2 }
    let window = try? convolution.window(types(of: nodes[node].inputs))
    return nodes[node].inputs.count > 2
      && window.map { $0.kernel.height == 1 && $0.kernel.width == 1 } ?? false
  }
}
