import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What gives elements another shape or order, or repeats them.
  static let layout: [ONNXForm] = [
    ONNXForm(ArithmeticSequence.self) { op, site, writer in
      try writer.writeSequence(op.count, site)
    },
    ONNXForm(BroadcastTo.self) { _, site, writer in
      let shape = site.resultTypes[0].shape.extents
      try writer.moving(site, in: writer.plainOrder(site.operands[0])) { file, names, _ in
        [file.add("Expand", names + [file.integers(shape, "shape")])]
      }
    },
    ONNXForm(Concatenation.self) { op, site, writer in
      // Numbers of 16 bits are joined as they are stored.
      let isStored = site.types[0].element == .i16 ? true : nil
      try writer.moving(site, movesStored: isStored) { file, names, order in
        [file.add("Concat", names, [.integer("axis", order.place(of: op.axis))])]
      }
    },
    ONNXForm(Pack.self) { op, site, writer in
      let axis = op.axis < 0 ? op.axis + site.resultTypes[0].shape.rank : op.axis
      try writer.moving(site, in: writer.plainOrder(site.operands[0])) { file, names, _ in
        let axes = file.integers([axis], "axes")
        let parts = names.map { file.add("Unsqueeze", [$0, axes]) }
        return [file.add("Concat", parts, [.integer("axis", axis)])]
      }
    },
    ONNXForm(RankOf.self) { _, site, writer in
      let rank = writer.file.scalar(Double(site.shape(0).rank), .i32, "rank")
      writer.define(site.results[0], .plain(0), as: rank)
    },
    ONNXForm(Repeat.self) { op, site, writer in
      try writer.moving(site) { file, names, order in
        [file.add("Tile", names + [file.integers(order.arranged(op.counts), "repeats")])]
      }
    },
    ONNXForm(Reshape.self) { _, site, writer in try writer.reshape(site) },
    ONNXForm(ShapeOf.self) { op, site, writer in
      let extents = site.shape(0).extents.map(Double.init)
      let shape = writer.file.numbers(extents, op.element, isList: true, "shape")
      writer.define(site.results[0], .plain(1), as: shape)
    },
    // Another order of axes is no more than another form of the operand. Those of images are made when something asks for
    // them.
    ONNXForm(Transpose.self) { op, site, writer in
      let common = AxisOrder.common(op.permutation.count).map(\.axes)
      if !common.contains(op.permutation) { _ = try writer.stored(site.results[0]) }
    },
    ONNXForm(ZerosLike.self) { _, site, writer in
      let type = site.resultTypes[0]
      let shape = writer.file.integers(type.shape.extents, "shape")
      let zero = writer.file.scalar(0, type.element, "zero")
      writer.define(
        site.results[0], .plain(type.shape.rank), as: writer.file.add("Expand", [zero, shape]))
    },
  ]
}

extension ONNXGraphWriter {
  /// Elements lie one behind the other as before; of images they do so too with channels before pixels, if these alone
  /// are arranged anew.
  fileprivate mutating func reshape(_ site: ONNXSite) throws {
    let (value, result) = (site.operands[0], site.results[0])
    let (from, to) = (site.types[0], site.resultTypes[0])
    // Then they are the same tensor.
    if from.shape == to.shape, from.quantization == to.quantization || !keepsNumbers(from, to) {
      return
    }
    let isReal = keepsNumbers(from, to) && isQuantized(value) && !site.movesStored([0])
    let turns = keepsImages(value, from.shape, to.shape)
    let order = turns ? AxisOrder.channelsFirst(to.shape.rank) : .plain(to.shape.rank)
    let x =
      turns
      ? try name(of: ValueForm(value, .channelsFirst(from.shape.rank), isReal: isReal))
      : try inRow(value, isReal: isReal)
    let name = file.reshape(x, order.arranged(to.shape.extents))
    if isReal { define(result, order, as: name) } else { defineStored(result, order, as: name) }
  }

  /// Whether real numbers stay the same, and not only stored ones.
  private func keepsNumbers(_ from: TensorType, _ to: TensorType) -> Bool {
    from.quantization == to.quantization && from.quantization?.isPerTensor ?? true
  }

  private func keepsImages(_ value: ValueID, _ from: Shape, _ to: Shape) -> Bool {
    guard from.rank > 2, to.rank > 2, from[0] == to[0], from.extents.last == to.extents.last else {
      return false
    }
    return has(ValueForm(value, .channelsFirst(from.rank)))
      && !has(ValueForm(value, .plain(from.rank)))
  }

  /// Each number is the sum of the one before and the step, rounded as such sums are.
  fileprivate mutating func writeSequence(_ count: Int, _ site: ONNXSite) throws {
    let ends = try site.operands.map { file.reshape(try stored($0), [1]) }
    let steps = file.add("Expand", [ends[1], file.integers([max(0, count - 1)], "shape")])
    let terms = file.add("Concat", [ends[0], steps], [.integer("axis", 0)])
    let sums = file.add("CumSum", [terms, file.scalar(0, .i64, "axis")])
    define(site.results[0], .plain(1), as: sums)
  }
}
