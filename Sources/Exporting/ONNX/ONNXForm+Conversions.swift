import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What hands elements on, in another type or as what they stand for.
  static let conversions: [ONNXForm] = [
    ONNXForm(Bitcast.self) { op, site, writer in
      guard site.types[0].element.bitWidth == op.element.bitWidth else {
        throw unsupported(op, "between elements of \(site.types[0].element) and \(op.element)")
      }
      let to = Int(op.element.onnxNumber)
      try writer.storedFunction(site) { $0.add("BitCast", [$1], [.integer("to", to)]) }
    },
    ONNXForm(Cast.self) { op, site, writer in
      try writer.storedFunction(site) { $0.cast($1, op, from: site.types[0].element) }
    },
    // Integers that are dequantized are another form of the operand.
    ONNXForm(Dequantize.self) { _, site, writer in
      guard !writer.isQuantized(site.operands[0]) else { return }
      try writer.storedFunction(site) { $0.cast($1, to: .f32) }
    },
    ONNXForm(DynamicQuantize.self) { _, site, writer in
      let x = try writer.real(site.operands[0])
      let names = writer.file.add("DynamicQuantizeLinear", [x], results: 3)
      for (result, name) in zip(site.results, names) {
        writer.defineStored(result, writer.plainOrder(result), as: name)
      }
    },
    // All that is to do is what defines a quantized result.
    ONNXForm(Quantize.self) { _, site, writer in
      guard !writer.quantizeRows(site) else { return }
      try writer.elementwise(site) { _, names in names[0] }
    },
  ]

  /// What is wrong with a node that only some forms of its operator could be written of.
  static func unsupported(_ op: some Operator, _ form: String) -> Diagnostic {
    Diagnostic(.noCounterpart(type(of: op).name, form), help: .otherFormats)
  }
}

extension ONNXFile {
  /// The conversion that the operator asks for.
  mutating func cast(_ x: String, _ op: Cast, from element: ElementType) -> String {
    require(max(element.onnxVersion, op.element.onnxVersion))
    let isSmall = [.f8e4m3, .f8e5m2].contains(op.element)
    let saturation = isSmall && !op.saturates ? [ONNXAttributeProto.flag("saturate", false)] : []
    return add("Cast", [x], [.integer("to", Int(op.element.onnxNumber))] + saturation)
  }
}

extension ONNXGraphWriter {
  /// Writes a function of stored elements.
  fileprivate mutating func storedFunction(
    _ site: ONNXSite, _ body: (inout ONNXFile, String) -> String
  ) throws {
    let order = commonOrder(site.operands, rank: site.shape(0).rank)
    let own = type(of: site.results[0]).shape.rank == order.axes.count
    let used = own ? order : plainOrder(site.operands[0])
    let name = body(&file, try stored(site.operands[0], used))
    defineStored(site.results[0], own ? used : plainOrder(site.results[0]), as: name)
  }
}

extension Diagnostic.Message {
  fileprivate static func noCounterpart(_ kind: String, _ form: String) -> Self {
    Self(id: "onnx-no-counterpart", .unsupported, "`\(kind)` \(form) has no counterpart in ONNX")
  }
}
