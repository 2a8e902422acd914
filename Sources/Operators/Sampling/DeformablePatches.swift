import GraphIR
import Support
import Tensors

/// The windows over images NHWC as rows of channels, each element of a window moved by an offset and weighted from the
/// four nearest pixels, of which those outside are 0: the first half of a deformable convolution, of which a convolution
/// of single pixels is the second.
///
/// Operands, all of `f32`: images; offsets `[batch, height, width, groups · elements of the window · 2]`, those along
/// height before those along width; and optionally factors, with half as many channels. The result has for each channel
/// the elements of its window one behind the other.
///
/// ONNX: part of `DeformConv`. Source: Zhu et al., "Deformable ConvNets v2", CVPR 2019.
public struct DeformablePatches: Operator {
  public static let name = "deformable_patches"
  /// Height and width of the window.
  public var kernel: [Int]
  /// Height and width by which the window moves.
  public var stride: [Int]
  /// Height and width by which its elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// Rows above, columns to the left, rows below and columns to the right.
  public var pads: [Int]
  /// How many groups of channels have offsets of their own.
  public var groups: Int

  public init() { self.init(kernel: [1, 1]) }

  /// - Parameters:
  ///   - kernel, stride, dilation: height and width, all positive.
  ///   - pads: not negative.
  ///   - groups: divides the channels.
  public init(
    kernel: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1], pads: [Int] = [0, 0, 0, 0],
    groups: Int = 1
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.pads = pads
    self.groups = groups
  }

  /// `[batch, height, width, channels · elements of the window]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let (images, windows) = (operands[0].shape, try windows(operands))
    guard groups > 0, images[3] % groups == 0, windows.taps <= 1 << 20 else {
      throw Diagnostic(.badGroups(groups, images))
    }
    let extents = [images[0]] + windows.axes.map(\.output)
    let offsets = groups * windows.taps
    try ElementChecks.shape(operands, 1, Shape(extents + [2 * offsets]), Self.name)
    if operands.count == 3 {
      try ElementChecks.shape(operands, 2, Shape(extents + [offsets]), Self.name)
    }
    let channels = Work.product(images[3], windows.taps)
    return [TensorType(operands[0].element, Shape(extents + [channels]))]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, [.f32], Self.name)
  }

  private func windows(_ operands: [TensorType]) throws -> ImageWindows {
    ImageWindows(
      try WindowAxis.axes(
        over: Array(operands[0].shape.extents[1...2]), kernel: kernel, stride: stride,
        dilation: dilation, pads: pads, kind: Self.name))
  }

  /// Works on windows in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let walk = DeformedWindows(
      windows: try windows(site.operands), images: site.operands[0].shape, groups: groups)
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let offsets = Shared(operands[1].pointer(to: Float.self))
      let factors = Shared(operands.count > 2 ? operands[2].pointer(to: Float.self) : nil)
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(walk.count, grain: 16) { part in
        for place in part {
          walk.fill(place, x.pointer, offsets.pointer, factors.pointer, y.pointer)
        }
      }
    }
  }

  /// Four weighted pixels for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, results[0].elementCount))
  }

  public static let examples = [
    // Half a row down with a factor of 10, and half a column to the right, where half is outside.
    Example(
      DeformablePatches(kernel: [1, 2]),
      [
        Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [1, 2, 1, 4]), numbers: [0.5, 0, 0, 0.5, 0, 0, 0, 0]),
        Tensor(TensorType(.f32, [1, 2, 1, 2]), numbers: [10, 1, 1, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 2, 1, 2]), numbers: [20, 1, 3, 4])])
  ]
}

/// Windows over images whose elements are moved.
private struct DeformedWindows: Sendable {
  let windows: ImageWindows
  let images: Shape
  let groups: Int

  /// How many windows there are over all images.
  var count: Int { images[0] * windows.count }

  /// Fills the row of the result for the window with this number, counted over all images.
  func fill(
    _ place: Int, _ x: UnsafePointer<Float>, _ offsets: UnsafePointer<Float>,
    _ factors: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
  ) {
    let (taps, channels) = (windows.taps, images[3])
    let image = x + place / windows.count * windows.pixels * channels
    let row = y + place * taps * channels
    row.update(repeating: 0, count: taps * channels)
    for group in 0..<groups {
      for tap in 0..<taps {
        let number = (place * groups + group) * taps + tap
        let position = position(
          place % windows.count, tap, offsets[2 * number], offsets[2 * number + 1])
        let own = channels / groups
        let part = group * own..<(group + 1) * own
        for (pixel, weight) in neighbours(position.row, position.column) {
          let factor = weight * (factors?[number] ?? 1)
          for channel in part {
            row[channel * taps + tap] += factor * image[pixel * channels + channel]
          }
        }
      }
    }
  }

  private func position(
    _ window: Int, _ tap: Int, _ down: Float, _ right: Float
  ) -> (row: Float, column: Float) {
    let width = windows.axes[1].kernel
    let row = windows.axes[0].index(windows.position(of: window, along: 0), tap / width)
    let column = windows.axes[1].index(windows.position(of: window, along: 1), tap % width)
    return (Float(row) + down, Float(column) + right)
  }

  /// The pixels next to a position that lie inside, with their weights.
  private func neighbours(_ row: Float, _ column: Float) -> [(pixel: Int, weight: Float)] {
    guard row > -1, row < Float(images[1]), column > -1, column < Float(images[2]) else {
      return []
    }
    let (top, left) = (row.rounded(.down), column.rounded(.down))
    var found: [(pixel: Int, weight: Float)] = []
    for (v, down) in [(Int(top), 1 - (row - top)), (Int(top) + 1, row - top)] {
      for (u, right) in [(Int(left), 1 - (column - left)), (Int(left) + 1, column - left)] {
        guard (0..<images[1]).contains(v), (0..<images[2]).contains(u) else { continue }
        found.append((v * images[2] + u, down * right))
      }
    }
    return found
  }
}

extension Diagnostic.Message {
  fileprivate static func badGroups(_ groups: Int, _ images: Shape) -> Self {
    Self(
      id: "bad-groups", .malformed,
      "`deformable_patches` cannot divide the channels of \(images) into \(groups) groups")
  }
}
