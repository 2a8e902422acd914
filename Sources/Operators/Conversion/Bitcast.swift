import GraphIR
import Support
import Tensors

/// The same bytes as elements of another type.
///
/// A wider element makes a row along a last axis that is added; a row of narrow elements along the last axis, which vanishes,
/// makes one that is wider.
///
/// TFLite: `BITCAST`.
public struct Bitcast: Operator {
  public static let name = "bitcast"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The element type of the result.
  public var element: ElementType

  public init() { self.init(element: .f32) }

  /// - Parameter element: of the result; any type that has whole bytes.
  public init(element: ElementType) { self.element = element }

  /// The operand's extents, with one more or one less where the widths differ.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let (from, extents) = (operands[0].element.bitWidth, operands[0].shape.extents)
    if from > element.bitWidth {
      return [TensorType(element, Shape(extents + [from / element.bitWidth]))]
    }
    if from == element.bitWidth { return [TensorType(element, operands[0].shape)] }
    guard extents.last == element.bitWidth / from else {
      throw Diagnostic(.badRow(operands[0], element))
    }
    return [TensorType(element, Shape(extents.dropLast()))]
  }

  /// Elements that share bytes are none of their own.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    for type in operands + results { try ElementChecks.wholeBytes(type, Self.name) }
  }

  public func kernel(for site: Site) throws -> Kernel {
    Kernel { operands, results, _ in results[0].copyMemory(from: operands[0]) }
  }

  /// None: bytes are moved.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Bitcast(element: .i32),
      [Tensor(TensorType(.f32, [2]), numbers: [1, -2])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [0x3f80_0000, -0x4000_0000])]),
    Example(
      Bitcast(element: .u8),
      [Tensor(TensorType(.i16, [2]), numbers: [1, -2])],
      gives: [Tensor(TensorType(.u8, [2, 2]), numbers: [1, 0, 254, 255])]),
    Example(
      Bitcast(element: .i16),
      [Tensor(TensorType(.u8, [2, 2]), numbers: [1, 0, 254, 255])],
      gives: [Tensor(TensorType(.i16, [2]), numbers: [1, -2])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badRow(_ operand: TensorType, _ element: ElementType) -> Self {
    Self(
      id: "bad-bitcast", .malformed,
      "`bitcast` cannot make `\(element.rawValue)` of the rows of \(operand)")
  }
}
