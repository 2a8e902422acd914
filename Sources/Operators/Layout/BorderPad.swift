import GraphIR
import Support
import Tensors

/// The operand continued beyond its borders by its own elements.
///
/// ONNX: `Pad` in the modes `edge` and `wrap`. Mirror images are `mirror_pad`.
public struct BorderPad: Operator {
  /// What lies beyond a border.
  public enum Mode: String, Hashable, Codable, Sendable {
    /// The element at the border, again and again.
    case edge
    /// The operand once more from its other end, as often as needed.
    case wrap
  }

  public static let name = "border_pad"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// For each axis, how many elements to add in front.
  public var before: [Int]
  /// For each axis, how many elements to add behind.
  public var after: [Int]
  /// What is added.
  public var mode: Mode

  public init() { self.init(before: [], after: []) }

  /// - Parameters:
  ///   - before, after: a number for each axis, from 0 to 2³⁰.
  public init(before: [Int], after: [Int], mode: Mode = .edge) {
    self.before = before
    self.after = after
    self.mode = mode
  }

  /// `before + extent + after` along each axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let extents = operands[0].shape.extents
    guard before.count == extents.count, after.count == extents.count,
      (before + after).allSatisfy({ (0...1 << 30).contains($0) }),
      let shape = Shape(checking: extents.indices.map { before[$0] + extents[$0] + after[$0] })
    else { throw Diagnostic(.badPads(before, after, operands[0].shape)) }
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    IndexedCopy.kernel(continuing: site, before: before, source)
  }

  /// The index within `0..<extent` of the element that lies at an index outside.
  private func source(_ index: Int, _ extent: Int) -> Int {
    switch mode {
    case .edge: min(max(index, 0), extent - 1)
    case .wrap: (index % extent + extent) % extent
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      BorderPad(before: [2], after: [1]),
      [Tensor(TensorType(.f32, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.f32, [6]), numbers: [1, 1, 1, 2, 3, 3])]),
    Example(
      BorderPad(before: [1, 3], after: [0, 1], mode: .wrap),
      [Tensor(TensorType(.i8, [2, 2]), numbers: [1, 2, 3, 4])],
      gives: [
        Tensor(
          TensorType(.i8, [3, 6]),
          numbers: [4, 3, 4, 3, 4, 3, 2, 1, 2, 1, 2, 1, 4, 3, 4, 3, 4, 3])
      ]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPads(_ before: [Int], _ after: [Int], _ shape: Shape) -> Self {
    Self(id: "bad-pads", .malformed, "`border_pad` of \(shape) by \(before) and \(after) cannot be")
  }
}
