import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What puts elements to where indices say.
  static let scattering: [ONNXForm] = [
    ONNXForm(CacheUpdate.self) { op, site, writer in
      let operands = try site.operands[..<2].map { try writer.stored($0) }
      let mode = ONNXAttributeProto.string("mode", op.isRing ? "circular" : "linear")
      let result = writer.file.add(
        "TensorScatter", operands + [try writer.indices(site, 2, wide: true)],
        [.integer("axis", op.axis), mode])
      writer.defineStored(site.results[0], writer.plainOrder(site.results[0]), as: result)
    },
    ONNXForm(DynamicUpdateSlice.self) { _, site, writer in try writer.update(site) },
    ONNXForm(ScatterElements.self) { op, site, writer in
      let axis = ONNXAttributeProto.integer("axis", op.axis)
      try writer.scatter("ScatterElements", op.placement, [axis], site)
    },
    ONNXForm(ScatterND.self) { op, site, writer in
      let zero = writer.file.scalar(0, site.types[1].element, "zero")
      try writer.scatter(.add, onto: zero, places: 0, updates: 1, site)
    },
    .segments(SegmentSum.self, .add) { _ in 0 },
    ONNXForm(SparseToDense.self) { _, site, writer in
      let value = writer.file.reshape(try writer.stored(site.operands[2]), [])
      try writer.scatter(.replace, onto: value, places: 0, updates: 1, site)
    },
    .segments(UnsortedSegmentMaximum.self, .maximum) {
      $0.isFloat ? -Double(Float.greatestFiniteMagnitude) : Double(Int32.min)
    },
    .segments(UnsortedSegmentMinimum.self, .minimum) {
      $0.isFloat ? Double(Float.greatestFiniteMagnitude) : Double(Int32.max)
    },
    .segments(UnsortedSegmentProduct.self, .multiply) { _ in 1 },
    .segments(UnsortedSegmentSum.self, .add) { _ in 0 },
    ONNXForm(UpdateND.self) { op, site, writer in
      try writer.scatter("ScatterND", op.placement, [], site)
    },
  ]

  /// Slices that are combined with what a segment without slices holds.
  private static func segments<Op: Operator>(
    _ type: Op.Type, _ placement: ScatterMode, _ start: @escaping @Sendable (ElementType) -> Double
  ) -> ONNXForm {
    ONNXForm(type) { _, site, writer in
      let element = site.types[0].element
      let first = writer.file.scalar(start(element), element, "start")
      try writer.combine(placement, onto: first, site)
    }
  }
}

extension ScatterMode {
  /// The attribute, and the version that it came with.
  fileprivate var reduction: (attributes: [ONNXAttributeProto], version: Int) {
    switch self {
    case .replace: ([], ONNXVersion.lowest)
    case .add: ([.string("reduction", "add")], 16)
    case .multiply: ([.string("reduction", "mul")], 16)
    case .maximum: ([.string("reduction", "max")], 18)
    case .minimum: ([.string("reduction", "min")], 18)
    }
  }
}

extension ONNXGraphWriter {
  /// Writes an operator on a tensor, indices, and what is put there.
  fileprivate mutating func scatter(
    _ kind: String, _ placement: ScatterMode, _ attributes: [ONNXAttributeProto], _ site: ONNXSite
  ) throws {
    let operands = [
      try stored(site.operands[0]),
      try indices(site, 1, wide: kind == "ScatterND"), try stored(site.operands[2]),
    ]
    file.require(placement.reduction.version)
    let result = file.add(kind, operands, attributes + placement.reduction.attributes)
    defineStored(site.results[0], plainOrder(site.results[0]), as: result)
  }

  /// Writes what puts elements onto a tensor that is a single number everywhere.
  ///
  /// - Parameters:
  ///   - places: the operand with indices, a row for each place.
  ///   - updates: the operand that is put there.
  fileprivate mutating func scatter(
    _ placement: ScatterMode, onto number: String, places: Int, updates: Int, _ site: ONNXSite
  ) throws {
    let result = site.resultTypes[0].shape
    let whole = file.add("Expand", [number, file.integers(result.extents, "shape")])
    let indices = site.shape(places)
    let rows = indices.rank < 2 ? indices.extents + [1] : indices.extents
    let list = file.reshape(try self.indices(site, places, wide: true), rows)
    let wanted = Array(rows.dropLast()) + result.extents.dropFirst(rows[rows.count - 1])
    let own = try stored(site.operands[updates])
    // One for all places is repeated.
    let given =
      site.shape(updates).extents == wanted
      ? own : file.add("Expand", [own, file.integers(wanted, "shape")])
    file.require(placement.reduction.version)
    let scattered = file.add("ScatterND", [whole, list, given], placement.reduction.attributes)
    defineStored(site.results[0], .plain(result.rank), as: scattered)
  }

  /// Writes what combines slices by the number of their segment. Those of no segment go to one behind the others, which is
  /// cut off.
  fileprivate mutating func combine(
    _ placement: ScatterMode, onto number: String, _ site: ONNXSite
  ) throws {
    let extents = site.resultTypes[0].shape.extents
    let (count, more) = (extents[0], [extents[0] + 1] + extents.dropFirst())
    let whole = file.add("Expand", [number, file.integers(more, "shape")])
    let numbers = try indices(site, 1, wide: true)
    let last = file.scalar(Double(count), .i64, "count")
    let isNegative = file.add("Less", [numbers, file.scalar(0, .i64, "zero")])
    let inside = file.add("Min", [file.add("Where", [isNegative, last, numbers]), last])
    let list = file.reshape(inside, site.shape(1).extents + [1])
    file.require(placement.reduction.version)
    let combined = file.add(
      "ScatterND", [whole, list, try stored(site.operands[0])], placement.reduction.attributes)
    let cut = StridedSlice(begin: extents.map { _ in 0 }, size: extents)
    let order = AxisOrder.plain(extents.count)
    defineStored(
      site.results[0], order, as: file.slice(combined, cut, of: Shape(more), order))
  }

  /// A slice is put to the places that it has from its first element on, which is moved inside.
  fileprivate mutating func update(_ site: ONNXSite) throws {
    let (whole, part) = (site.shape(0).extents, site.shape(1))
    let places = Tensor(TensorType(.i64, Shape(part.extents + [part.rank])), numbers: part.indices)
    let limits = whole.indices.map { whole[$0] - part[$0] }
    let start = file.add(
      "Max", [try indices(site, 2, wide: true), file.scalar(0, .i64, "zero")])
    let inside = file.add("Min", [start, file.integers(limits, "limits")])
    let moved = file.add("Add", [file.constant(places, "places"), inside])
    let operands = [try stored(site.operands[0]), moved, try stored(site.operands[1])]
    defineStored(
      site.results[0], plainOrder(site.results[0]), as: file.add("ScatterND", operands))
  }
}

extension Shape {
  /// The indices of all elements, a row for each.
  fileprivate var indices: [Double] {
    let strides = strides
    return (0..<elementCount).flatMap { place in
      extents.indices.map { Double(place / strides[$0] % extents[$0]) }
    }
  }
}
