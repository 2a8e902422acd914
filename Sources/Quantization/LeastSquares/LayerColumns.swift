import GraphIR
import Operators
import Tensors

/// A weighted layer as a product of matrices: each output position has a column of inputs for each group of channels, and each
/// output channel is a row of weights that its group's column is multiplied by.
package struct LayerColumns {
  /// Groups of input channels, each of which has output channels of its own.
  package let groups: Int
  /// Weights of an output channel.
  package let width: Int
  /// Output channels of a group.
  package let rows: Int
  /// Positions of the output in one run.
  package let positions: Int
  private let taps: [Tap]
  private let output: (height: Int, width: Int)
  private let image: (height: Int, width: Int, channels: Int)
  private let stride: (height: Int, width: Int)
  private let isTransposed: Bool
  private let isChannelLast: Bool

  /// An element of the window: by how much its row and column of the image lie behind those of the output times the stride.
  private struct Tap {
    let row: Int
    let column: Int
  }

  /// - Returns: nil for operators whose products have another form.
  package init?(_ graph: Graph, _ node: NodeID) {
    let operands = graph.types(of: graph.nodes[node].inputs)
    guard operands.count > 1 else { return nil }
    let weights = operands[1].shape
    switch graph.nodes[node].op {
    case is FullyConnected:
      let positions = operands[0].elementCount / max(1, weights[1])
      self.init(groups: 1, width: weights[1], rows: weights[0], positions)
    case let op as Conv2D:
      self.init(op, operands, groups: operands[0].shape[3] / weights[3])
    case let op as DepthwiseConv2D: self.init(op, operands, groups: operands[0].shape[3])
    case let op as TransposeConv2D:
      self.init(transposed: op, operands, groups: operands[0].shape[3] / weights[3])
    default: return nil
    }
  }

  private init(groups: Int, width: Int, rows: Int, _ positions: Int) {
    (self.groups, self.width, self.rows, self.positions) = (groups, width, rows, positions)
    taps = [Tap(row: 0, column: 0)]
    output = (positions, 1)
    image = (positions, 1, width)
    stride = (1, 1)
    (isTransposed, isChannelLast) = (false, false)
  }

  private init?(
    _ op: any ConvolutionOperator, _ operands: [TensorType], groups: Int
  ) {
    guard let window = try? op.window(operands) else { return nil }
    let shape = operands[0].shape
    let channels = operands[1].shape[type(of: op).channelAxis]
    self.groups = groups
    width = window.kernel.product * (shape[3] / groups)
    rows = channels / groups
    positions = shape[0] * window.output.product
    output = (window.output.height, window.output.width)
    image = (shape[1], shape[2], shape[3])
    stride = (window.stride.height, window.stride.width)
    taps = Self.taps(window) {
      Tap(
        row: $0 * window.dilation.height - window.padBefore.height,
        column: $1 * window.dilation.width - window.padBefore.width)
    }
    isTransposed = false
    isChannelLast = op is DepthwiseConv2D
  }

  private init?(transposed op: TransposeConv2D, _ operands: [TensorType], groups: Int) {
    guard let window = try? op.window(operands) else { return nil }
    let shape = operands[0].shape
    self.groups = groups
    width = window.kernel.product * (shape[3] / groups)
    rows = operands[1].shape[0] / groups
    positions = shape[0] * op.size[0] * op.size[1]
    output = (op.size[0], op.size[1])
    image = (shape[1], shape[2], shape[3])
    stride = (window.stride.height, window.stride.width)
    taps = Self.taps(window) {
      Tap(row: window.padBefore.height - $0, column: window.padBefore.width - $1)
    }
    (isTransposed, isChannelLast) = (true, false)
  }

  private static func taps(_ window: Window, _ tap: (Int, Int) -> Tap) -> [Tap] {
    (0..<window.kernel.height).flatMap { row in
      (0..<window.kernel.width).map { tap(row, $0) }
    }
  }

  /// How far weights of one column lie apart in their tensor, and those of one row.
  package var weightStrides: (row: Int, column: Int) {
    isChannelLast ? (1, groups * rows) : (width, 1)
  }

  /// The place of a weight in its tensor.
  package func element(group: Int, row: Int, _ column: Int) -> Int {
    (group * rows + row) * weightStrides.row + column * weightStrides.column
  }

  /// Elements of the window.
  package var tapCount: Int { taps.count }
  /// Input channels of all groups.
  package var channels: Int { image.channels }
  /// Numbers of all groups' columns at one position.
  package var length: Int { tapCount * channels }

  /// The place of a column's element among the columns of all groups at a position, which are [tapCount][channels].
  package func place(group: Int, _ column: Int) -> Int {
    let depth = channels / groups
    return column / depth * channels + group * depth + column % depth
  }

  /// Writes the columns of all groups at a position, [tapCount][channels].
  package func write(
    _ position: Int, of image: UnsafeBufferPointer<Float>, to result: UnsafeMutablePointer<Float>
  ) {
    guard let image = image.baseAddress else { return }
    for (index, tap) in taps.enumerated() {
      let target = result + index * channels
      if let start = start(of: tap, at: position) {
        target.update(from: image + start, count: channels)
      } else {
        target.update(repeating: 0, count: channels)
      }
    }
  }

  /// The first channel of the pixel that an element of the window is at; nil over padding.
  private func start(of tap: Tap, at position: Int) -> Int? {
    let column = position % output.width
    let row = position / output.width % output.height
    let batch = position / output.width / output.height
    guard let y = place(row, stride.height, tap.row, image.height),
      let x = place(column, stride.width, tap.column, image.width)
    else { return nil }
    return ((batch * image.height + y) * image.width + x) * image.channels
  }

  private func place(_ output: Int, _ stride: Int, _ offset: Int, _ extent: Int) -> Int? {
    guard isTransposed else {
      let place = output * stride + offset
      return 0..<extent ~= place ? place : nil
    }
    let place = output + offset
    guard place >= 0, place % stride == 0, place / stride < extent else { return nil }
    return place / stride
  }
}
