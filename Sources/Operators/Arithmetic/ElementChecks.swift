import GraphIR
import Support
import Tensors

/// Checks that many operators share. Each throws a diagnostic that names the operand at fault.
enum ElementChecks {
  /// There are `counts` operands.
  static func count(_ operands: [TensorType], _ counts: ClosedRange<Int>, _ kind: String) throws {
    guard counts.contains(operands.count) else {
      let expected =
        counts.count == 1
        ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw Diagnostic(.operandCount(kind, found: operands.count, expected: expected))
    }
  }

  /// Operand `index` has the given rank.
  static func rank(_ operands: [TensorType], _ index: Int, _ rank: Int, _ kind: String) throws {
    guard operands[index].shape.rank == rank else {
      throw Diagnostic(
        .rankMismatch(index, kind, found: operands[index].shape.rank, expected: rank))
    }
  }

  /// Operand `index` is of the given type.
  static func shape(
    _ operands: [TensorType], _ index: Int, _ shape: Shape, _ kind: String
  ) throws {
    guard operands[index].shape == shape else {
      throw Diagnostic(
        .shapeMismatch(index, kind, found: operands[index].shape, expected: shape))
    }
  }

  /// The element types together are ones for which there is a kernel.
  static func elements(
    _ operands: [TensorType], _ supported: [[ElementType]], _ kind: String
  ) throws {
    let found = operands.map(\.element)
    // Unsigned bytes run as signed ones, where there are no others.
    let signed = found.contains(.i8) ? found : operands.map(\.signed.element)
    guard supported.contains(where: { Array($0.prefix(found.count)) == signed }) else {
      throw Diagnostic(
        .unsupportedElements(kind, found),
        help: "supported are "
          + supported.map { $0.map(\.rawValue).joined(separator: ", ") }.joined(separator: "; "))
    }
  }

  /// All operands have one element type, which is among the given ones.
  static func sameElements(
    _ operands: [TensorType], _ supported: [ElementType], _ kind: String
  ) throws {
    let found = operands.map(\.element)
    guard let first = found.first, supported.contains(first), found.allSatisfy({ $0 == first })
    else {
      throw Diagnostic(
        .unsupportedElements(kind, found),
        help: "supported are operands of one type among "
          + supported.map(\.rawValue).joined(separator: ", "))
    }
  }

  /// Operand `index` holds indices.
  static func indices(_ operands: [TensorType], _ index: Int, _ kind: String) throws {
    guard IndexReader.elements.contains(operands[index].element) else {
      throw Diagnostic(
        .unsupportedElements(kind, operands.map(\.element)),
        help: "indices are " + IndexReader.elements.map(\.rawValue).joined(separator: ", "))
    }
  }

  /// The scale and zero point of a quantized activation, which has one of each. Of 16-bit elements the zero point is 0,
  /// as the reference kernels demand.
  static func perTensor(_ type: TensorType, _ what: String, _ kind: String) throws -> Quantization {
    guard let quantization = type.quantization, quantization.isPerTensor else {
      throw Diagnostic(
        .needsQuantization(what, kind), help: "quantize the tensor with one scale and zero point")
    }
    if type.element == .i16 { try symmetric(type, what, kind) }
    return quantization
  }

  /// Zero stands for zero: for kernels that do not subtract zero points.
  static func symmetric(_ type: TensorType, _ what: String, _ kind: String) throws {
    guard let point = type.quantization?.zeroPoints.first(where: { $0 != 0 }) else { return }
    throw Diagnostic(
      .zeroPoint(point, what, kind), help: "quantize the tensor symmetrically around 0")
  }
}

extension Diagnostic.Message {
  fileprivate static func operandCount(_ kind: String, found: Int, expected: String) -> Self {
    let operands = found == 1 ? "1 operand" : "\(found) operands"
    return Self(
      id: "operand-count", .malformed, "`\(kind)` has \(operands), expected \(expected)")
  }

  fileprivate static func rankMismatch(
    _ operand: Int, _ kind: String, found: Int, expected: Int
  ) -> Self {
    Self(
      id: "rank-mismatch", .malformed,
      "operand \(operand) of `\(kind)` has rank \(found), expected \(expected)")
  }

  fileprivate static func shapeMismatch(
    _ operand: Int, _ kind: String, found: Shape, expected: Shape
  ) -> Self {
    Self(
      id: "shape-mismatch", .malformed,
      "operand \(operand) of `\(kind)` has shape \(found), expected \(expected)")
  }

  fileprivate static func unsupportedElements(_ kind: String, _ found: [ElementType]) -> Self {
    let list = found.map(\.rawValue).joined(separator: ", ")
    return Self(
      id: "unsupported-elements", .unsupported,
      "`\(kind)` of element types \(list) is not supported")
  }

  fileprivate static func zeroPoint(_ found: Int, _ what: String, _ kind: String) -> Self {
    Self(
      id: "zero-point-not-zero", .unsupported,
      "the zero point of \(what) of `\(kind)` is \(found), expected 0")
  }

  fileprivate static func needsQuantization(_ what: String, _ kind: String) -> Self {
    Self(
      id: "needs-quantization", .malformed,
      "\(what) of `\(kind)` has no single scale and zero point")
  }
}
