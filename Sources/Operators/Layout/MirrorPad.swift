import GraphIR
import Support
import Tensors

/// The operand continued beyond its borders by its own mirror image.
///
/// TFLite: `MIRROR_PAD`; its mode `SYMMETRIC` repeats the border, `REFLECT` does not. ONNX: `Pad` in the mode `reflect`.
public struct MirrorPad: Operator {
  public static let name = "mirror_pad"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// For each axis, how many elements to add in front.
  public var before: [Int]
  /// For each axis, how many elements to add behind.
  public var after: [Int]
  /// Whether the element at the border is repeated.
  public var repeatsBorder: Bool

  public init() { self.init(before: [], after: []) }

  /// - Parameters:
  ///   - before, after: a number for each axis, no more than the mirror image has.
  public init(before: [Int], after: [Int], repeatsBorder: Bool = false) {
    self.before = before
    self.after = after
    self.repeatsBorder = repeatsBorder
  }

  /// `before + extent + after` along each axis. A mirror shows no more than `extent` elements, and
  /// one less where the border is not repeated.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let extents = operands[0].shape.extents
    guard before.count == extents.count, after.count == extents.count,
      extents.indices.allSatisfy({ axis in
        let limit = repeatsBorder ? extents[axis] : extents[axis] - 1
        return (0...limit).contains(before[axis]) && (0...limit).contains(after[axis])
      }), let shape = Shape(checking: extents.indices.map { before[$0] + extents[$0] + after[$0] })
    else { throw Diagnostic(.badMirror(before, after, operands[0].shape)) }
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    IndexedCopy.kernel(continuing: site, before: before, mirrored)
  }

  /// The index within `0..<extent` that lies where a mirror shows an index outside.
  private func mirrored(_ index: Int, _ extent: Int) -> Int {
    let border = repeatsBorder ? 1 : 0
    if index < 0 { return -index - border }
    return index < extent ? index : 2 * extent - 2 - index + border
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      MirrorPad(before: [2], after: [1]),
      [Tensor(TensorType(.f32, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.f32, [6]), numbers: [3, 2, 1, 2, 3, 2])]),
    Example(
      MirrorPad(before: [2], after: [1], repeatsBorder: true),
      [Tensor(TensorType(.f32, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.f32, [6]), numbers: [2, 1, 1, 2, 3, 3])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badMirror(_ before: [Int], _ after: [Int], _ shape: Shape) -> Self {
    Self(
      id: "bad-mirror-pads", .malformed,
      "`mirror_pad` of \(shape) by \(before) and \(after) reaches beyond the mirror image")
  }
}
