import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What combines elements along axes.
  static let reductions: [ONNXForm] = [
    .place(ArgMax.self, "ArgMax"),
    .place(ArgMin.self, "ArgMin"),
    .cumulative(CumulativeProduct.self, "CumProd"),
    .cumulative(CumulativeSum.self, "CumSum"),
    ONNXForm(LogSumExp.self) { op, site, writer in
      try writer.reduce("ReduceLogSumExp", site, op.axes, op.keepsAxes)
    },
    .reduction(Mean.self, "ReduceMean"),
    .ofTruth(ReduceAll.self, "ReduceMin"),
    .ofTruth(ReduceAny.self, "ReduceMax"),
    .reduction(ReduceMax.self, "ReduceMax"),
    .reduction(ReduceMin.self, "ReduceMin"),
    .reduction(ReduceProduct.self, "ReduceProd"),
    .reduction(Sum.self, "ReduceSum"),
    ONNXForm(TopK.self) { op, site, writer in try writer.takeTop(op, site) },
  ]

  private static func reduction<Op: ReductionOperator>(
    _ type: Op.Type, _ kind: String
  ) -> ONNXForm {
    ONNXForm(type) { op, site, writer in try writer.reduce(kind, site, op.axes, op.keepsAxes) }
  }

  /// Of truth values, by way of numbers.
  private static func ofTruth<Op: ReductionOperator>(_ type: Op.Type, _ kind: String) -> ONNXForm {
    ONNXForm(type) { op, site, writer in
      try writer.reduce(kind, site, op.axes, op.keepsAxes, of: .i32)
    }
  }

  private static func place<Op: PlaceOperator>(_ type: Op.Type, _ kind: String) -> ONNXForm {
    ONNXForm(type) { op, site, writer in try writer.findPlace(kind, op, site) }
  }

  private static func cumulative<Op: CumulativeOperator>(
    _ type: Op.Type, _ kind: String
  ) -> ONNXForm {
    ONNXForm(type) { op, site, writer in
      let order = writer.commonOrder(site.operands, rank: site.shape(0).rank)
      let x = try writer.stored(site.operands[0], order)
      let axis = writer.file.scalar(Double(order.place(of: op.axis)), .i64, "axis")
      let sums = writer.file.add(
        kind, [x, axis], [.flag("exclusive", op.isExclusive), .flag("reverse", op.isReverse)])
      writer.defineStored(site.results[0], order, as: sums)
    }
  }
}

extension ONNXGraphWriter {
  /// - Parameter computed: the elements that are combined, where that is not the operand's own type.
  fileprivate mutating func reduce(
    _ kind: String, _ site: ONNXSite, _ axes: [Int], _ keepsAxes: Bool,
    of computed: ElementType? = nil
  ) throws {
    let rank = site.shape(0).rank
    let order = commonOrder(site.operands, rank: rank)
    let reduced = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    let x = try real(site.operands[0], order)
    let result = keepsAxes ? order : order.without(reduced)
    guard !reduced.isEmpty else { return define(site.results[0], result, as: x) }
    let operand = computed.map { file.cast(x, to: $0) } ?? x
    let places = reduced.map { order.place(of: $0) }.sorted()
    let combined = file.reduce(kind, operand, places, keepsAxes)
    let own = computed.map { _ in file.cast(combined, to: site.resultTypes[0].element) }
    define(site.results[0], result, as: own ?? combined)
  }

  fileprivate mutating func findPlace(
    _ kind: String, _ op: some PlaceOperator, _ site: ONNXSite
  ) throws {
    let rank = site.shape(0).rank
    let order = commonOrder(site.operands, rank: rank)
    var x = try real(site.operands[0], order)
    if site.types[0].element == .bool { x = file.cast(x, to: .i32) }
    let place = file.add(
      kind, [x],
      [
        .integer("axis", order.place(of: op.axis)), .flag("keepdims", false),
        .flag("select_last_index", op.takesLast),
      ])
    let axis = op.axis < 0 ? op.axis + rank : op.axis
    let own = op.element == .i64 ? place : file.cast(place, to: op.element)
    defineStored(site.results[0], order.without([axis]), as: own)
  }

  /// The best elements along the last axis, and their places.
  fileprivate mutating func takeTop(_ op: TopK, _ site: ONNXSite) throws {
    let x = try real(site.operands[0])
    let count = file.integers([op.count], "count")
    let names = file.add(
      "TopK", [x, count], [.integer("axis", -1), .flag("largest", !op.takesSmallest)], results: 2)
    define(site.results[0], plainOrder(site.results[0]), as: names[0])
    let places = file.cast(names[1], to: site.resultTypes[1].element)
    defineStored(site.results[1], plainOrder(site.results[1]), as: places)
  }
}

extension ONNXFile {
  /// A reduction along some axes, which became an operand with version 18, and of sums with 13.
  mutating func reduce(
    _ kind: String, _ x: String, _ axes: [Int], _ keepsAxes: Bool
  ) -> String {
    let keeps = ONNXAttributeProto.flag("keepdims", keepsAxes)
    guard version < 18, kind != "ReduceSum" else {
      return add(kind, [x, integers(axes, "axes")], [keeps])
    }
    return add(kind, [x], [.integers("axes", axes), keeps])
  }
}
