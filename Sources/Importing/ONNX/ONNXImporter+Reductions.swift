import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that combine elements along axes, and what they become.
extension ONNXImporter {
  static let reductions: [String: ONNXConverter] = [
    "ReduceL1": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        try builder.apply(Sum(axes: axes, keepsAxes: keeps), builder.apply(Abs(), x))
      }
    },
    "ReduceL2": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        let squares = try builder.apply(Multiply(clamp: .unlimited), x, x)
        let sum = try builder.apply(Sum(axes: axes, keepsAxes: keeps), squares)
        return try builder.apply(SquareRoot(), sum)
      }
    },
    "ReduceLogSum": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        try builder.apply(Log(), builder.apply(Sum(axes: axes, keepsAxes: keeps), x))
      }
    },
    "ReduceLogSumExp": { try $0.reduction(&$1) { LogSumExp(axes: $0, keepsAxes: $1) } },
    "ReduceMax": { try $0.reduction(&$1) { ReduceMax(axes: $0, keepsAxes: $1) } },
    "ReduceMean": { try $0.reduction(&$1) { Mean(axes: $0, keepsAxes: $1) } },
    "ReduceMin": { try $0.reduction(&$1) { ReduceMin(axes: $0, keepsAxes: $1) } },
    "ReduceProd": { try $0.reduction(&$1) { ReduceProduct(axes: $0, keepsAxes: $1) } },
    "ReduceSum": { try $0.reduction(&$1) { Sum(axes: $0, keepsAxes: $1) } },
    "ReduceSumSquare": { node, builder in
      try node.reduction(&builder) { builder, x, axes, keeps in
        let squares = try builder.apply(Multiply(clamp: .unlimited), x, x)
        return try builder.apply(Sum(axes: axes, keepsAxes: keeps), squares)
      }
    },
  ]

  static let places: [String: ONNXConverter] = [
    "ArgMax": { try $0.place(&$1) { ArgMax(axis: $0, element: .i64, takesLast: $1) } },
    "ArgMin": { try $0.place(&$1) { ArgMin(axis: $0, element: .i64, takesLast: $1) } },
    "CumSum": { node, builder in
      let axis = try builder.integer(node.operand(1), "the axis of `CumSum`")
      return try node.unary(
        CumulativeSum(
          axis: axis, isExclusive: node.integer("exclusive", default: 0) != 0,
          isReverse: node.integer("reverse", default: 0) != 0), &builder)
    },
  ]
}

extension ONNXNode {
  /// A reduction that is one operator.
  fileprivate func reduction(
    _ builder: inout ONNXGraphBuilder, _ op: (_ axes: [Int], _ keepsAxes: Bool) -> any Operator
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    let op = op(try reducedAxes(of: x, builder), try keepsAxes())
    return [.tensor(try builder.apply(op, x))]
  }

  /// A reduction in steps, which are computed in single precision at least.
  fileprivate func reduction(
    _ builder: inout ONNXGraphBuilder,
    _ body: (inout ONNXGraphBuilder, ValueID, [Int], Bool) throws -> ValueID
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    let (axes, keepsAxes) = (try reducedAxes(of: x, builder), try keepsAxes())
    let result = try builder.inSinglePrecision(x) { try body(&$0, $1, axes, keepsAxes) }
    return [.tensor(result)]
  }

  private func keepsAxes() throws -> Bool { try integer("keepdims", default: 1) != 0 }

  /// The axes that vanish, an attribute or an operand. If none is given these are all axes, or none, as the file says.
  private func reducedAxes(of x: ValueID, _ builder: ONNXGraphBuilder) throws -> [Int] {
    let rank = builder.shape(x).rank
    let given = try optional(1).map { try builder.integers($0, "axes") } ?? integers("axes") ?? []
    guard given.isEmpty else { return try given.map { try axis($0, rank: rank) } }
    return try integer("noop_with_empty_axes", default: 0) != 0 ? [] : Array(0..<rank)
  }

  /// Where along an axis an element lies.
  fileprivate func place(
    _ builder: inout ONNXGraphBuilder, _ op: (_ axis: Int, _ takesLast: Bool) -> any Operator
  ) throws -> [ONNXValue] {
    let x = try operand(0)
    var extents = builder.shape(x).extents
    let axis = try axis(integer("axis", default: 0), rank: extents.count)
    let takesLast = try integer("select_last_index", default: 0) != 0
    // Places must not be converted to the elements' type, as results of a wider form are.
    let isWide = [.u32, .u64].contains(builder.element(x))
    let place = try builder.apply(
      op(axis, takesLast), isWide ? builder.cast(x, to: .i64) : x)
    guard try keepsAxes() else { return [.tensor(place)] }
    extents[axis] = 1
    return [.tensor(try builder.reshape(place, extents))]
  }
}

extension ONNXGraphBuilder {
  /// What `body` computes of a value, converted to `f32` if it has fewer bits, and back.
  mutating func inSinglePrecision(
    _ value: ValueID, _ body: (inout Self, ValueID) throws -> ValueID
  ) throws -> ValueID {
    let own = element(value)
    guard own == .f16 || own == .bf16 else { return try body(&self, value) }
    let wide = try cast(value, to: .f32)
    let result = try body(&self, wide)
    return try cast(result, to: own)
  }

  /// The only element of a constant.
  ///
  /// - Throws: a `Diagnostic` if it has none or several, or is computed from the model's inputs.
  func integer(_ value: ValueID, _ role: String) throws -> Int {
    let numbers = try integers(value, role)
    guard numbers.count == 1 else { throw Diagnostic(.notSingle(role, shape(value))) }
    return numbers[0]
  }
}

extension Diagnostic.Message {
  fileprivate static func notSingle(_ role: String, _ shape: Shape) -> Self {
    Self(id: "onnx-scalar", .malformed, "\(role) has the shape \(shape), and not one element")
  }
}
