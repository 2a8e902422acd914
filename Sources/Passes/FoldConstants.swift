import GraphIR
import Operators
import Tensors

extension Pass {
  /// Computes once, now, what no input of the graph has a part in.
  public static let foldConstants = Pass(
    "fold-constants", "compute nodes whose operands are all constant"
  ) { graph in
    var hasChanged = false
    for id in graph.order { hasChanged = try graph.fold(id) || hasChanged }
    return hasChanged
  }
}

extension Graph {
  /// Replaces the results of a node by constants, and says whether it could.
  ///
  /// A node that gives an output stays: an output must be computed by something that has its name. One that
  /// nobody reads stays too: to erase it is the work of another pass.
  fileprivate mutating func fold(_ id: NodeID) throws -> Bool {
    let node = nodes[id]
    guard let operands = constantOperands(of: id), isWorthwhile(id),
      !node.results.contains(where: outputs.contains),
      let reader = node.results.compactMap({ values[$0].uses.first?.node }).first
    else { return false }
    let tensors = try node.op.evaluate(operands, results: types(of: node.results))
    for (old, tensor) in zip(node.results, tensors) {
      let value = values[old]
      let constant = addConstant(
        value.name, tensor.type, tensor.data, sourceIndex: value.sourceIndex)
      replaceAllUses(of: old, with: constant)
    }
    erase([id], absorbedBy: reader)
    return true
  }

  /// The node's operands as tensors; nil if one is computed or elided.
  private func constantOperands(of id: NodeID) -> [Tensor]? {
    let operands = nodes[id].inputs.compactMap { value in
      constantData(value).map { Tensor(values[value].type, $0) }
    }
    return operands.count == nodes[id].inputs.count ? operands : nil
  }

  private func isWorthwhile(_ id: NodeID) -> Bool {
    // A broadcast or fill can make gigabytes of a few bytes; computed on the device they cost no flash there,
    // and no memory here. No network's own small tables are larger than this.
    let isSmall = nodes[id].results.allSatisfy { values[$0].type.byteCount <= 64 << 20 }
    // Weights that are dequantized were as large in the file, to within their bits.
    let isDequantized = nodes[id].op is Dequantize
    // What takes seconds here is no table either, and a hostile file could ask for hours.
    let work = work(of: id)
    return (isSmall || isDequantized) && max(work.macs, work.elementOperations) <= 1 << 32
  }
}
