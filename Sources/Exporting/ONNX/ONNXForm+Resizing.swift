import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What samples images anew.
  static let resizing: [ONNXForm] = [
    ONNXForm(Resize.self) { op, site, writer in try writer.resize(op, site) },
    // TFLite takes the lower neighbour, of which the formula for pixel centers is a rounded one.
    ONNXForm(ResizeBilinear.self) { op, site, writer in
      try writer.resizeImage(site, op, [.string("mode", "linear")])
    },
    ONNXForm(ResizeNearestNeighbor.self) { op, site, writer in
      let rounds = op.alignsCorners || op.usesHalfPixelCenters
      let rounding = rounds ? "round_prefer_ceil" : "floor"
      try writer.resizeImage(
        site, op, [.string("mode", "nearest"), .string("nearest_mode", rounding)])
    },
  ]
}

extension ONNXGraphWriter {
  /// Height and width alone.
  fileprivate mutating func resizeImage(
    _ site: ONNXSite, _ op: some ResizeOperator, _ attributes: [ONNXAttributeProto]
  ) throws {
    let coordinates =
      op.alignsCorners
      ? "align_corners" : op.usesHalfPixelCenters ? "half_pixel" : "asymmetric"
    let order = AxisOrder.channelsFirst(4)
    let x = try real(site.operands[0], order)
    let sizes = file.integers(order.arranged(site.resultTypes[0].shape.extents), "sizes")
    let result = file.add(
      "Resize", [x, "", "", sizes],
      attributes + [.string("coordinate_transformation_mode", coordinates)])
    define(site.results[0], order, as: result)
  }

  fileprivate mutating func resize(_ op: Resize, _ site: ONNXSite) throws {
    let shape = site.shape(0)
    let keepsEnds =
      shape.rank > 2 && op.size[0] == shape[0] && op.size.last == shape.extents.last
    let order: AxisOrder = keepsEnds ? .channelsFirst(shape.rank) : .plain(shape.rank)
    let attributes = try op.attributes()
    file.require(op.neededVersion)
    let x = try real(site.operands[0], order)
    let result = file.add("Resize", [x] + extents(op, shape, order), attributes)
    define(site.results[0], order, as: result)
  }

  /// The region, and then sizes where they say all, else scales.
  private mutating func extents(_ op: Resize, _ shape: Shape, _ order: AxisOrder) -> [String] {
    let half = op.region.count / 2
    let region =
      op.region.isEmpty
      ? []
      : order.arranged(Array(op.region[..<half])) + order.arranged(Array(op.region[half...]))
    let roi =
      region.isEmpty ? "" : file.numbers(region.map(Double.init), .f32, isList: true, "roi")
    guard op.needsScales(shape) else {
      return [roi, "", file.integers(order.arranged(op.size), "sizes")]
    }
    let scales = order.arranged(op.scales).map(Double.init)
    return [roi, file.numbers(scales, .f32, isList: true, "scales")]
  }
}

extension Resize {
  fileprivate var neededVersion: Int {
    coordinates == .halfPixelSymmetric ? 19 : antialiases ? 18 : ONNXVersion.lowest
  }

  /// Whether scales are other than the ratio of extents, which follow from them.
  fileprivate func needsScales(_ shape: Shape) -> Bool {
    let follows = size.indices.allSatisfy { size[$0] == Int(Float(shape[$0]) * scales[$0]) }
    let areRatios = size.indices.allSatisfy { scales[$0] == Float(size[$0]) / Float(shape[$0]) }
    return follows && !areRatios && coordinates != .cropAndResize
  }

  /// - Throws: a `Diagnostic` for what `Upsample` of old has in common with no mode of `Resize`.
  fileprivate func attributes() throws -> [ONNXAttributeProto] {
    var attributes: [ONNXAttributeProto] = [
      .string("mode", method.rawValue),
      .string("coordinate_transformation_mode", coordinates.onnxName),
    ]
    if method == .nearest { attributes.append(.string("nearest_mode", try roundingName())) }
    if method == .cubic { attributes.append(.float("cubic_coeff_a", cubicCoefficient)) }
    if excludesOutside { attributes.append(.flag("exclude_outside", true)) }
    if antialiases { attributes.append(.flag("antialias", true)) }
    if extrapolation != 0 { attributes.append(.float("extrapolation_value", extrapolation)) }
    return attributes
  }

  private func roundingName() throws -> String {
    switch rounding {
    case .preferFloor: return "round_prefer_floor"
    case .preferCeil: return "round_prefer_ceil"
    case .floor: return "floor"
    case .ceil: return "ceil"
    case .ceilWhereShrinking:
      if scales.allSatisfy({ $0 >= 1 }) { return "floor" }
      guard scales.allSatisfy({ $0 <= 1 }) else {
        throw ONNXForm.unsupported(self, "that rounds as `Upsample` did")
      }
      return "ceil"
    }
  }
}

extension ResizeCoordinates {
  fileprivate var onnxName: String {
    switch self {
    case .asymmetric: "asymmetric"
    case .halfPixel: "half_pixel"
    case .halfPixelSymmetric: "half_pixel_symmetric"
    case .pytorchHalfPixel: "pytorch_half_pixel"
    case .halfPixelForNearest: "tf_half_pixel_for_nn"
    case .alignCorners: "align_corners"
    case .cropAndResize: "tf_crop_and_resize"
    }
  }
}
