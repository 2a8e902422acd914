import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What takes elements from places between those of an image, or regions of it.
  static let sampling: [ONNXForm] = [
    ONNXForm(ColumnsToImage.self) { op, site, writer in
      let operands = [
        try writer.real(site.operands[0]), writer.file.integers(op.size, "image_shape"),
        writer.file.integers(op.kernel, "block_shape"),
      ]
      let result = site.results[0]
      let image = writer.file.add("Col2Im", operands, op.onnxAttributes)
      writer.define(result, writer.plainOrder(result), as: image)
    },
    ONNXForm(GridSample.self) { op, site, writer in
      let methods: [GridMethod: String] = [
        .nearest: "nearest", .linear: "bilinear", .cubic: "bicubic",
      ]
      try writer.sample(
        "GridSample", site,
        [
          .string("mode", methods[op.method] ?? ""),
          .string("padding_mode", op.padding.rawValue), .flag("align_corners", op.alignsCorners),
        ])
    },
    ONNXForm(MaxRoiPool.self) { op, site, writer in
      try writer.sample(
        "MaxRoiPool", site,
        [.integers("pooled_shape", op.size), .float("spatial_scale", op.scale)])
    },
    ONNXForm(RoiAlign.self) { op, site, writer in
      try writer.sample(
        "RoiAlign", site,
        [
          .string("mode", op.takesMaximum ? "max" : "avg"),
          .integer("output_height", op.size[0]), .integer("output_width", op.size[1]),
          .float("spatial_scale", op.scale), .integer("sampling_ratio", op.samples),
          .string(
            "coordinate_transformation_mode",
            op.usesHalfPixelCenters ? "half_pixel" : "output_half_pixel"),
        ])
    },
  ]
}

extension ONNXGraphWriter {
  /// Writes an operator on an image and what says where to sample it.
  fileprivate mutating func sample(
    _ kind: String, _ site: ONNXSite, _ attributes: [ONNXAttributeProto]
  ) throws {
    let order = AxisOrder.channelsFirst(site.shape(0).rank)
    let x = try real(site.operands[0], order)
    let others = try site.operands[1...].map { try stored($0) }
    define(site.results[0], order, as: file.add(kind, [x] + others, attributes))
  }
}

extension ColumnsToImage {
  fileprivate var onnxAttributes: [ONNXAttributeProto] {
    [
      .integers("strides", stride), .integers("dilations", dilation), .integers("pads", pads),
    ]
  }
}
