import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that hand their operand on, in another type or as it is.
extension ONNXImporter {
  static let conversions: [String: ONNXConverter] = [
    "BitCast": { node, builder in
      let element = try ONNXTensors.element(node.integer("to"), node.resultNames.first ?? "")
      return try node.unary(Bitcast(element: element), &builder)
    },
    "Cast": { node, builder in
      let element = try ONNXTensors.element(node.integer("to"), node.resultNames.first ?? "")
      return [.tensor(try node.cast(to: element, &builder))]
    },
    "CastLike": { node, builder in
      [.tensor(try node.cast(to: builder.element(node.operand(1)), &builder))]
    },
    "Dropout": { try $0.dropout(&$1) },
    "Identity": { node, _ in [try node.handedOn()] },
    // What may be absent is there, or not, when a model is read.
    "Optional": { node, _ in [try node.handedOn()] },
    "OptionalGetElement": { node, _ in [try node.handedOn()] },
    "OptionalHasElement": { node, builder in
      [.tensor(builder.scalar(node.has(0) ? 1 : 0, .bool))]
    },
  ]
}

extension ONNXNode {
  /// The operand as it is, a tensor or a list.
  fileprivate func handedOn() throws -> ONNXValue {
    guard let value = operands.first, let value else { return .tensor(try operand(0)) }
    return value
  }

  fileprivate func cast(
    to element: ElementType, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    try builder.cast(operand(0), to: element, saturates: integer("saturate", default: 1) != 0)
  }

  /// Outside of training nothing is dropped: the mask, which was no truth value before version 10, holds everywhere.
  fileprivate func dropout(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let x = try operand(0)
    guard try !isRandom(builder) else {
      throw Diagnostic(.random, help: "export the model for inference, with a `training_mode` of 0")
    }
    guard wants(1) else { return [.tensor(x)] }
    let element = version < 10 ? builder.element(x) : .bool
    let kept = builder.scalar(1, element)
    let mask = try builder.apply(BroadcastTo(shape: builder.shape(x).extents), kept)
    return [.tensor(x), .tensor(mask)]
  }

  private func isRandom(_ builder: ONNXGraphBuilder) throws -> Bool {
    guard version >= 12, let training = try optional(2),
      try builder.integers(training, "whether to train").contains(where: { $0 != 0 })
    else { return false }
    let ratio = try optional(1).map { try builder.floats($0, "the part to drop") } ?? [0.5]
    return ratio.contains { $0 != 0 }
  }
}

extension Diagnostic.Message {
  fileprivate static var random: Self {
    Self(id: "random-dropout", .unsupported, "`Dropout` in training drops elements at random")
  }
}
