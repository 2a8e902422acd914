import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// Products of matrices, of real numbers and of integers.
  static let products: [String: ONNXConverter] = [
    "MatMul": { node, builder in
      [.tensor(try builder.matrixProduct(node.operand(0), node.operand(1)))]
    },
    "Gemm": { node, builder in [.tensor(try gemm(node, &builder))] },
    "Einsum": { node, builder in
      let sum = try ONNXEinsum(node.string("equation"), operands: node.operandCount)
      return [.tensor(try sum.convert(node.allOperands(), &builder))]
    },
    "com.microsoft:FusedMatMul": { node, builder in
      let product = try builder.matrixProduct(
        node.operand(0), node.operand(1), transposesFirst: node.integer("transA", default: 0) != 0,
        transposesSecond: node.integer("transB", default: 0) != 0)
      return [.tensor(try builder.scaled(product, by: node.float("alpha", default: 1)))]
    },
  ]

  /// `alpha · a · b + beta · c`. A vector of columns is the bias of a fully connected layer where the weights are constant.
  private static func gemm(_ node: ONNXNode, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    let (a, b) = (try node.operand(0), try node.operand(1))
    for operand in [a, b] where builder.shape(operand).rank != 2 {
      throw Diagnostic(.gemmRank(builder.shape(operand)))
    }
    let transposesSecond = try node.integer("transB", default: 0) != 0
    let columns = builder.shape(b)[transposesSecond ? 0 : 1]
    let weights = try builder.scaled(b, by: node.float("alpha", default: 1))
    let beta = try node.float("beta", default: 1)
    let c = beta == 0 ? nil : try node.optional(2).map { try builder.scaled($0, by: beta) }
    let bias = try c.flatMap { try builder.vector($0, of: columns) }
    let product = try builder.matrixProduct(
      a, weights, bias: bias, transposesFirst: node.integer("transA", default: 0) != 0,
      transposesSecond: transposesSecond)
    guard let c, bias == nil else { return product }
    return try builder.apply(Add(clamp: .unlimited), product, c)
  }
}

extension ONNXGraphBuilder {
  /// The product of matrices, or of vectors: the axes in front of the last two are broadcast.
  ///
  /// - Parameters:
  ///   - bias: one number for each column of the second operand.
  ///   - transposesFirst, transposesSecond: whether the last two axes of an operand are swapped.
  mutating func matrixProduct(
    _ a: ValueID, _ b: ValueID, bias: ValueID? = nil, transposesFirst: Bool = false,
    transposesSecond: Bool = false
  ) throws -> ValueID {
    let (first, second) = (shape(a).extents, shape(b).extents)
    guard !first.isEmpty, !second.isEmpty else { throw Diagnostic(.scalarProduct) }
    // A vector is a row on the left, and a column on the right; the axis goes again behind the product.
    let left = first.count == 1 ? try reshape(a, [1, first[0]]) : a
    let right = second.count == 1 ? try reshape(b, [second[0], 1]) : b
    let product = try product(
      left, right, bias, transposesFirst && first.count > 1, transposesSecond && second.count > 1)
    guard first.count == 1 || second.count == 1 else { return product }
    var extents = shape(product).extents
    if second.count == 1 { extents.removeLast() }
    if first.count == 1 { extents.remove(at: extents.count - (second.count == 1 ? 1 : 2)) }
    return try reshape(product, extents)
  }

  /// Of operands that have both axes.
  private mutating func product(
    _ a: ValueID, _ b: ValueID, _ bias: ValueID?, _ transposesFirst: Bool, _ transposesSecond: Bool
  ) throws -> ValueID {
    let product: ValueID
    if !element(a).isFloat {
      product = try integerProduct(
        transposesFirst ? swapLastAxes(a) : a, transposesSecond ? swapLastAxes(b) : b)
    } else if shape(b).rank == 2, tensor(b) != nil, element(b) != .f64 {
      let rows = transposesFirst ? try swapLastAxes(a) : a
      let weights = transposesSecond ? b : try swapLastAxes(b)
      guard shape(rows).extents.last == shape(weights)[1] else {
        throw Diagnostic(.productShapes(shape(a), shape(b)))
      }
      return try apply(
        FullyConnected(keepsAxes: shape(rows).rank != 2, fusesProducts: true),
        [rows, weights] + [bias].compactMap { $0 })
    } else {
      product = try apply(
        BatchMatMul(
          transposesFirst: transposesFirst, transposesSecond: transposesSecond, fusesProducts: true),
        a, b)
    }
    return try bias.map { try apply(Add(clamp: .unlimited), product, $0) } ?? product
  }

  /// Of integers that are no bytes, which are too rare for an operator: products and their sum, modulo 2⁶⁴.
  private mutating func integerProduct(_ a: ValueID, _ b: ValueID) throws -> ValueID {
    let (first, second) = (shape(a).extents, shape(b).extents)
    guard first[first.count - 1] == second[second.count - 2] else {
      throw Diagnostic(.productShapes(shape(a), shape(b)))
    }
    let column = try reshape(cast(a, to: .i64), first + [1])
    let row = try reshape(cast(b, to: .i64), second.dropLast(2) + [1] + second.suffix(2))
    let products = try apply(Multiply(), column, row)
    return try cast(apply(Sum(axes: [-2]), products), to: element(a))
  }

  /// The last two axes exchanged.
  mutating func swapLastAxes(_ value: ValueID) throws -> ValueID {
    let rank = shape(value).rank
    return try transpose(value, Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// Each number times a factor; itself if that is 1.
  mutating func scaled(_ value: ValueID, by factor: Float) throws -> ValueID {
    guard factor != 1 else { return value }
    // Factors of integers may have fractions.
    let isFloat = element(value).isFloat
    let numbers = isFloat ? value : try cast(value, to: .f32)
    let scale = scalar(Double(factor), element(numbers))
    return try cast(apply(Multiply(clamp: .unlimited), numbers, scale), to: element(value))
  }

  /// The value as a list of `count` numbers; nil if it is none.
  fileprivate mutating func vector(_ value: ValueID, of count: Int) throws -> ValueID? {
    let shape = shape(value)
    guard shape.extents.last == count, shape.elementCount == count else { return nil }
    return try reshape(value, [count])
  }
}

extension Diagnostic.Message {
  fileprivate static var scalarProduct: Self {
    Self(id: "onnx-product-shapes", .malformed, "a scalar is no operand of a matrix product")
  }

  fileprivate static func gemmRank(_ shape: Shape) -> Self {
    Self(
      id: "onnx-product-shapes", .malformed, "an operand of `Gemm` has shape \(shape), no matrix's")
  }

  fileprivate static func productShapes(_ a: Shape, _ b: Shape) -> Self {
    Self(
      id: "onnx-product-shapes", .malformed,
      "operands of shapes \(a) and \(b) cannot be multiplied as matrices")
  }
}
