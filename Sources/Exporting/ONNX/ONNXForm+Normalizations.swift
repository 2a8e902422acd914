import Foundation
import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What divides elements by something that others come to.
  static let normalizations: [ONNXForm] = [
    ONNXForm(GroupNormalization.self) { op, site, writer in try writer.normalizeGroups(op, site) },
    ONNXForm(L2Normalization.self) { _, site, writer in
      try writer.alongAxis(-1, site) { file, x, axis in
        file.add("LpNormalization", [x], [axis, .integer("p", 2)])
      }
    },
    ONNXForm(LayerNormalization.self) { op, site, writer in try writer.normalizeLayer(op, site) },
    ONNXForm(LocalResponseNormalization.self) { op, site, writer in
      try writer.normalizeResponse(op, site)
    },
    ONNXForm(LogSoftmax.self) { _, site, writer in
      try writer.alongAxis(-1, site) { file, x, axis in file.add("LogSoftmax", [x], [axis]) }
    },
    ONNXForm(LpNormalization.self) { op, site, writer in
      try writer.alongAxis(op.axis, site) { file, x, axis in
        file.add("LpNormalization", [x], [axis, .integer("p", op.exponent)])
      }
    },
    ONNXForm(RMSNormalization.self) { op, site, writer in try writer.normalizeSquares(op, site) },
    ONNXForm(Softmax.self) { op, site, writer in
      let element = site.realElement(0)
      try writer.alongAxis(-1, site) { file, x, axis in
        let beta = op.beta == 1 ? nil : file.scalar(Double(op.beta), element, "beta")
        return file.add("Softmax", [beta.map { file.add("Mul", [x, $0]) } ?? x], [axis])
      }
    },
  ]
}

extension ONNXGraphWriter {
  /// Writes a function of rows along an axis, in the order in which the operand is there.
  fileprivate mutating func alongAxis(
    _ axis: Int, _ site: ONNXSite,
    _ body: (inout ONNXFile, String, ONNXAttributeProto) -> String
  ) throws {
    let order = commonOrder(site.operands, rank: site.shape(0).rank)
    let x = try real(site.operands[0], order)
    let result = body(&file, x, .integer("axis", order.place(of: axis)))
    define(site.results[0], order, as: result)
  }

  /// A missing scale is one of ones.
  fileprivate mutating func normalizeLayer(_ op: LayerNormalization, _ site: ONNXSite) throws {
    let rank = site.shape(0).rank
    let axis = op.axis < 0 ? op.axis + rank : op.axis
    let row = Array(site.shape(0).extents[axis...])
    let given = try site.operands.dropFirst().map { try real($0) }
    let parameters = given.isEmpty ? [file.ones(row)] : given
    let names = file.add(
      "LayerNormalization", [try real(site.operands[0])] + parameters,
      [.integer("axis", axis), .float("epsilon", op.epsilon)], results: site.results.count)
    for (result, name) in zip(site.results, names) {
      define(result, plainOrder(result), as: name)
    }
  }

  /// The operator, if the file has those of its version anyway; else those that there are in all versions.
  fileprivate mutating func normalizeSquares(_ op: RMSNormalization, _ site: ONNXSite) throws {
    let rank = site.shape(0).rank
    let x = try real(site.operands[0])
    let axes = Array((op.axis < 0 ? op.axis + rank : op.axis)..<rank)
    guard file.version < ONNXVersion.first(with: "RMSNormalization") else {
      let row = Array(site.shape(0).extents[axes[0]...])
      let scale = try site.operands.dropFirst().first.map { try real($0) } ?? file.ones(row)
      let attributes: [ONNXAttributeProto] = [
        .integer("axis", axes[0]), .float("epsilon", op.epsilon),
      ]
      let result = file.add("RMSNormalization", [x, scale], attributes)
      return define(site.results[0], plainOrder(site.results[0]), as: result)
    }
    let mean = file.reduce("ReduceMean", file.add("Mul", [x, x]), axes, true)
    let epsilon = file.scalar(Double(op.epsilon), .f32, "epsilon")
    let root = file.add("Sqrt", [file.add("Add", [mean, epsilon])])
    let normalized = file.add("Div", [x, root])
    let scale = try site.operands.dropFirst().first.map { try real($0) }
    let result = scale.map { file.add("Mul", [normalized, $0]) } ?? normalized
    define(site.results[0], plainOrder(site.results[0]), as: result)
  }

  /// As many groups as channels are an operator of their own; of others, groups take the place of channels for a while.
  fileprivate mutating func normalizeGroups(_ op: GroupNormalization, _ site: ONNXSite) throws {
    let order = AxisOrder.channelsFirst(site.shape(0).rank)
    let extents = order.arranged(site.shape(0).extents)
    let x = try real(site.operands[0], order)
    let parameters = try site.operands[1...].map { try real($0) }
    let epsilon = ONNXAttributeProto.float("epsilon", op.epsilon)
    if op.groups == extents[1], extents.count > 2 {
      let result = file.add("InstanceNormalization", [x] + parameters, [epsilon])
      return define(site.results[0], order, as: result)
    }
    let element = site.types[0].element
    let own = [("scale", 1.0), ("bias", 0)].map { role, number in
      file.numbers(Array(repeating: number, count: op.groups), element, isList: true, role)
    }
    let groups = file.reshape(x, [extents[0], op.groups, -1])
    let normalized = file.add("InstanceNormalization", [groups] + own, [epsilon])
    let column = [extents[1]] + extents.dropFirst(2).map { _ in 1 }
    let scaled = file.add(
      "Mul", [file.reshape(normalized, extents), file.reshape(parameters[0], column)])
    let result = file.add("Add", [scaled, file.reshape(parameters[1], column)])
    define(site.results[0], order, as: result)
  }

  /// The operator, if the window reaches as far up as down: ONNX Runtime has no other. Else sums come of means over the
  /// channels.
  fileprivate mutating func normalizeResponse(
    _ op: LocalResponseNormalization, _ site: ONNXSite
  ) throws {
    let reach = op.reach.isEmpty ? [op.radius, op.radius - 1] : op.reach
    let size = reach[0] + reach[1] + 1
    let order = AxisOrder.channelsFirst(site.shape(0).rank)
    let x = try real(site.operands[0], order)
    guard reach[0] != reach[1] else {
      let attributes: [ONNXAttributeProto] = [
        .integer("size", size), .float("alpha", op.alpha * Float(size)), .float("beta", op.beta),
        .float("bias", op.bias),
      ]
      return define(site.results[0], order, as: file.add("LRN", [x], attributes))
    }
    let extents = order.arranged(site.shape(0).extents)
    let factor = try file.responses(x, op, extents, reach, site.types[0].element)
    define(site.results[0], order, as: file.add("Mul", [x, factor]))
  }
}

extension ONNXFile {
  /// A scale that changes nothing.
  fileprivate mutating func ones(_ extents: [Int]) -> String {
    let shape = Shape(extents)
    let numbers = Array(repeating: 1.0, count: shape.elementCount)
    return constant(Tensor(TensorType(.f32, shape), numbers: numbers), "scale")
  }

  /// `(bias + alpha · Σ x²)^(−beta)`.
  fileprivate mutating func responses(
    _ x: String, _ op: LocalResponseNormalization, _ extents: [Int], _ reach: [Int],
    _ element: ElementType
  ) throws -> String {
    // TFLite's window of no channels has no sum.
    guard reach.allSatisfy({ $0 >= 0 }) else { return scalar(pow(op.bias, -op.beta), element) }
    let size = reach[0] + reach[1] + 1
    let rows = reshape(add("Mul", [x, x]), [extents[0], 1, extents[1], -1])
    let means = add(
      "AveragePool", [rows],
      [
        .integers("kernel_shape", [size, 1]), .integers("pads", [reach[0], 0, reach[1], 0]),
        .flag("count_include_pad", true),
      ])
    let sums = add(
      "Mul", [means, scalar(Double(op.alpha * Float(size)), element, "alpha")])
    let shifted = add(
      "Add", [reshape(sums, extents), scalar(Double(op.bias), element, "bias")])
    return add("Pow", [shifted, scalar(Double(-op.beta), element, "beta")])
  }

  private mutating func scalar(_ number: Float, _ element: ElementType) -> String {
    scalar(Double(number), element, "factor")
  }
}
