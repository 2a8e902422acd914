import GraphIR
import Support
import Tensors

/// The operand with elements added before and after it along each axis.
///
/// What is added is an attribute, or a second operand of one element, for numbers that are computed or that a float
/// cannot hold.
///
/// TFLite: `PAD`, and `PADV2` with a number of its own. ONNX: `Pad` in the mode `constant`.
public struct Pad: Operator {
  public static let name = "pad"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// For each axis, how many elements to add in front.
  public var before: [Int]
  /// For each axis, how many elements to add behind.
  public var after: [Int]
  /// The real number that is added, unless there is a second operand.
  public var value: Float

  public init() { self.init(before: [], after: []) }

  /// - Parameters:
  ///   - before, after: a number for each axis, none negative.
  ///   - value: is stored as the operand's quantization has it, so 0 becomes the zero point.
  public init(before: [Int], after: [Int], value: Float = 0) {
    self.before = before
    self.after = after
    self.value = value
  }

  /// `before + extent + after` along each axis; pads are from 0 to 2³⁰.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...2, Self.name)
    if operands.count > 1 { try ElementChecks.shape(operands, 1, [], Self.name) }
    let extents = operands[0].shape.extents
    guard before.count == extents.count, after.count == extents.count,
      (before + after).allSatisfy({ (0...1 << 30).contains($0) }),
      let shape = Shape(checking: extents.indices.map { before[$0] + extents[$0] + after[$0] })
    else { throw Diagnostic(.badPads(before, after, operands[0].shape)) }
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    for operand in operands {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let type = site.results[0]
    let view = StridedView(
      site.operands[0].shape, of: type.shape, begin: before,
      step: before.map { _ in 1 })
    let width = type.element.bitWidth / 8
    let everywhere = StridedView(type.shape, strides: type.shape.extents.map { _ in 0 })
    let element = Self.stored(value, as: type)
    return Kernel { operands, results, _ in
      element.withUnsafeBytes { element in
        let added = operands.count > 1 ? operands[1] : element
        StridedCopy.gather(everywhere, added, into: results[0], elementBytes: width)
      }
      StridedCopy.scatter(operands[0], view, into: results[0], elementBytes: width)
    }
  }

  /// The bytes of one element that stands for a real number.
  static func stored(_ value: Float, as type: TensorType) -> [UInt8] {
    let number = type.quantization.map { Double(value / $0.scale) + Double($0.zeroPoint) }
    var bytes = [UInt8](repeating: 0, count: 8)
    bytes.withUnsafeMutableBytes { type.element.store(number ?? Double(value), in: $0, at: 0) }
    return Array(bytes.prefix(type.element.bitWidth / 8))
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Pad(before: [0, 1], after: [1, 0], value: 9),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [1, 2])],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [9, 1, 2, 9, 9, 9])]),
    Example(
      Pad(before: [1], after: [1]),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5, zeroPoint: -3)), numbers: [1, 2])],
      gives: [
        Tensor(
          TensorType(.i8, [4], Quantization(scale: 0.5, zeroPoint: -3)), numbers: [-3, 1, 2, -3])
      ]),
    Example(
      Pad(before: [0], after: [2]),
      [
        Tensor(TensorType(.i64, [1]), numbers: [1]),
        Tensor(TensorType(.i64, []), numbers: [16_777_217]),
      ],
      gives: [Tensor(TensorType(.i64, [3]), numbers: [1, 16_777_217, 16_777_217])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPads(_ before: [Int], _ after: [Int], _ shape: Shape) -> Self {
    Self(id: "bad-pads", .malformed, "`pad` of \(shape) by \(before) and \(after) cannot be")
  }
}
