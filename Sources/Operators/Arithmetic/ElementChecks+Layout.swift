import Support
import Tensors

/// Checks for operators that move elements without computing with them.
extension ElementChecks {
  /// An axis counted from the front; a negative one counts from the back.
  static func axis(_ axis: Int, rank: Int, _ kind: String) throws -> Int {
    let fromFront = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(fromFront) else {
      throw Diagnostic(.axisOutOfRange(axis, rank, kind))
    }
    return fromFront
  }

  /// Elements have whole bytes, so that they can be moved one by one.
  static func wholeBytes(_ type: TensorType, _ kind: String) throws {
    guard type.element.bitWidth >= 8 else {
      throw Diagnostic(.subByteElements(kind, type.element))
    }
  }

  /// Moving elements does not rescale them: operand and result are quantized alike.
  static func sameQuantization(_ operand: TensorType, _ result: TensorType, _ kind: String) throws {
    guard operand.quantization == result.quantization else {
      throw Diagnostic(
        .quantizationChanges(kind, operand, result), help: "quantize result and operands alike")
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func axisOutOfRange(_ axis: Int, _ rank: Int, _ kind: String) -> Self {
    Self(
      id: "axis-out-of-range", .malformed,
      "axis \(axis) of `\(kind)` does not exist in rank \(rank)")
  }

  fileprivate static func subByteElements(_ kind: String, _ element: ElementType) -> Self {
    Self(
      id: "sub-byte-elements", .unsupported,
      "`\(kind)` of `\(element.rawValue)` elements, which share bytes, is not supported")
  }

  fileprivate static func quantizationChanges(
    _ kind: String, _ operand: TensorType, _ result: TensorType
  ) -> Self {
    Self(
      id: "quantization-changes", .unsupported,
      "`\(kind)` has an operand of type \(operand) and a result of type \(result)")
  }
}
