import GraphIR
import Support
import Tensors

/// One of any number of axes along which a window moves, with pads that are given.
struct WindowAxis: Sendable {
  /// The extent of the image.
  let input: Int
  /// How many positions the window has.
  let output: Int
  /// How many elements the window has.
  let kernel: Int
  private let stride: Int
  private let dilation: Int
  private let padBefore: Int
  private let padAfter: Int

  /// The axes of a window over an image.
  ///
  /// - Parameters:
  ///   - extents, kernel, stride, dilation: a number for each axis.
  ///   - pads: those before the axes, then those behind them.
  ///   - roundsUp: whether a last window counts that only begins inside.
  /// - Throws: a `Diagnostic` if a list has another length, a number is out of range, or no window fits.
  static func axes(
    over extents: [Int], kernel: [Int], stride: [Int], dilation: [Int], pads: [Int],
    roundsUp: Bool = false, kind: String
  ) throws -> [WindowAxis] {
    let rank = extents.count
    guard rank > 0, pads.count == 2 * rank, pads.allSatisfy({ (0..<1 << 20).contains($0) }),
      [kernel, stride, dilation].allSatisfy({ list in
        list.count == rank && list.allSatisfy { (1...1 << 20).contains($0) }
      })
    else { throw Diagnostic(.badWindow(kernel, stride, dilation, pads, kind)) }
    return try extents.indices.map { axis in
      let axis = WindowAxis(
        input: extents[axis], kernel: kernel[axis], stride: stride[axis],
        dilation: dilation[axis], padBefore: pads[axis], padAfter: pads[rank + axis],
        roundsUp: roundsUp)
      guard axis.output > 0 else { throw Diagnostic(.windowTooLarge(kernel, extents, kind)) }
      return axis
    }
  }

  private init(
    input: Int, kernel: Int, stride: Int, dilation: Int, padBefore: Int, padAfter: Int,
    roundsUp: Bool
  ) {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padBefore = padBefore
    self.padAfter = padAfter
    let room = input + padBefore + padAfter - (kernel - 1) * dilation - 1
    var output = room < 0 ? 0 : (room + (roundsUp ? stride - 1 : 0)) / stride + 1
    // A window that begins in the pads behind the image is none.
    if roundsUp, (output - 1) * stride >= input + padBefore { output -= 1 }
    self.output = output
  }

  /// Where the window at `position` begins, negative in the pads before the image.
  func start(_ position: Int) -> Int { position * stride - padBefore }

  /// The index that an element of the window has, which need not lie inside.
  func index(_ position: Int, _ tap: Int) -> Int { start(position) + tap * dilation }

  /// The elements of the window at `position` that lie inside.
  func taps(_ position: Int) -> Range<Int> { taps(position, upTo: input, from: 0) }

  /// How many elements of the window at `position` lie inside or in the pads.
  func paddedCount(_ position: Int) -> Int {
    taps(position, upTo: input + padAfter, from: -padBefore).count
  }

  private func taps(_ position: Int, upTo end: Int, from begin: Int) -> Range<Int> {
    let start = start(position)
    let first = start >= begin ? 0 : (begin - start + dilation - 1) / dilation
    let last = start >= end ? 0 : min(kernel, (end - start + dilation - 1) / dilation)
    return first..<max(first, last)
  }
}

/// The windows over an image of any number of axes, numbered in row-major order.
struct ImageWindows: Sendable {
  let axes: [WindowAxis]
  private let steps: [Int]

  init(_ axes: [WindowAxis]) {
    self.axes = axes
    steps = Shape(axes.map(\.output)).strides
  }

  /// How many windows there are.
  var count: Int { axes.reduce(1) { $0 * $1.output } }

  /// How many pixels the image has.
  var pixels: Int { axes.reduce(1) { $0 * $1.input } }

  /// How many elements a window has.
  var taps: Int { axes.reduce(1) { Work.product($0, $1.kernel) } }

  /// Calls `body` with each pixel that a window covers and the element of the window that lies there.
  func forEachPixel(of window: Int, _ body: (_ pixel: Int, _ tap: Int) -> Void) {
    visit(0, window, 0, 0, body)
  }

  private func visit(
    _ axis: Int, _ window: Int, _ pixel: Int, _ tap: Int, _ body: (Int, Int) -> Void
  ) {
    guard axis < axes.count else { return body(pixel, tap) }
    let along = axes[axis]
    let position = position(of: window, along: axis)
    for element in along.taps(position) {
      visit(
        axis + 1, window, pixel * along.input + along.index(position, element),
        tap * along.kernel + element, body)
    }
  }

  /// The window's position along an axis.
  func position(of window: Int, along axis: Int) -> Int {
    window / steps[axis] % axes[axis].output
  }

  /// How many elements of a window lie inside, or with the pads.
  func count(of window: Int, withPads: Bool) -> Int {
    axes.indices.reduce(1) { count, axis in
      let position = position(of: window, along: axis)
      return count
        * (withPads ? axes[axis].paddedCount(position) : axes[axis].taps(position).count)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badWindow(
    _ kernel: [Int], _ stride: [Int], _ dilation: [Int], _ pads: [Int], _ kind: String
  ) -> Self {
    Self(
      id: "bad-window-axes", .malformed,
      "`\(kind)` cannot have the window \(kernel) with strides \(stride), dilations \(dilation) and pads \(pads)"
    )
  }

  fileprivate static func windowTooLarge(
    _ kernel: [Int], _ extents: [Int], _ kind: String
  ) -> Self {
    Self(
      id: "window-too-large", .malformed,
      "the window \(kernel) of `\(kind)` does not fit into the padded image around \(extents)")
  }
}
