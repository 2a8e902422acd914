import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  static let grids: [String: ONNXConverter] = [
    "GridSample": { node, builder in [.tensor(try builder.gridSample(node))] },
    "AffineGrid": { node, builder in [.tensor(try builder.affineGrid(node))] },
  ]
}

extension ONNXGraphBuilder {
  fileprivate mutating func gridSample(_ node: ONNXNode) throws -> ValueID {
    let op = GridSample(
      method: try Self.gridMethod(node), padding: try Self.gridPadding(node),
      alignsCorners: try node.integer("align_corners", default: 0) != 0)
    return try channelsFirst(apply(op, channelsLast(node.operand(0)), node.operand(1)))
  }

  private static func gridMethod(_ node: ONNXNode) throws -> GridMethod {
    switch try node.string("mode", default: "linear") {
    case "nearest": return .nearest
    case "linear", "bilinear": return .linear
    case "cubic", "bicubic": return .cubic
    case let other: throw Diagnostic(.image(node.kind, "has the mode `\(other)`"))
    }
  }

  private static func gridPadding(_ node: ONNXNode) throws -> GridPadding {
    let name = try node.string("padding_mode", default: "zeros")
    guard let padding = GridPadding(rawValue: name) else {
      throw Diagnostic(.image(node.kind, "has the padding mode `\(name)`"))
    }
    return padding
  }

  /// A constant grid, each of whose positions is multiplied by the matrix of its image.
  fileprivate mutating func affineGrid(_ node: ONNXNode) throws -> ValueID {
    let matrices = try node.operand(0)
    let size = try integers(node.operand(1), "the grid's size")
    let image = Array(size.dropFirst(2))
    guard (2...3).contains(image.count), let places = Shape(checking: image),
      places.elementCount <= 1 << 28,
      shape(matrices).extents == [size[0], image.count, image.count + 1]
    else {
      throw Diagnostic(.image(node.kind, "of shape \(shape(matrices)) has the size \(size)"))
    }
    let aligns = try node.integer("align_corners", default: 0) != 0
    let grid = Self.grid(places, alignsCorners: aligns)
    let product = try apply(
      BatchMatMul(transposesFirst: false, transposesSecond: true, fusesProducts: true),
      cast(constant(grid), to: element(matrices)), matrices)
    return try reshape(product, [size[0]] + image + [image.count])
  }

  /// The positions of all places from −1 to 1 along each axis, the last axis first, and 1 behind them.
  private static func grid(_ places: Shape, alignsCorners: Bool) -> Tensor {
    var index = places.extents.map { _ in 0 }
    var numbers: [Float] = []
    for _ in 0..<places.elementCount {
      for axis in index.indices.reversed() {
        numbers.append(position(index[axis], of: places[axis], alignsCorners: alignsCorners))
      }
      numbers.append(1)
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < places[axis] { break }
        index[axis] = 0
      }
    }
    let shape: Shape = [1, places.elementCount, places.rank + 1]
    return Tensor(TensorType(.f32, shape), TensorData(numbers))
  }

  private static func position(_ index: Int, of extent: Int, alignsCorners: Bool) -> Float {
    guard alignsCorners else { return Float(2 * index + 1) / Float(extent) - 1 }
    return extent == 1 ? 0 : Float(2 * index) / Float(extent - 1) - 1
  }
}
