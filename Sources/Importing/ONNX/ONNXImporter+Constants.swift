import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that give constants, some of them made of shapes.
extension ONNXImporter {
  static let constants: [String: ONNXConverter] = [
    "Constant": { node, builder in [.tensor(builder.constant(try node.constant()))] },
    "ConstantOfShape": { node, builder in
      let shape = try builder.integers(node.operand(0), "the shape of `ConstantOfShape`")
      let value = try node.tensor("value").map { builder.constant($0) } ?? builder.scalar(0, .f32)
      let scalar = try builder.reshape(value, [])
      return [.tensor(try builder.apply(BroadcastTo(shape: shape), scalar))]
    },
    "Range": { node, builder in
      let count = try node.rangeCount(builder)
      let start = try builder.reshape(node.operand(0), [])
      let delta = try builder.reshape(node.operand(2), [])
      return [.tensor(try builder.apply(ArithmeticSequence(count: count), start, delta))]
    },
    "Shape": { node, builder in
      let extents = builder.shape(try node.operand(0)).extents
      let first = try node.place("start", default: 0, rank: extents.count)
      let last = try node.place("end", default: extents.count, rank: extents.count)
      return [.tensor(builder.integers(Array(extents[first..<max(first, last)])))]
    },
    "Size": { node, builder in
      let list = builder.integers([builder.shape(try node.operand(0)).elementCount])
      return [.tensor(try builder.reshape(list, []))]
    },
  ]
}

extension ONNXNode {
  /// What a `Constant` is, in whichever attribute it stands.
  fileprivate func constant() throws -> Tensor {
    if let tensor = try tensor("value") ?? tensor("sparse_value") { return tensor }
    if let numbers = try integers("value_ints") {
      return Tensor(TensorType(.i64, [numbers.count]), TensorData(numbers))
    }
    if let numbers = try floats("value_floats") {
      return Tensor(TensorType(.f32, [numbers.count]), TensorData(numbers))
    }
    if hasAttribute("value_int") {
      return Tensor(TensorType(.i64, []), TensorData([try integer("value_int")]))
    }
    guard !hasAttribute("value_string"), !hasAttribute("value_strings") else {
      throw Diagnostic(.strings)
    }
    return Tensor(TensorType(.f32, []), TensorData([try float("value_float")]))
  }

  /// An axis that a `Shape` begins or ends at; those outside are taken for the nearest.
  fileprivate func place(_ name: String, default standard: Int, rank: Int) throws -> Int {
    let place = try integer(name, default: standard)
    return min(max(place < 0 ? place + rank : place, 0), rank)
  }

  /// How many numbers a `Range` has: ⌈(limit − start) / delta⌉, or none.
  fileprivate func rangeCount(_ builder: ONNXGraphBuilder) throws -> Int {
    let bounds = try zip(0..., ["start", "limit", "delta"]).map { index, role in
      try builder.constantTensor(operand(index), "the \(role) of `Range`")
    }
    guard bounds.allSatisfy({ $0.type.elementCount == 1 }) else { throw Diagnostic(.badRange) }
    guard bounds.allSatisfy({ !$0.type.element.isFloat }) else {
      return try Self.count(bounds[0].type.element, bounds.map { $0.storedNumbers[0] })
    }
    return try Self.count(bounds.map { $0.type.element.loadInteger(from: $0.data.bytes, at: 0) })
  }

  private static func count(_ bounds: [Int]) throws -> Int {
    let (way, isTooLong) = bounds[1].subtractingReportingOverflow(bounds[0])
    guard bounds[2] != 0, !isTooLong else { throw Diagnostic(.badRange) }
    guard way != 0, (way < 0) == (bounds[2] < 0) else { return 0 }
    return Int(clamping: (way.magnitude - 1) / bounds[2].magnitude + 1)
  }

  /// ONNX Runtime subtracts in the elements' precision, and divides in double.
  private static func count(_ element: ElementType, _ bounds: [Double]) throws -> Int {
    let way =
      element == .f64 ? bounds[1] - bounds[0] : Double(Float(bounds[1]) - Float(bounds[0]))
    let count = (way / bounds[2]).rounded(.up)
    guard abs(count) < 0x1p40 else { throw Diagnostic(.badRange) }
    return max(Int(count), 0)
  }
}

extension Diagnostic.Message {
  fileprivate static var badRange: Self {
    Self(id: "bad-range", .malformed, "`Range` has no end, or operands that are no numbers")
  }

  fileprivate static var strings: Self {
    Self(id: "strings", .unsupported, "a constant of strings is not supported")
  }
}
