import GraphIR
import Operators
import Tensors

extension TFLiteLegalization {
  /// Pools and samples of images with two axes.
  static let images = Pass.rewrite(
    "pool-in-two-axes", "express pools and samples of any axes by those of images",
    Rule(replacing: WindowPool.self) { graph, id, op in try graph.pool(id, op) },
    Rule(replacing: Resize.self) { graph, id, op in
      try graph.bilinear(id, op) ?? graph.nearest(id, op)
    })

  /// Indices that count from the back, as those from the front that they stand for.
  static let indices = Pass.rewrite(
    "count-from-front", "count all indices from the front",
    Rule(replacing: Gather.self) { graph, id, op in
      guard op.countsFromBack else { return nil }
      var legal = op
      legal.countsFromBack = false
      let axis = op.axis < 0 ? op.axis + graph.values[graph.input(of: id)].type.shape.rank : op.axis
      let extent = graph.values[graph.input(of: id)].type.shape[axis]
      let indices = try graph.countedFromFront(graph.nodes[id].inputs[1], extent, before: id)
      return try graph.insert(legal, [graph.input(of: id), indices], like: id)
    },
    Rule(replacing: OneHot.self) { graph, id, op in
      guard op.countsFromBack else { return nil }
      var legal = op
      legal.countsFromBack = false
      let indices = try graph.countedFromFront(graph.input(of: id), op.depth, before: id)
      return try graph.insert(legal, [indices] + graph.nodes[id].inputs.dropFirst(), like: id)
    })
}

extension Graph {
  /// `index` where it is not negative, and `index + extent` elsewhere.
  ///
  /// What is beyond the extent stays beyond it.
  fileprivate mutating func countedFromFront(_ indices: ValueID, _ extent: Int, before id: NodeID)
    throws -> ValueID
  {
    let isNegative = try insert(Less(), [indices, scalar(0, as: indices)], before: id)[0]
    let moved = try insert(Add(), [indices, scalar(Double(extent), as: indices)], before: id)[0]
    return try insert(Select(), [isNegative, moved, indices], before: id)[0]
  }

  /// A pool over height and width; nil for others.
  fileprivate mutating func pool(_ id: NodeID, _ op: WindowPool) throws -> ValueID? {
    guard op.kernel.count == 2, op.dilation.allSatisfy({ $0 == 1 }) else { return nil }
    let image = values[input(of: id)].type.shape
    let output = values[result(of: id)].type.shape
    // A last window that only begins inside reaches beyond the pads.
    let reach = (0..<2).map {
      (output[$0 + 1] - 1) * op.stride[$0] + op.kernel[$0] - image[$0 + 1] - op.pads[$0]
    }
    let padding = Padding.explicit(
      top: op.pads[0], left: op.pads[1], bottom: max(0, reach[0]), right: max(0, reach[1]))
    switch op.function {
    case .maximum:
      return try insert(
        MaxPool2D(kernel: op.kernel, stride: op.stride, padding: padding), nodes[id].inputs,
        like: id)
    case .mean where !op.countsPads:
      return try insert(
        AveragePool2D(kernel: op.kernel, stride: op.stride, padding: padding), nodes[id].inputs,
        like: id)
    case .mean where !op.roundsUp:
      let pad = Pad(
        before: [0, op.pads[0], op.pads[1], 0], after: [0, op.pads[2], op.pads[3], 0])
      let padded = try insert(pad, [input(of: id)], before: id)[0]
      return try insert(AveragePool2D(kernel: op.kernel, stride: op.stride), [padded], like: id)
    case .mean, .norm: return nil
    }
  }

  /// A bilinear sample of an image, where TFLite places pixels alike; nil elsewhere.
  fileprivate mutating func bilinear(_ id: NodeID, _ op: Resize) throws -> ValueID? {
    guard op.method == .linear, isImage(id, op), !op.antialiases, !op.excludesOutside else {
      return nil
    }
    var legal = ResizeBilinear(size: Array(op.size[1...2]))
    switch op.coordinates {
    case .asymmetric: break
    case .halfPixel: legal.usesHalfPixelCenters = true
    case .alignCorners: legal.alignsCorners = true
    case .pytorchHalfPixel where !legal.size.contains(1): legal.usesHalfPixelCenters = true
    default: return nil
    }
    return try insert(legal, nodes[id].inputs, like: id)
  }

  /// The pixels that are nearest, one axis after the other, by their indices.
  fileprivate mutating func nearest(_ id: NodeID, _ op: Resize) throws -> ValueID? {
    guard op.method == .nearest, op.coordinates != .cropAndResize else { return nil }
    var y = input(of: id)
    for axis in op.size.indices where op.size[axis] != values[y].type.shape[axis] {
      let indices = try op.nearestIndices(along: axis, of: values[y].type.shape[axis])
      let list = addConstant("constant \(values.count)", indices.type, indices.data)
      y = try insert(Gather(axis: axis), [y, list], before: id)[0]
    }
    return y == input(of: id) ? nil : y
  }

  /// Whether only height and width of an image are sampled, at the very ratio of its extents.
  private func isImage(_ id: NodeID, _ op: Resize) -> Bool {
    let shape = values[input(of: id)].type.shape
    return isReal(id) && shape.rank == 4 && op.size[0] == shape[0] && op.size[3] == shape[3]
      && shape.extents.indices.allSatisfy {
        op.scales[$0] == Float(op.size[$0]) / Float(shape[$0])
      }
  }
}

extension Resize {
  /// The index of the element that each one of the result takes: what becomes of the numbers 0, 1, 2, ….
  fileprivate func nearestIndices(along axis: Int, of extent: Int) throws -> Tensor {
    var line = self
    line.size = [size[axis]]
    line.scales = [scales[axis]]
    let places = Tensor(TensorType(.i32, [extent]), numbers: (0..<extent).map(Double.init))
    return try line.evaluate([places])[0]
  }
}
