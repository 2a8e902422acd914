import GraphIR
import Support
import Tensors

/// Images as the places within the blocks of larger ones, which are then cropped: undoes a `space_to_batch`.
///
/// TFLite: `BATCH_TO_SPACE_ND`.
public struct BatchToSpace: Operator {
  public static let name = "batch_to_space"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The extents of a block along the axes behind the first.
  public var block: [Int]
  /// For each axis of the block, how many elements to leave out in front.
  public var before: [Int]
  /// For each axis of the block, how many elements to leave out behind.
  public var after: [Int]

  public init() { self.init(block: [], before: [], after: []) }

  /// - Parameters:
  ///   - block: its size divides the number of images.
  ///   - before, after: a number for each axis of the block, none negative, that leave some elements.
  public init(block: [Int], before: [Int], after: [Int]) {
    self.block = block
    self.before = before
    self.after = after
  }

  /// The first extent divided by the size of a block, and the extents behind times those of a block, less what is
  /// cropped.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return try cropping(of: operands[0]).resultTypes([wholeType(operands[0])])
  }

  /// What the operand is before it is cropped.
  private func wholeType(_ operand: TensorType) throws -> TensorType {
    var extents = operand.shape.extents
    let size = block.reduce(1) { Work.product($0, max($1, 0)) }
    guard !block.isEmpty, block.count < extents.count, size > 0, extents[0] % size == 0 else {
      throw Diagnostic(.badBlock(block, operand.shape))
    }
    extents[0] /= size
    for axis in block.indices { extents[axis + 1] *= block[axis] }
    return operand.with(shape: Shape(extents))
  }

  /// The slice that cropping leaves.
  private func cropping(of operand: TensorType) throws -> StridedSlice {
    let whole = try wholeType(operand).shape.extents
    guard before.count == block.count, after.count == block.count,
      (before + after).allSatisfy({ (0...Shape.maximumElementCount).contains($0) })
    else { throw Diagnostic(.badBlock(block, operand.shape)) }
    let rest = Array(repeating: 0, count: whole.count - 1 - block.count)
    let (front, back) = ([0] + before + rest, [0] + after + rest)
    return StridedSlice(begin: front, size: whole.indices.map { whole[$0] - front[$0] - back[$0] })
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let whole = try wholeType(site.operands[0])
    let blocks = StridedCopy.kernel(
      view(of: site.operands[0].shape),
      of: Site(operands: site.operands, constants: site.constants, results: [whole]))
    let cropping = try cropping(of: site.operands[0]).kernel(
      for: Site(operands: [whole], constants: [nil], results: site.results))
    return blocks.followed(by: cropping, through: whole)
  }

  /// Images come first, then for each axis blocks and the places in them, then what lies in each element.
  private func view(of shape: Shape) -> StridedView {
    let (extents, strides) = (shape.extents, shape.strides)
    let images = extents[0] / block.reduce(1, *)
    let rest = block.count + 1..<shape.rank
    let steps = Shape(block).strides.map { $0 * images * strides[0] }
    return StridedView(
      Shape([images] + block.indices.flatMap { [extents[$0 + 1], block[$0]] } + extents[rest]),
      strides: [strides[0]] + block.indices.flatMap { [strides[$0 + 1], steps[$0]] }
        + strides[rest])
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      BatchToSpace(block: [2], before: [1], after: [0]),
      [Tensor(TensorType(.f32, [2, 2, 1]), numbers: [0, 2, 1, 3])],
      gives: [Tensor(TensorType(.f32, [1, 3, 1]), numbers: [1, 2, 3])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badBlock(_ block: [Int], _ shape: Shape) -> Self {
    Self(
      id: "bad-block", .malformed,
      "`batch_to_space` cannot make blocks of \(block) from \(shape)")
  }
}
