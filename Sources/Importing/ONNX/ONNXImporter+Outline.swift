import ONNXSchema
import Support
import Tensors

extension ONNXImporter {
  /// What the file holds; operators are only named, and types that cannot be told are left out.
  func outline() throws -> ModelOutline {
    let symbols = try symbols(of: inputs)
    let everywhere = model.graph.node.flatMap(Self.withInner)
    return ModelOutline(
      inputs: inputs.compactMap { port($0, symbols) },
      outputs: model.graph.output.compactMap { port($0, symbols) },
      operators: model.graph.node.map { Self.key($0.domain, $0.opType) },
      constantBytes: model.graph.initializer.map(Self.byteCount).reduce(0, +),
      unsupported: Set(everywhere.filter { !supports($0) }.map { Self.key($0.domain, $0.opType) })
        .sorted())
  }

  /// The node and those of the graphs within it.
  private static func withInner(_ node: ONNXNodeProto) -> [ONNXNodeProto] {
    [node] + node.attribute.flatMap { $0.g.node.flatMap(withInner) }
  }

  private func port(_ info: ONNXValueInfoProto, _ symbols: [String: Int]) -> ModelOutline.Port? {
    (try? type(of: info, symbols)).map { ModelOutline.Port(name: info.name, type: $0) }
  }

  private static func byteCount(_ tensor: ONNXTensorProto) -> Int {
    let element = try? ONNXTensors.element(Int(tensor.dataType), tensor.name)
    let shape = Shape(checking: tensor.dims.map { Int($0) })
    guard let element, let shape else { return 0 }
    return element.byteCount(of: shape.elementCount)
  }
}
