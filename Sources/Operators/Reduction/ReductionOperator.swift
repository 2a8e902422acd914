import GraphIR
import Support
import Tensors

/// Combines the elements along some axes into one, of `f32` tensors, in row-major order of the operand.
public protocol ReductionOperator: Operator {
  /// The axes that vanish; negative ones count from the back.
  var axes: [Int] { get }
  /// Whether they stay, with an extent of 1.
  var keepsAxes: Bool { get }

  /// What a result starts from.
  static var start: Float { get }

  /// Takes one more element into a result.
  static func combine(_ sum: Float, _ x: Float) -> Float

  /// What becomes of a result at the end; `count` elements went into it.
  static func finish(_ sum: Float, count: Int) -> Float
}

extension ReductionOperator {
  /// The result as it is: only a mean has anything left to do.
  public static func finish(_ sum: Float, count: Int) -> Float { sum }

  /// The operand's extents without the reduced ones, or with 1 in their places.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let shape = operands[0].shape
    let reduced = try reducedAxes(shape)
    let extents = shape.extents.indices.compactMap { axis -> Int? in
      reduced.contains(axis) ? (keepsAxes ? 1 : nil) : shape[axis]
    }
    return [TensorType(operands[0].element, Shape(extents))]
  }

  /// Refuses elements other than `f32`.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  private func reducedAxes(_ shape: Shape) throws -> Set<Int> {
    Set(try axes.map { try ElementChecks.axis($0, rank: shape.rank, Self.name) })
  }

  /// Walks once over the operand and combines each element with the result that it belongs to:
  /// sums add in the operand's order.
  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let reduced = try reducedAxes(shape)
    let kept = Shape(shape.extents.indices.map { reduced.contains($0) ? 1 : shape[$0] })
    let targets = Broadcast.view(kept, as: shape)
    let results = site.results[0].elementCount
    return Kernel { operands, outputs, _ in
      let x = operands[0].pointer(to: Float.self)
      let y = outputs[0].pointer(to: Float.self)
      for index in 0..<results { y[index] = Self.start }
      var position = 0
      let run = targets.run
      targets.forEachRun { offset in
        for index in 0..<run.count {
          y[offset + index * run.stride] = Self.combine(y[offset + index * run.stride], x[position])
          position += 1
        }
      }
      for index in 0..<results { y[index] = Self.finish(y[index], count: position / results) }
    }
  }

  /// One operation for each element of the operand.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }
}
