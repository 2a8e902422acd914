import GraphIR
import Operators
import Support
import Tensors

/// Scales and zero points as a node of the file has them: one for all elements, one for each index of an axis, or one for
/// each block of elements along it.
struct ONNXScale {
  let scale: ValueID
  let zeroPoint: ValueID?
  var axis: Int?
  /// 0 where there are no blocks.
  var blockSize = 0

  /// One scale for all elements, or for each index of an axis that the caller knows.
  init(_ scale: ValueID, _ zeroPoint: ValueID?, axis: Int? = nil) {
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.axis = axis
  }

  /// That of a node with the scale as operand 1, and attributes that say what it belongs to.
  init(_ node: ONNXNode, _ zeroPoint: ValueID?, _ builder: inout ONNXGraphBuilder) throws {
    self.init(try node.operand(1), zeroPoint)
    let rank = try builder.shape(node.operand(0)).rank
    guard builder.shape(scale).rank > 0, rank > 0 else { return }
    let isSingle = builder.shape(scale).elementCount == 1
    // For a single scale the axis means nothing, and need not exist.
    let found = try node.integer("axis", default: 1)
    axis = isSingle && !(-rank..<rank).contains(found) ? nil : try node.axis(found, rank: rank)
    blockSize = try node.integer("block_size", default: 0)
    if let axis, blockSize == 0 {
      self.axis = try onlyAxis(builder.shape(node.operand(0)), builder) ?? axis
    }
    guard (0...1 << 40).contains(blockSize) else {
      throw Diagnostic(.blockSize(node.kind, blockSize))
    }
  }
}

extension ONNXScale {
  /// The axis that scales must belong to because all others have an extent of 1: ONNX Runtime's quantizer names the first for
  /// a bias that is a row.
  fileprivate func onlyAxis(_ whole: Shape, _ builder: ONNXGraphBuilder) -> Int? {
    let count = builder.shape(scale).elementCount
    return count > 1 && count == whole.elementCount ? whole.extents.firstIndex(of: count) : nil
  }
}

/// A quantized operand of a node: its elements, and behind them their scale and zero point.
struct ONNXQuantizedOperand {
  let value: ValueID
  let scale: ONNXScale

  init(_ node: ONNXNode, at index: Int) throws {
    value = try node.operand(index)
    scale = ONNXScale(try node.operand(index + 1), try node.optional(index + 2))
  }
}

extension ONNXGraphBuilder {
  // MARK: Types

  /// The scale as part of a type; nil if it is not known, or more than a type can say.
  func quantization(_ scale: ONNXScale, of type: TensorType) -> Quantization? {
    guard scale.blockSize == 0, let scales = tensor(scale.scale), scales.type.shape.rank <= 1,
      type.element.integerRange != nil
    else { return nil }
    let count = scales.type.elementCount
    guard count > 0 else { return nil }
    var points = Array(repeating: 0, count: count)
    if let zeroPoint = scale.zeroPoint {
      guard let known = tensor(zeroPoint), known.type.elementCount == count,
        known.type.element == type.element
      else { return nil }
      points = (0..<count).map { type.element.loadInteger(from: known.data.bytes, at: $0) }
    }
    let isSingle = count == 1
    guard isSingle || scale.axis != nil else { return nil }
    let found = Quantization(
      axis: isSingle ? nil : scale.axis, scales: scales.storedNumbers.map { Float($0) },
      zeroPoints: points)
    return found.problem(for: type.shape, type.element) == nil ? found : nil
  }

  /// The same stored numbers with another meaning.
  mutating func retyped(_ value: ValueID, _ quantization: Quantization?) throws -> ValueID {
    let old = type(value)
    guard old.quantization != quantization else { return value }
    let new = TensorType(old.element, old.shape, quantization)
    if let tensor = tensor(value) { return constant(Tensor(new, tensor.data)) }
    return try apply(Reshape(shape: old.shape.extents), [value], result: new)
  }

  // MARK: Real numbers to stored ones and back

  /// `clamp(round(x / scale) + zeroPoint)`, halves to even.
  ///
  /// - Parameter saturates: whether floats of 8 bits are limited to their range.
  mutating func quantize(
    _ value: ValueID, _ scale: ONNXScale, to element: ElementType, saturates: Bool = true
  ) throws -> ValueID {
    let x = try cast(value, to: .f32)
    let type = TensorType(element, shape(x))
    if element.bitWidth <= 16, let quantization = quantization(scale, of: type) {
      return try apply(
        Quantize(element: element, roundsHalfToEven: true), [x],
        result: TensorType(element, type.shape, quantization))
    }
    let scales = try cast(spread(scale.scale, scale, over: type.shape), to: .f32)
    let steps = try apply(Divide(), x, scales)
    let points = try scale.zeroPoint.map { try spread($0, scale, over: type.shape) }
    return element.isFloat
      ? try cast(steps, to: element, saturates: saturates)
      : try stored(steps, points, as: element)
  }

  /// `(x − zeroPoint) · scale`, as `f32`.
  mutating func dequantize(_ value: ValueID, _ scale: ONNXScale) throws -> ValueID {
    if let quantization = quantization(scale, of: type(value)) {
      return try apply(Dequantize(), retyped(value, quantization))
    }
    let x = try retyped(value, nil)
    let scales = try cast(spread(scale.scale, scale, over: shape(x)), to: .f32)
    guard let zeroPoint = scale.zeroPoint else {
      return try apply(Multiply(), cast(x, to: .f32), scales)
    }
    let points = try spread(zeroPoint, scale, over: shape(x))
    // Differences of 32 bits are not exact as real numbers.
    let common: ElementType = element(x) == .i32 ? .i32 : .f32
    let difference = try apply(Subtract(), cast(x, to: common), cast(points, to: common))
    return try apply(Multiply(), cast(difference, to: .f32), scales)
  }

  /// `clamp(round(steps) + zeroPoint)`; of real elements, the nearest that there is.
  mutating func stored(
    _ steps: ValueID, _ zeroPoint: ValueID?, as element: ElementType
  ) throws -> ValueID {
    guard let range = element.integerRange else { return try cast(steps, to: element) }
    var numbers = try apply(Round(), steps)
    if let zeroPoint {
      numbers = try apply(Add(), numbers, cast(retyped(zeroPoint, nil), to: .f32))
    }
    let lowest = scalar(Double(range.lowerBound), .f32)
    let highest = scalar(Double(range.upperBound), .f32)
    let bounded = try apply(Minimum(), apply(Maximum(), numbers, lowest), highest)
    return try cast(bounded, to: element)
  }

  /// Scales or zero points, so that they broadcast to the elements that they belong to.
  private mutating func spread(
    _ value: ValueID, _ scale: ONNXScale, over whole: Shape
  ) throws -> ValueID {
    let extents = shape(value).extents
    guard extents.count > 0, shape(value).elementCount > 1, let axis = scale.axis else {
      return try reshape(value, [])
    }
    guard scale.blockSize > 0 else {
      guard extents == [whole[axis]] else { throw Diagnostic(.scaleShape(shape(value), whole)) }
      return try alongAxis(value, axis, rank: whole.rank)
    }
    let blocks = (whole[axis] + scale.blockSize - 1) / scale.blockSize
    guard extents.count == whole.rank, extents[axis] == blocks else {
      throw Diagnostic(.scaleShape(shape(value), whole))
    }
    let places = integers((0..<whole[axis]).map { $0 / scale.blockSize })
    return try apply(Gather(axis: axis), value, places)
  }

  /// A list as a tensor of extents 1 but for one axis.
  private mutating func alongAxis(_ value: ValueID, _ axis: Int, rank: Int) throws -> ValueID {
    var extents = Array(repeating: 1, count: rank)
    extents[axis] = shape(value).elementCount
    return try reshape(value, extents)
  }

  /// One number for all channels, or one for each, of images with channels in axis 1.
  mutating func alongChannels(_ value: ValueID, rank: Int) throws -> ValueID {
    shape(value).elementCount == 1
      ? try reshape(value, []) : try alongAxis(value, 1, rank: rank)
  }

  // MARK: Products

  /// What sums of products are multiplied with, in single precision: `a · b / result`.
  mutating func factor(_ a: ValueID, _ b: ValueID, _ result: ValueID) throws -> ValueID {
    let product = try apply(Multiply(), cast(a, to: .f32), cast(b, to: .f32))
    return try apply(Divide(), product, cast(result, to: .f32))
  }

  /// Sums of products of bytes, as `i32`; zero points that are left out are 0.
  mutating func byteProduct(
    _ a: ValueID, _ b: ValueID, _ p: ValueID?, _ q: ValueID?
  ) throws -> ValueID {
    let (first, second) = (shape(a).extents, shape(b).extents)
    guard !first.isEmpty, !second.isEmpty else { throw Diagnostic(.noMatrix) }
    let left = first.count == 1 ? try reshape(a, [1, first[0]]) : a
    let right = second.count == 1 ? try reshape(b, [second[0], 1]) : b
    let zeros = (p ?? scalar(0, element(a)), q ?? scalar(0, element(b)))
    let product = try apply(IntegerMatMul(), left, right, zeros.0, zeros.1)
    var extents = shape(product).extents
    if second.count == 1 { extents.removeLast() }
    if first.count == 1 { extents.remove(at: extents.count - (second.count == 1 ? 1 : 2)) }
    return try reshape(product, extents)
  }

  /// A quantized product with constant weights as a fully connected layer; nil if it is none.
  mutating func layer(
    _ a: ONNXQuantizedOperand, _ b: ONNXQuantizedOperand, _ result: ONNXScale
  ) throws -> ValueID? {
    var columns = b.scale
    columns.axis = 1
    guard shape(b.value).rank == 2, tensor(b.value) != nil, shape(a.value).rank >= 2,
      shape(a.value).extents.last == shape(b.value)[0],
      let input = quantization(a.scale, of: type(a.value)),
      let weights = quantization(columns, of: type(b.value)), weights.hasOneZeroPoint,
      let zeroPoint = result.zeroPoint, element(zeroPoint) == element(a.value)
    else { return nil }
    let op = FullyConnected(keepsAxes: shape(a.value).rank != 2, rescaling: .onnx)
    let operands = [
      try retyped(a.value, input), try swapLastAxes(retyped(b.value, weights)),
    ]
    guard !operands.contains(where: { shape($0).isEmpty }) else { return nil }
    let type = try op.resultTypes(operands.map(type))[0]
    guard let output = quantization(result, of: type) else { return nil }
    return try? apply(op, operands, result: TensorType(type.element, type.shape, output))
  }
}

extension Quantization {
  /// Whether the zero points are all the same.
  var hasOneZeroPoint: Bool { zeroPoints.allSatisfy { $0 == zeroPoint } }
}

extension Diagnostic.Message {
  fileprivate static func blockSize(_ kind: String, _ size: Int) -> Self {
    Self(id: "onnx-scale", .malformed, "`\(kind)` has blocks of \(size) elements")
  }

  fileprivate static func scaleShape(_ scale: Shape, _ whole: Shape) -> Self {
    Self(
      id: "onnx-scale", .malformed,
      "scales or zero points of shape \(scale) do not belong to elements of shape \(whole)")
  }

  fileprivate static var noMatrix: Self {
    Self(id: "onnx-product-shapes", .malformed, "a scalar is no operand of a matrix product")
  }
}
