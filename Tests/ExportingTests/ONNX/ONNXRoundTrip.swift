import Evaluation
import Exporting
import GraphIR
import Importing
import ONNXSchema
import Operators
import Support
import TestSupport
import Tensors
import Testing

extension Graph {
  /// The graph as it comes back from an ONNX file.
  func throughONNX() throws -> Graph {
    let bytes = try onnxFile()
    return try TestFiles.withFolder { folder in
      let path = "\(folder)/model.onnx"
      try FileBytes.write(bytes, to: path)
      return try Model(path).graph
    }
  }

  /// A text form of the graph, read.
  static func parsed(_ text: String) throws -> Graph {
    let graph = try GraphParser(text, operators: Operators.all).graph
    try Diagnostics(graph.verify()).throwIfErrors()
    return graph
  }

  /// What the graph and what comes back of it compute of the same seeded inputs differs by, at most.
  func distanceThroughONNX() throws -> Double {
    let back = try throughONNX()
    let (found, expected) = (back.types(of: back.inputs), types(of: inputs))
    #expect(found.count == expected.count && zip(found, expected).allSatisfy { $0.matches($1) })
    #expect(back.inputs.map { back.values[$0].name } == inputs.map { values[$0].name })
    #expect(back.outputs.map { back.values[$0].name } == outputs.map { values[$0].name })
    let tensors = inputs.enumerated().map { position, id in
      Tensor.random(values[id].type, seed: UInt64(position + 1))
    }
    return largestDistance(try evaluate(tensors), try back.evaluate(tensors))
  }
}

/// The file that a graph in its text form becomes, which must compute what the graph does.
///
/// - Parameter distance: how far `largestDistance` may find the two apart.
@discardableResult
func exported(
  _ text: String, within distance: Double = 0, sourceLocation: SourceLocation = #_sourceLocation
) throws -> ONNXModelProto {
  let graph = try Graph.parsed(text)
  #expect(try graph.distanceThroughONNX() <= distance, sourceLocation: sourceLocation)
  return try graph.onnxModel()
}

extension ONNXModelProto {
  /// A line for each node: results, operator, operands.
  var nodeList: String {
    graph.node.map { node in
      let results = node.output.joined(separator: ", ")
      return "\(results) = \(node.opType)(\(node.input.joined(separator: ", ")))"
    }.joined(separator: "\n")
  }

  /// How many nodes there are of each operator.
  var counts: [String: Int] {
    graph.node.reduce(into: [:]) { $0[$1.opType, default: 0] += 1 }
  }

  var version: Int64 { opsetImport.first?.version ?? 0 }
}

/// The largest difference between tensors: of floats as a part of the range of their tensor, of integers in steps; infinite
/// where types differ.
func largestDistance(_ a: [Tensor], _ b: [Tensor], range: Double = 0) -> Double {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).map { distance($0, $1, atLeast: range) }.max() ?? 0
}

private func distance(_ a: Tensor, _ b: Tensor, atLeast least: Double) -> Double {
  guard a.type.matches(b.type) else { return .infinity }
  if a.data == b.data { return 0 }
  let (x, y) = (a.storedNumbers, b.storedNumbers)
  let range = a.type.element.isFloat ? x.filter(\.isFinite).map(abs).max() ?? 0 : 1
  let differences = zip(x, y).map { $0 == $1 || $0.isNaN && $1.isNaN ? 0 : abs($0 - $1) }
  let largest = differences.contains { $0.isNaN } ? .infinity : differences.max() ?? 0
  return largest / max(range, least, 1e-6)
}
