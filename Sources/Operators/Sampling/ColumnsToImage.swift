import GraphIR
import Support
import Tensors

/// Windows put back where they were taken from, elements of several windows for one pixel added up.
///
/// The operand is of `f32`, `[batch, channels · elements of a window, windows]`.
///
/// ONNX: `Col2Im`.
public struct ColumnsToImage: Operator {
  public static let name = "columns_to_image"
  /// The extents of the image.
  public var size: [Int]
  /// The extents of the window.
  public var kernel: [Int]
  /// By how much the window moves along each axis.
  public var stride: [Int]
  /// By how much its elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// The pads before each axis, then those behind each, which are no part of the result.
  public var pads: [Int]

  public init() { self.init(size: [1], kernel: [1]) }

  /// - Parameters:
  ///   - size, kernel, stride, dilation: a positive number for each axis; 1 where left out.
  ///   - pads: two numbers for each axis; 0 where left out.
  public init(
    size: [Int], kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil, pads: [Int]? = nil
  ) {
    self.size = size
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.pads = pads ?? (kernel + kernel).map { _ in 0 }
  }

  /// `[batch, channels, …]` with the image's extents.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 3, Self.name)
    let columns = operands[0].shape
    guard Shape(checking: size) != nil else { throw Diagnostic(.badColumns(columns, size, kernel)) }
    let windows = try windows()
    guard columns[1] % windows.taps == 0, columns[2] == windows.count,
      let shape = Shape(checking: [columns[0], columns[1] / windows.taps] + size)
    else { throw Diagnostic(.badColumns(columns, size, kernel)) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  private func windows() throws -> ImageWindows {
    ImageWindows(
      try WindowAxis.axes(
        over: size, kernel: kernel, stride: stride, dilation: dilation, pads: pads,
        kind: Self.name))
  }

  /// Works on planes of the result in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let windows = try windows()
    let (count, taps, pixels) = (windows.count, windows.taps, windows.pixels)
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(site.results[0].elementCount / pixels, grain: max(1, 4096 / pixels)) { part in
        for plane in part {
          let (columns, image) = (x.pointer + plane * taps * count, y.pointer + plane * pixels)
          image.update(repeating: 0, count: pixels)
          for window in 0..<count {
            windows.forEachPixel(of: window) { pixel, tap in
              image[pixel] += columns[tap * count + window]
            }
          }
        }
      }
    }
  }

  /// One sum for each element of the operand.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: operands[0].elementCount)
  }

  public static let examples = [
    // Windows of two over three pixels, which share the one in the middle.
    Example(
      ColumnsToImage(size: [1, 3], kernel: [1, 2]),
      [Tensor(TensorType(.f32, [1, 2, 2]), numbers: [1, 2, 10, 20])],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 3]), numbers: [1, 12, 20])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badColumns(_ columns: Shape, _ size: [Int], _ kernel: [Int]) -> Self {
    Self(
      id: "bad-columns", .malformed,
      "`columns_to_image` cannot make windows \(kernel) over an image \(size) of shape \(columns)")
  }
}
