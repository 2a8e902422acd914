import GraphIR
import Support
import Tensors

/// Elements of a tensor seen in another order: element `(i₀, i₁, …)` of the view is `base + Σ iₖ · strides[k]`.
struct StridedView: Sendable {
  let shape: Shape
  let base: Int
  /// In elements; negative to go backwards, 0 to repeat.
  let strides: [Int]

  /// A part of a tensor of the given shape.
  init(_ shape: Shape, of whole: Shape, begin: [Int], step: [Int]) {
    self.shape = shape
    let wholeStrides = whole.strides
    base = zip(begin, wholeStrides).reduce(0) { $0 + $1.0 * $1.1 }
    strides = zip(step, wholeStrides).map { $0 * $1 }
  }

  init(_ shape: Shape, base: Int = 0, strides: [Int]) {
    self.shape = shape
    self.base = base
    self.strides = strides
  }

  /// Calls `body` with the offset of each run of the last axis, in row-major order.
  func forEachRun(_ body: (_ offset: Int) -> Void) {
    guard shape.rank > 1 else { return body(base) }
    let outer = Shape(Array(shape.extents.dropLast()))
    var index = Array(repeating: 0, count: outer.rank)
    for _ in 0..<outer.elementCount {
      var offset = base
      for axis in index.indices { offset += index[axis] * strides[axis] }
      body(offset)
      Broadcast.advance(&index, in: outer)
    }
  }

  /// The number of elements in a run, and their distance.
  var run: (count: Int, stride: Int) { (shape.extents.last ?? 1, strides.last ?? 1) }
}

extension StridedView {
  /// The same elements in the same order in fewer axes: neighbours that are walked in equal steps become one, those of one
  /// index vanish.
  var merged: StridedView {
    var extents: [Int] = []
    var steps: [Int] = []
    for (extent, stride) in zip(shape.extents, strides) where extent != 1 {
      guard let step = steps.last, let count = extents.last, step == extent * stride else {
        extents.append(extent)
        steps.append(stride)
        continue
      }
      extents[extents.count - 1] = count * extent
      steps[steps.count - 1] = stride
    }
    return StridedView(Shape(extents), base: base, strides: steps)
  }

  /// The last two axes, as rows and columns, with a row of the same length for each view of less.
  fileprivate var plane: Plane {
    let missing = max(0, 2 - shape.rank)
    let (extents, steps) = (
      Array(repeating: 1, count: missing) + shape.extents.suffix(2),
      Array(repeating: 0, count: missing) + strides.suffix(2)
    )
    return Plane(rows: extents[0], columns: extents[1], rowStride: steps[0], columnStride: steps[1])
  }

  /// Calls `body` with the offset of each plane of the last two axes, in row-major order.
  fileprivate func forEachPlane(_ body: (_ offset: Int) -> Void) {
    StridedView(
      Shape(shape.extents.dropLast(2) + [1]), base: base, strides: strides.dropLast(2) + [1]
    ).forEachRun(body)
  }
}

/// How the elements of a matrix lie.
private struct Plane {
  let rows: Int
  let columns: Int
  let rowStride: Int
  let columnStride: Int

  var count: Int { rows * columns }

  /// The same matrix without gaps.
  var dense: Plane { Plane(rows: rows, columns: columns, rowStride: columns, columnStride: 1) }
}

/// Moves elements of any type of whole bytes.
enum StridedCopy {
  /// Fills `result` with the elements of a view of `operand`.
  static func gather(
    _ view: StridedView, _ operand: UnsafeRawBufferPointer,
    into result: UnsafeMutableRawBufferPointer, elementBytes width: Int
  ) {
    forEachPlane(of: view) { plane, offset, position in
      copy(plane, operand, offset, to: plane.dense, result, position, elementBytes: width)
    }
  }

  /// Puts the elements of `operand` where a view of `result` has them.
  static func scatter(
    _ operand: UnsafeRawBufferPointer, _ view: StridedView,
    into result: UnsafeMutableRawBufferPointer, elementBytes width: Int
  ) {
    forEachPlane(of: view) { plane, offset, position in
      copy(plane.dense, operand, position, to: plane, result, offset, elementBytes: width)
    }
  }

  /// Calls `body` with each plane of a view, where it lies there, and where it lies without gaps.
  private static func forEachPlane(
    of view: StridedView, _ body: (_ plane: Plane, _ offset: Int, _ position: Int) -> Void
  ) {
    guard !view.shape.extents.contains(0) else { return }
    let view = view.merged
    let plane = view.plane
    var position = 0
    view.forEachPlane { offset in
      body(plane, offset, position)
      position += plane.count
    }
  }

  /// The kernel of an operator whose only result is a view of its first operand.
  static func kernel(_ view: StridedView, of site: Site) -> Kernel { kernel([view], of: site) }

  /// The kernel of an operator whose results are views of its first operand.
  static func kernel(_ views: [StridedView], of site: Site) -> Kernel {
    let width = site.operands[0].element.bitWidth / 8
    return Kernel { operands, results, _ in
      for (view, result) in zip(views, results) {
        gather(view, operands[0], into: result, elementBytes: width)
      }
    }
  }

  private static func copy(
    _ from: Plane, _ source: UnsafeRawBufferPointer, _ start: Int, to: Plane,
    _ destination: UnsafeMutableRawBufferPointer, _ place: Int, elementBytes width: Int
  ) {
    func copy<Element: BitwiseCopyable>(_ type: Element.Type) {
      self.copy(
        from, source.pointer(to: type) + start, to: to, destination.pointer(to: type) + place)
    }
    switch width {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }

  /// In bands of rows, so that cache lines are used as long as they are there, whichever way a matrix is turned.
  private static func copy<Element: BitwiseCopyable>(
    _ from: Plane, _ x: UnsafePointer<Element>, to: Plane, _ y: UnsafeMutablePointer<Element>
  ) {
    if from.columnStride == 1, to.columnStride == 1 {
      for row in 0..<from.rows {
        (y + row * to.rowStride).update(from: x + row * from.rowStride, count: from.columns)
      }
      return
    }
    guard from.rows > 1 else {
      for index in 0..<from.columns { y[index * to.columnStride] = x[index * from.columnStride] }
      return
    }
    for band in stride(from: 0, to: from.rows, by: 16) {
      let rows = band..<min(band + 16, from.rows)
      for column in 0..<from.columns {
        let (x, y) = (x + column * from.columnStride, y + column * to.columnStride)
        for row in rows { y[row * to.rowStride] = x[row * from.rowStride] }
      }
    }
  }
}
