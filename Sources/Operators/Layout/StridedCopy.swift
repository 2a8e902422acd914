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

/// Moves elements of any type of whole bytes.
enum StridedCopy {
  /// Fills `result` with the elements of a view of `operand`.
  static func gather(
    _ view: StridedView, _ operand: UnsafeRawBufferPointer,
    into result: UnsafeMutableRawBufferPointer, elementBytes width: Int
  ) {
    let run = view.run
    var position = 0
    view.forEachRun { offset in
      copyRun(
        operand, offset, run.stride, result, position, 1, count: run.count, elementBytes: width)
      position += run.count
    }
  }

  /// Puts the elements of `operand` where a view of `result` has them.
  static func scatter(
    _ operand: UnsafeRawBufferPointer, _ view: StridedView,
    into result: UnsafeMutableRawBufferPointer, elementBytes width: Int
  ) {
    let run = view.run
    var position = 0
    view.forEachRun { offset in
      copyRun(
        operand, position, 1, result, offset, run.stride, count: run.count, elementBytes: width)
      position += run.count
    }
  }

  /// The kernel of an operator whose only result is a view of its first operand.
  static func kernel(_ view: StridedView, of site: Site) -> Kernel {
    let width = site.results[0].element.bitWidth / 8
    return Kernel { operands, results, _ in
      gather(view, operands[0], into: results[0], elementBytes: width)
    }
  }

  private static func copyRun(
    _ source: UnsafeRawBufferPointer, _ from: Int, _ fromStride: Int,
    _ destination: UnsafeMutableRawBufferPointer, _ to: Int, _ toStride: Int, count: Int,
    elementBytes width: Int
  ) {
    guard let source = source.baseAddress, let destination = destination.baseAddress else { return }
    if fromStride == 1, toStride == 1 {
      (destination + to * width).copyMemory(from: source + from * width, byteCount: count * width)
      return
    }
    switch width {
    case 1: copy(UInt8.self, source, from, fromStride, destination, to, toStride, count)
    case 2: copy(UInt16.self, source, from, fromStride, destination, to, toStride, count)
    case 4: copy(UInt32.self, source, from, fromStride, destination, to, toStride, count)
    default: copy(UInt64.self, source, from, fromStride, destination, to, toStride, count)
    }
  }

  private static func copy<Element: BitwiseCopyable>(
    _ type: Element.Type, _ source: UnsafeRawPointer, _ from: Int, _ fromStride: Int,
    _ destination: UnsafeMutableRawPointer, _ to: Int, _ toStride: Int, _ count: Int
  ) {
    let x = source.assumingMemoryBound(to: type) + from
    let y = destination.assumingMemoryBound(to: type) + to
    for index in 0..<count { y[index * toStride] = x[index * fromStride] }
  }
}
