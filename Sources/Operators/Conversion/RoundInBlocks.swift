import GraphIR
import Tensors

/// The numbers that blocks of a narrow format hold in place of real ones; blocks lie along the last axis.
///
/// Hardware that has such a format stores them so; here they stay `f32`, with the digits that the format leaves.
public struct RoundInBlocks: Operator {
  public static let name = "round_in_blocks"
  public static let elements: [ElementType] = [.f32]
  /// Of the numbers within a block.
  public var format: BlockFormat

  public init() { self.init(format: .f8e4m3) }

  /// - Parameter format: of the numbers within a block.
  public init(format: BlockFormat) { self.format = format }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  /// Works on rows in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let length = max(1, site.operands[0].shape.extents.last ?? 1)
    let rows = site.operands[0].elementCount / length
    return Kernel { [format] operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(rows, grain: 64) { part in
        for row in part {
          let numbers = Array(UnsafeBufferPointer(start: x.pointer + row * length, count: length))
          let rounded = format.roundedInBlocks(numbers, rowLength: length)
          for (index, number) in rounded.enumerated() { y.pointer[row * length + index] = number }
        }
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      RoundInBlocks(format: .f4e2m1),
      [Tensor(TensorType(.f32, [1, 5]), numbers: [6, 5, 2.4, -0.3, 0])],
      gives: [Tensor(TensorType(.f32, [1, 5]), numbers: [6, 4, 2, -0.5, 0])]),
    Example(
      RoundInBlocks(format: .i8), [Tensor(TensorType(.f32, [3]), numbers: [1, 0.51, 127])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [1, 1, 127])]),
  ]
}
