import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What takes elements away at the ends of axes, adds some, or divides them.
  static let slices: [ONNXForm] = [
    ONNXForm(BorderPad.self) { op, site, writer in
      if op.mode == .wrap { writer.file.require(19) }
      try writer.pad(site, op.before, op.after, op.mode.rawValue)
    },
    ONNXForm(MirrorPad.self) { op, site, writer in
      op.repeatsBorder
        ? try writer.padSymmetric(op, site)
        : try writer.pad(site, op.before, op.after, "reflect")
    },
    ONNXForm(Pad.self) { op, site, writer in try writer.padConstant(op, site) },
    ONNXForm(ReverseSequence.self) { op, site, writer in try writer.reverse(op, site) },
    ONNXForm(Split.self) { op, site, writer in
      try writer.moving(site) { file, names, order in
        let operands = names + [file.integers(op.sizes, "split")]
        let axis = ONNXAttributeProto.integer("axis", order.place(of: op.axis))
        return file.add("Split", operands, [axis], results: op.sizes.count)
      }
    },
    ONNXForm(StridedSlice.self) { op, site, writer in
      try writer.moving(site) { file, names, order in
        [file.slice(names[0], op, of: site.shape(0), order)]
      }
    },
    ONNXForm(Unpack.self) { op, site, writer in
      let axis = op.axis < 0 ? op.axis + site.shape(0).rank : op.axis
      try writer.moving(site, in: writer.plainOrder(site.operands[0])) { file, names, _ in
        let ones = file.integers(site.results.map { _ in 1 }, "split")
        let parts = file.add(
          "Split", names + [ones], [.integer("axis", axis)], results: site.results.count)
        let axes = file.integers([axis], "axes")
        return parts.map { file.add("Squeeze", [$0, axes]) }
      }
    },
  ]
}

extension ONNXFile {
  /// Only axes that are cut are named.
  mutating func slice(
    _ x: String, _ op: StridedSlice, of shape: Shape, _ order: AxisOrder
  ) -> String {
    let axes = shape.extents.indices.filter {
      op.begin[$0] != 0 || op.size[$0] != shape[$0] || op.step[$0] != 1
    }
    guard !axes.isEmpty else { return x }
    let ends = axes.map { axis in
      let end = op.begin[axis] + op.size[axis] * op.step[axis]
      // In front of the first element there is no index, and a negative one counts from the back.
      return end < 0 ? -shape[axis] - 1 : end
    }
    return add(
      "Slice",
      [
        x, integers(axes.map { op.begin[$0] }, "starts"), integers(ends, "ends"),
        integers(axes.map(order.place), "axes"), integers(axes.map { op.step[$0] }, "steps"),
      ])
  }

  /// With an axis in reverse order.
  mutating func reversed(_ x: String, axis: Int) -> String {
    add(
      "Slice",
      [
        x, integers([-1], "starts"), integers([-(1 << 40)], "ends"), integers([axis], "axes"),
        integers([-1], "steps"),
      ])
  }
}

extension ONNXGraphWriter {
  fileprivate mutating func pad(
    _ site: ONNXSite, _ before: [Int], _ after: [Int], _ mode: String
  ) throws {
    try moving(site) { file, names, order in
      let pads = file.integers(order.arranged(before) + order.arranged(after), "pads")
      return [file.add("Pad", names + [pads], [.string("mode", mode)])]
    }
  }

  /// What is added is a real number, even to stored integers.
  fileprivate mutating func padConstant(_ op: Pad, _ site: ONNXSite) throws {
    let order = commonOrder([site.operands[0]], rank: site.shape(0).rank)
    let pads = file.integers(order.arranged(op.before) + order.arranged(op.after), "pads")
    let x = try real(site.operands[0], order)
    let given = try site.operands.dropFirst().first.map { file.reshape(try real($0), []) }
    let value = given ?? file.scalar(Double(op.value), site.realElement(0), "value")
    define(site.results[0], order, as: file.add("Pad", [x, pads, value]))
  }

  /// A mirror that shows the border too is none of the standard's: axis by axis, elements are gathered.
  fileprivate mutating func padSymmetric(_ op: MirrorPad, _ site: ONNXSite) throws {
    let shape = site.shape(0)
    try moving(site) { file, names, order in
      let result = shape.extents.indices.reduce(names[0]) { x, axis in
        guard op.before[axis] + op.after[axis] > 0 else { return x }
        let all = Array(0..<shape[axis])
        let indices =
          all.prefix(op.before[axis]).reversed() + all
          + all.suffix(op.after[axis]).reversed()
        return file.add(
          "Gather", [x, file.integers(indices, "indices")],
          [.integer("axis", order.place(of: axis))])
      }
      return [result]
    }
  }

  /// The standard has both axes in front.
  fileprivate mutating func reverse(_ op: ReverseSequence, _ site: ONNXSite) throws {
    let rank = site.shape(0).rank
    let (axis, batchAxis) = (
      op.axis < 0 ? op.axis + rank : op.axis,
      op.batchAxis < 0 ? op.batchAxis + rank : op.batchAxis
    )
    let isPlain = Set([axis, batchAxis]) == [0, 1]
    let others = (0..<rank).filter { $0 != axis && $0 != batchAxis }
    let order = isPlain ? AxisOrder.plain(rank) : AxisOrder([batchAxis, axis] + others)
    let lengths = file.cast(try stored(site.operands[1]), to: .i64)
    try moving(site, in: order, operands: 1) { file, names, order in
      [
        file.add(
          "ReverseSequence", names + [lengths],
          [
            .integer("time_axis", order.place(of: axis)),
            .integer("batch_axis", order.place(of: batchAxis)),
          ])
      ]
    }
  }
}
