import GraphIR
import Support
import Tensors

/// The operand padded, and then each place within its blocks as an image of its own.
///
/// Images of the result are ordered by place, row by row, and among those of one place as in the operand.
///
/// TFLite: `SPACE_TO_BATCH_ND`.
public struct SpaceToBatch: Operator {
  public static let name = "space_to_batch"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The extents of a block along the axes behind the first.
  public var block: [Int]
  /// For each axis of the block, how many elements to add in front; in the result they are 0, or its zero point.
  public var before: [Int]
  /// For each axis of the block, how many elements to add behind.
  public var after: [Int]

  public init() { self.init(block: [], before: [], after: []) }

  /// - Parameters:
  ///   - block: divides the padded extents.
  ///   - before, after: a number for each axis of the block, none negative.
  public init(block: [Int], before: [Int], after: [Int]) {
    self.block = block
    self.before = before
    self.after = after
  }

  /// The first extent times the size of a block, and padded extents divided by those of a block.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let padded = try paddedType(operands[0])
    let blocked = 1..<block.count + 1
    guard block.allSatisfy({ $0 > 0 }),
      blocked.allSatisfy({ padded.shape[$0] % block[$0 - 1] == 0 })
    else { throw Diagnostic(.badBlock(block, padded.shape)) }
    var extents = padded.shape.extents
    for axis in blocked { extents[axis] /= block[axis - 1] }
    // Each factor divides an extent, so the product cannot overflow.
    extents[0] *= block.reduce(1, *)
    return [padded.with(shape: Shape(extents))]
  }

  /// What the operand is after padding.
  private func paddedType(_ operand: TensorType) throws -> TensorType {
    let rank = operand.shape.rank
    guard !block.isEmpty, block.count < rank, before.count == block.count,
      after.count == block.count
    else { throw Diagnostic(.badBlock(block, operand.shape)) }
    return try padding(rank: rank).resultTypes([operand])[0]
  }

  private func padding(rank: Int) -> Pad {
    let rest = Array(repeating: 0, count: rank - 1 - block.count)
    return Pad(before: [0] + before + rest, after: [0] + after + rest)
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let padded = try paddedType(site.operands[0])
    let padding = try padding(rank: padded.shape.rank).kernel(
      for: Site(operands: site.operands, constants: site.constants, results: [padded]))
    let blocks = StridedCopy.kernel(
      view(of: padded.shape), of: Site(operands: [padded], constants: [nil], results: site.results))
    return padding.followed(by: blocks, through: padded)
  }

  /// Places within a block come first, then images, then blocks, then what lies in each element of a block.
  private func view(of padded: Shape) -> StridedView {
    let (extents, strides) = (padded.extents, padded.strides)
    let spatial = 1..<block.count + 1
    let rest = block.count + 1..<padded.rank
    return StridedView(
      Shape(block + [extents[0]] + spatial.map { extents[$0] / block[$0 - 1] } + extents[rest]),
      strides: strides[spatial] + [strides[0]] + spatial.map { strides[$0] * block[$0 - 1] }
        + strides[rest])
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      SpaceToBatch(block: [2], before: [1], after: [0]),
      [Tensor(TensorType(.f32, [1, 3, 1]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.f32, [2, 2, 1]), numbers: [0, 2, 1, 3])])
  ]
}

extension Kernel {
  /// Both kernels in turn; the result of the first, of the given type, is the only operand of the second.
  func followed(by next: Kernel, through type: TensorType) -> Kernel {
    let byteCount = type.byteCount
    return Kernel { operands, results, workers in
      try withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { memory in
        try run(operands, [memory], workers)
        try next.run([UnsafeRawBufferPointer(memory)], results, workers)
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badBlock(_ block: [Int], _ shape: Shape) -> Self {
    Self(
      id: "bad-block", .malformed,
      "`space_to_batch` cannot cut \(shape) into blocks of \(block)")
  }
}
