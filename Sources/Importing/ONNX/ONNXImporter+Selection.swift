import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that decide by elements how many there are in their results. They are computed when the model is
/// read, so what decides has to be constant.
extension ONNXImporter {
  static let selection: [String: ONNXConverter] = [
    "Compress": { node, builder in
      let condition = try builder.floats(node.operand(1), "the condition of `Compress`")
      let (operand, axis) = try builder.flattened(node.operand(0), unlessAxisOf: node)
      let extent = builder.shape(operand)[axis]
      let chosen = condition.prefix(extent).indices.filter { condition[$0] != 0 }
      return [.tensor(try builder.gather(operand, chosen, axis))]
    },
    "NonMaxSuppression": { node, builder in
      let suppression = try ONNXNonMaxSuppression(node, builder)
      let chosen = suppression.chosen()
      let type = TensorType(.i64, [chosen.count / 3, 3])
      return [.tensor(builder.constant(Tensor(type, TensorData(chosen))))]
    },
    "NonZero": { node, builder in
      let tensor = try builder.constantTensor(node.operand(0), "the operand of `NonZero`")
      // A scalar counts as a list.
      let extents = tensor.type.shape.rank == 0 ? [1] : tensor.type.shape.extents
      let list = try builder.reshape(node.operand(0), extents)
      let places = Where(count: tensor.storedNumbers.count { $0 != 0 })
      return [.tensor(try builder.transpose(builder.apply(places, list), [1, 0]))]
    },
    "Unique": { node, builder in
      let (operand, axis) = try builder.flattened(node.operand(0), unlessAxisOf: node)
      let slices = ONNXUniqueSlices(
        of: try builder.constantTensor(operand, "the operand of `Unique`"), along: axis,
        isSorted: try node.integer("sorted", default: 1) != 0)
      return [
        .tensor(try builder.gather(operand, slices.firsts, axis)),
        .tensor(builder.integers(slices.firsts)), .tensor(builder.integers(slices.inverse)),
        .tensor(builder.integers(slices.counts)),
      ]
    },
  ]
}

extension ONNXGraphBuilder {
  /// The value and the axis that a node is about; without an axis, all elements in a row.
  fileprivate mutating func flattened(_ value: ValueID, unlessAxisOf node: ONNXNode) throws
    -> (ValueID, axis: Int)
  {
    guard node.hasAttribute("axis") else {
      return (try reshape(value, [shape(value).elementCount]), 0)
    }
    return (value, try node.axis(node.integer("axis"), rank: shape(value).rank))
  }

  /// What lies at given indices of an axis.
  fileprivate mutating func gather(_ value: ValueID, _ indices: [Int], _ axis: Int) throws
    -> ValueID
  {
    try apply(Gather(axis: axis), value, integers(indices))
  }
}
