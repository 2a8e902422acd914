import GraphIR
import Support
import Tensors

/// NumPy's rule for operands of different shapes: axes are aligned at the last, and an extent of 1 is repeated.
enum Broadcast {
  /// The shape that both operands are stretched to.
  static func shape(_ a: Shape, _ b: Shape, _ kind: String) throws -> Shape {
    let rank = max(a.rank, b.rank)
    let (long, short) = (padded(a, rank), padded(b, rank))
    let extents = try zip(long, short).map { x, y in
      guard x == y || x == 1 || y == 1 else { throw Diagnostic(.notBroadcastable(a, b, kind)) }
      return x == 1 ? y : x
    }
    guard let shape = Shape(checking: extents) else {
      throw Diagnostic(.notBroadcastable(a, b, kind))
    }
    return shape
  }

  /// The elements of an operand of shape `from`, repeated to fill `to`.
  static func stretch<Element: BitwiseCopyable>(
    _ elements: UnsafePointer<Element>, _ from: Shape, to shape: Shape
  ) -> [Element] {
    let view = view(from, as: shape)
    let run = view.run
    return Array(unsafeUninitializedCapacity: shape.elementCount) { stretched, count in
      view.forEachRun { start in
        for index in 0..<run.count {
          stretched.initializeElement(at: count + index, to: elements[start + index * run.stride])
        }
        count += run.count
      }
    }
  }

  /// A tensor repeated to fill a shape.
  static func view(_ from: Shape, as shape: Shape) -> StridedView {
    let extents = padded(from, shape.rank)
    let strides = Shape(extents).strides
    return StridedView(
      shape, strides: extents.indices.map { extents[$0] == 1 ? 0 : strides[$0] })
  }

  /// The offset of each element of a view, in row-major order.
  static func offsets(_ view: StridedView) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(view.shape.elementCount)
    let run = view.run
    view.forEachRun { start in
      for index in 0..<run.count { offsets.append(start + index * run.stride) }
    }
    return offsets
  }

  /// Steps a multi-dimensional index on to the next element in row-major order.
  static func advance(_ index: inout [Int], in shape: Shape) {
    for axis in index.indices.reversed() {
      index[axis] += 1
      if index[axis] < shape[axis] { return }
      index[axis] = 0
    }
  }

  private static func padded(_ shape: Shape, _ rank: Int) -> [Int] {
    Array(repeating: 1, count: rank - shape.rank) + shape.extents
  }
}

extension Diagnostic.Message {
  fileprivate static func notBroadcastable(_ a: Shape, _ b: Shape, _ kind: String) -> Self {
    Self(
      id: "not-broadcastable", .malformed,
      "operands of `\(kind)` have shapes \(a) and \(b), which do not broadcast")
  }
}
