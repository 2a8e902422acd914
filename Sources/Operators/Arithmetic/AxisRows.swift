import Support
import Tensors

/// The rows of elements that lie along an axis.
struct AxisRows: Sendable {
  /// The elements of a row.
  let length: Int
  /// The distance between neighbours in a row, which is also how many rows lie side by side.
  let stride: Int
  private let outer: Int

  /// - Throws: a `Diagnostic` if the shape does not have the axis; a negative one counts from the back.
  init(_ axis: Int, of shape: Shape, _ kind: String) throws {
    let axis = try ElementChecks.axis(axis, rank: shape.rank, kind)
    length = shape[axis]
    stride = shape.extents[(axis + 1)...].reduce(1, *)
    outer = shape.extents[..<axis].reduce(1, *)
  }

  /// The number of rows.
  var count: Int { outer * stride }

  /// Calls `body` with the offset of the first element of each row, in row-major order.
  func forEach(_ body: (_ start: Int) -> Void) {
    for block in 0..<outer {
      for column in 0..<stride { body(block * length * stride + column) }
    }
  }
}
