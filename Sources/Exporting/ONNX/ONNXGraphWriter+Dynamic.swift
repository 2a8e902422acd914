import ONNXSchema
import Operators
import Tensors

// Layers that read real numbers and have weights of bytes quantize what they read when the network runs. The standard says
// so by computed scales.

extension ONNXSite {
  /// Whether real numbers meet weights of bytes.
  var isDynamic: Bool {
    types.count > 1 && types[0].element == .f32 && types[1].element != .f32
      && types[1].quantization != nil
  }

  /// Whether all channels of weights have the same scale.
  var hasOneScale: Bool {
    types[1].quantization.map { Set($0.scales).count == 1 } ?? true
  }
}

extension ONNXFile {
  /// The real numbers that a layer sees of its operand: those of bytes, in steps as small as each part along the first axis
  /// allows.
  ///
  /// - Parameters:
  ///   - extents: of the operand.
  ///   - isAsymmetric: whether a range goes from the smallest number to the largest, instead of as far below 0 as above.
  mutating func roundedDynamically(
    _ x: String, _ extents: [Int], isAsymmetric: Bool
  ) -> String {
    guard extents[0] != 1 || !isAsymmetric else {
      return add("DequantizeLinear", add("DynamicQuantizeLinear", [x], results: 3))
    }
    let axes = Array(1..<extents.count)
    let zero = scalar(0, .f32, "zero")
    let low = add("Min", [reduce("ReduceMin", x, axes, false), zero])
    let high = add("Max", [reduce("ReduceMax", x, axes, false), zero])
    let scale = isAsymmetric ? wholeScale(low, high) : symmetricScale(low, high)
    let zeroPoint =
      isAsymmetric
      ? zeroPoint(low, scale)
      : numbers(Array(repeating: 0, count: extents[0]), .i8, isList: true, "zero_point")
    let axis = [ONNXAttributeProto.integer("axis", 0)]
    let stored = add("QuantizeLinear", [x, scale, zeroPoint], axis)
    return add("DequantizeLinear", [stored, scale, zeroPoint], axis)
  }

  /// `(high − low) / 255`.
  private mutating func wholeScale(_ low: String, _ high: String) -> String {
    positive(add("Div", [add("Sub", [high, low]), scalar(255, .f32, "steps")]))
  }

  /// `max(−low, high) / 127`.
  private mutating func symmetricScale(_ low: String, _ high: String) -> String {
    let largest = add("Max", [add("Neg", [low]), high])
    return positive(add("Div", [largest, scalar(127, .f32, "steps")]))
  }

  /// Where there are only zeros, any scale serves.
  private mutating func positive(_ scale: String) -> String {
    add("Max", [scale, scalar(Double(Float.leastNormalMagnitude), .f32, "least")])
  }

  /// `−128 − low / scale`.
  private mutating func zeroPoint(_ low: String, _ scale: String) -> String {
    let lowest = scalar(-128, .f32, "lowest")
    let point = add("Round", [add("Sub", [lowest, add("Div", [low, scale])])])
    let limited = add("Clip", [point, lowest, scalar(127, .f32, "highest")])
    return cast(limited, to: .i8)
  }
}
