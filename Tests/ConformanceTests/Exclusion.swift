import ONNXSchema

/// What Dovetail does not mean to support, and why.
enum Exclusion {
  private static let random: Set<String> = [
    "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike",
  ]
  private static let strings: Set<String> = [
    "RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit",
  ]
  private static let string: Int32 = 8

  /// The reason by which a model is out of scope; nil if there is none.
  static func reason(_ model: ONNXModelProto, graphInputs: [ONNXValueInfoProto]) -> String? {
    let nodes = allNodes(model.graph.node) + model.functions.flatMap { allNodes($0.node) }
    let ports = graphInputs + model.graph.output
    if nodes.contains(where: { $0.domain.hasPrefix("ai.onnx.preview.training") }) {
      return "training"
    }
    if nodes.contains(where: { $0.domain == "ai.onnx.ml" }) { return "ai.onnx.ml" }
    if nodes.contains(where: { random.contains($0.opType) || isRandomDropout($0, model) }) {
      return "random generator"
    }
    if ports.contains(where: hasOptional) { return "optional type" }
    let hasStrings =
      nodes.contains { strings.contains($0.opType) } || ports.contains(where: isString)
      || nodes.contains(where: hasStringAttribute)
    return hasStrings ? "strings" : nil
  }

  private static func allNodes(_ nodes: [ONNXNodeProto]) -> [ONNXNodeProto] {
    nodes.flatMap { node in [node] + node.attribute.flatMap { allNodes($0.g.node) } }
  }

  /// Whether a dropout is in training mode and drops something.
  private static func isRandomDropout(_ node: ONNXNodeProto, _ model: ONNXModelProto) -> Bool {
    guard node.opType == "Dropout", node.input.count == 3 else { return false }
    let isZero = model.graph.node.contains { constant in
      constant.output.contains(node.input[1])
        && constant.attribute.contains { attribute in
          attribute.t.floatData == [0]
            || (!attribute.t.rawData.isEmpty && attribute.t.rawData.allSatisfy { $0 == 0 })
        }
    }
    return !isZero
  }

  private static func hasOptional(_ port: ONNXValueInfoProto) -> Bool {
    if case .optionalType = port.type.value { true } else { false }
  }

  private static func isString(_ port: ONNXValueInfoProto) -> Bool {
    switch port.type.value {
    case .tensorType(let tensor): tensor.elemType == string
    case .sequenceType(let sequence): sequence.elemType.tensorType.elemType == string
    default: false
    }
  }

  private static func hasStringAttribute(_ node: ONNXNodeProto) -> Bool {
    node.attribute.contains { attribute in
      attribute.t.dataType == string || (node.opType == "Cast" && attribute.i == Int64(string))
        || attribute.name == "pool_strings"
    }
  }
}
