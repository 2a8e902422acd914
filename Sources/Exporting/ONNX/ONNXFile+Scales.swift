import ONNXSchema
import Operators
import Tensors

/// Scales and zero points of a tensor in the file.
struct ONNXScales {
  let scales: [Float]
  let zeroPoints: [Int]
  /// The axis of the file's tensor that they belong to; nil if one of each serves all elements.
  let axis: Int?
  /// How many axes the tensor has behind that.
  let axesBehind: Int

  init(_ quantization: Quantization, _ order: AxisOrder) {
    scales = quantization.scales
    zeroPoints = quantization.zeroPoints
    axis = quantization.axis.map(order.place)
    axesBehind = axis.map { order.axes.count - 1 - $0 } ?? 0
  }

  /// Their shape as operands of `QuantizeLinear`.
  var shape: Shape { axis == nil ? [] : [scales.count] }

  /// The shape in which they broadcast to the tensor.
  var broadcastShape: Shape {
    axis == nil ? [] : Shape([scales.count] + Array(repeating: 1, count: axesBehind))
  }

  /// The attribute that names the axis.
  var attributes: [ONNXAttributeProto] { axis.map { [.integer("axis", $0)] } ?? [] }
}

extension ElementType {
  /// Whether `QuantizeLinear` gives such elements.
  var isQuantized: Bool { [.i8, .u8, .i16, .u16, .i4, .u4].contains(self) }

  /// Whether `DequantizeLinear` takes such elements.
  var isDequantized: Bool { isQuantized || self == .i32 }

  /// The first version of the standard's operators that has scales for such elements.
  fileprivate var scaledVersion: Int {
    [.i16, .u16, .i4, .u4].contains(self) ? 21 : ONNXVersion.lowest
  }
}

extension ONNXFile {
  /// `clamp(round(x / scale) + zeroPoint)`.
  mutating func quantize(_ x: String, _ element: ElementType, _ scales: ONNXScales) -> String {
    guard element.isQuantized else { return rounded(x, element, scales) }
    require(element.scaledVersion)
    let operands = [x, scale(scales, scales.shape), zeroPoint(scales, element, scales.shape)]
    return add("QuantizeLinear", operands, scales.attributes)
  }

  /// `(x − zeroPoint) · scale`.
  mutating func dequantize(_ x: String, _ element: ElementType, _ scales: ONNXScales) -> String {
    let hasOffset = scales.zeroPoints.contains { $0 != 0 }
    guard element.isQuantized || element == .i32 && !hasOffset else {
      return multiplied(x, element, scales)
    }
    require(element.scaledVersion)
    var operands = [x, scale(scales, scales.shape)]
    if element.isQuantized { operands.append(zeroPoint(scales, element, scales.shape)) }
    return add("DequantizeLinear", operands, scales.attributes)
  }

  private mutating func scale(_ scales: ONNXScales, _ shape: Shape) -> String {
    constant(Tensor(TensorType(.f32, shape), numbers: scales.scales.map(Double.init)), "scale")
  }

  private mutating func zeroPoint(
    _ scales: ONNXScales, _ element: ElementType, _ shape: Shape
  ) -> String {
    let numbers = scales.zeroPoints.map(Double.init)
    return constant(Tensor(TensorType(element, shape), numbers: numbers), "zero_point")
  }

  /// As `quantize`, for elements that have no operator.
  private mutating func rounded(
    _ x: String, _ element: ElementType, _ scales: ONNXScales
  ) -> String {
    let steps = add("Round", [add("Div", [x, scale(scales, scales.broadcastShape)])])
    let offset = zeroPoint(scales, .f32, scales.broadcastShape)
    return cast(add("Add", [steps, offset]), to: element)
  }

  /// As `dequantize`, for elements that have no operator.
  private mutating func multiplied(
    _ x: String, _ element: ElementType, _ scales: ONNXScales
  ) -> String {
    let offset = zeroPoint(scales, element, scales.broadcastShape)
    let steps = cast(add("Sub", [x, offset]), to: .f32)
    return add("Mul", [steps, scale(scales, scales.broadcastShape)])
  }
}

extension ONNXFile {
  /// The same numbers in another element type.
  mutating func cast(_ x: String, to element: ElementType) -> String {
    require(element.onnxVersion)
    return add("Cast", [x], [.integer("to", Int(element.onnxNumber))])
  }

  /// What a fused activation leaves of a result.
  mutating func clamped(_ x: String, _ clamp: Clamp, _ element: ElementType) -> String {
    let lower = clamp.lower.flatMap { $0.isFinite ? $0 : nil }
    let upper = clamp.upper.flatMap { $0.isFinite ? $0 : nil }
    if lower == nil, upper == nil { return x }
    if lower == 0, upper == nil, element.isFloat { return add("Relu", [x]) }
    let low = lower.map { scalar(Double($0.rounded(in: element, .up)), element, "min") } ?? ""
    let high = upper.map { scalar(Double($0.rounded(in: element, .down)), element, "max") }
    return add("Clip", [x, low] + (high.map { [$0] } ?? []))
  }

  mutating func reshape(_ x: String, _ extents: [Int]) -> String {
    add("Reshape", [x, integers(extents, "shape")])
  }
}

extension Float {
  /// A bound of integers is one itself.
  fileprivate func rounded(in element: ElementType, _ rule: FloatingPointRoundingRule) -> Float {
    element.isFloat ? self : rounded(rule)
  }
}
