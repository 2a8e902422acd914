import GraphIR
import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Pools, which have channels before pixels in the standard.
  static let pooling: [ONNXForm] = [
    ONNXForm(AveragePool2D.self) { op, site, writer in
      let window = try op.attributes(site)
      try writer.pool(site, op.clamp) { file, x in file.add("AveragePool", [x], window) }
    },
    ONNXForm(L2Pool2D.self) { op, site, writer in
      let window = try AveragePool2D(kernel: op.kernel, stride: op.stride, padding: op.padding)
        .attributes(site)
      try writer.pool(site, op.clamp) { file, x in
        let squares = file.add("Mul", [x, x])
        return file.add("Sqrt", [file.add("AveragePool", [squares], window)])
      }
    },
    ONNXForm(MaxPool2D.self) { op, site, writer in
      let window = try op.attributes(site)
      try writer.pool(site, op.clamp) { file, x in file.add("MaxPool", [x], window) }
    },
    ONNXForm(MaxPoolPlaces.self) { op, site, writer in
      let attributes = op.attributes + [.flag("storage_order", op.countsColumnMajor)]
      try writer.pool(site, .none) { file, x in
        file.add("MaxPool", [x], attributes, results: 2)[1]
      }
    },
    // A window that moves by one makes the result as large as it is to be.
    ONNXForm(MaxUnpool.self) { op, site, writer in
      let (from, to) = (site.shape(0).extents, op.shape)
      guard from.count > 2, zip(from, to).allSatisfy({ $0 <= $1 }), from[..<2] == to[..<2] else {
        throw unsupported(op, "from \(site.shape(0)) to \(Shape(to))")
      }
      let kernel = from.indices.dropFirst(2).map { to[$0] - from[$0] + 1 }
      let operands = [try writer.real(site.operands[0]), try writer.indices(site, 1, wide: true)]
      let result = writer.file.add(
        "MaxUnpool", operands,
        [.integers("kernel_shape", kernel), .integers("strides", kernel.map { _ in 1 })])
      writer.define(site.results[0], .plain(to.count), as: result)
    },
    ONNXForm(WindowPool.self) { op, site, writer in
      try writer.pool(site, .none) { file, x in file.add(op, x) }
    },
  ]
}

extension PoolingOperator {
  fileprivate func attributes(_ site: ONNXSite) throws -> [ONNXAttributeProto] {
    let window = try Window(
      over: site.image, kernel: kernel, stride: stride, padding: padding,
      kind: Self.name)
    return ONNXWindowAttributes(window, over: site.image, padding).poolAttributes
  }
}

extension MaxPoolPlaces {
  fileprivate var attributes: [ONNXAttributeProto] {
    WindowPool(
      .maximum, kernel: kernel, stride: stride, dilation: dilation, pads: pads, roundsUp: roundsUp
    ).attributes
  }
}

extension WindowPool {
  /// Lists that are left out are those of neighbours without pads.
  fileprivate var attributes: [ONNXAttributeProto] {
    [.integers("kernel_shape", kernel), .flag("ceil_mode", roundsUp)]
      + (stride.isEmpty ? [] : [.integers("strides", stride)])
      + (dilation.allSatisfy { $0 == 1 } ? [] : [.integers("dilations", dilation)])
      + (pads.isEmpty ? [] : [.integers("pads", pads)])
  }

  /// Dilations and rounding up came to some pools later than to others.
  fileprivate var neededVersion: Int {
    let isDilated = dilation.contains { $0 != 1 }
    switch function {
    case .maximum: return ONNXVersion.lowest
    case .mean: return isDilated ? 19 : ONNXVersion.lowest
    case .norm: return isDilated || roundsUp ? 18 : ONNXVersion.lowest
    }
  }
}

extension ONNXFile {
  fileprivate mutating func add(_ op: WindowPool, _ x: String) -> String {
    require(op.neededVersion)
    switch op.function {
    case .maximum: return add("MaxPool", [x], op.attributes)
    case .mean:
      return add("AveragePool", [x], op.attributes + [.flag("count_include_pad", op.countsPads)])
    case .norm:
      let attributes = op.attributes.filter { op.roundsUp || $0.name != "ceil_mode" }
      return add("LpPool", [x], attributes + [.integer("p", op.exponent)])
    }
  }
}

extension ONNXGraphWriter {
  /// Writes what `body` makes of an image with channels before its pixels.
  fileprivate mutating func pool(
    _ site: ONNXSite, _ clamp: Clamp, _ body: (inout ONNXFile, String) -> String
  ) throws {
    let order = AxisOrder.channelsFirst(site.shape(0).rank)
    let result = body(&file, try real(site.operands[0], order))
    define(site.results[0], order, as: file.clamped(result, clamp, site.realElement(0)))
  }
}
