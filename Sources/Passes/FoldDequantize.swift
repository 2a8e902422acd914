import GraphIR
import Operators
import Tensors

extension Pass {
  /// Stores constants as the real numbers that their readers compute with, where nobody could compute on integers instead.
  public static let foldDequantize = rewrite(
    "fold-dequantize", "store constants as the real numbers that are read",
    Rule(replacing: Dequantize.self) { graph, id, op in
      graph.isMeantForIntegers(graph.result(of: id)) ? nil : try graph.converted(id, by: op)
    },
    Rule(replacing: Cast.self) { graph, id, op in
      let (old, new) = (
        graph.values[graph.input(of: id)].type, graph.values[graph.result(of: id)].type
      )
      guard old.element == .f16 || old.element == .bf16, new.element == .f32 else { return nil }
      return try graph.converted(id, by: op)
    })
}

extension Graph {
  /// The result of a node as a constant; nil if its operand is none, or elided.
  fileprivate mutating func converted(_ id: NodeID, by op: any Operator) throws -> ValueID? {
    let operands = nodes[id].inputs.compactMap { value in
      constantData(value).map { Tensor(values[value].type, $0) }
    }
    let result = values[result(of: id)]
    guard operands.count == nodes[id].inputs.count, !result.uses.isEmpty else { return nil }
    let tensor = try op.evaluate(operands, results: [result.type])[0]
    return addConstant(result.name, tensor.type, tensor.data, sourceIndex: result.sourceIndex)
  }

  /// Whether a reader's result is quantized as ONNX has it, so that `quantize-operators` may want the integers.
  ///
  /// - Parameter distance: how many nodes lie between the value and the constant; layouts, the node that
  ///   computes, and limits may.
  fileprivate func isMeantForIntegers(_ value: ValueID, distance: Int = 0) -> Bool {
    // Nobody writes longer chains; if somebody does, nothing is lost.
    guard distance < 8 else { return true }
    return values[value].uses.contains { use in
      let node = nodes[use.node]
      if let quantize = node.op as? Quantize { return quantize.roundsHalfToEven }
      let isBetween = movesElements(use.node) || node.op.limits != nil
      return (distance == 0 || isBetween || isLayout(before: value))
        && node.results.contains { isMeantForIntegers($0, distance: distance + 1) }
    }
  }

  /// Whether a value is a constant as it is stored, but for its layout.
  private func isLayout(before value: ValueID) -> Bool {
    var value = value
    while let id = producer(of: value), movesElements(id) { value = input(of: id) }
    return producer(of: value).map { nodes[$0].op is Dequantize } ?? false
  }
}
