import Evaluation
import GraphIR
import Passes
import Tensors

/// Columns of what layers with weights read on samples.
enum LayerInputs {
  /// At most so many columns of a layer, of all samples together.
  static let columnLimit = 512
  /// At most so many samples are run, spread evenly over all there are.
  static let sampleLimit = 32
  /// Bytes for the columns of all layers; more layers have fewer columns each.
  static let byteLimit = 1 << 27

  /// The columns that `LayerColumns` describes, one after the other, at positions that are spread evenly.
  static func columns(
    of layers: [NodeID], in graph: Graph, _ context: MethodContext
  ) throws -> [NodeID: [Float]] {
    let layouts = Dictionary(
      layers.compactMap { layer in LayerColumns(graph, layer).map { (layer, $0) } }
    ) { first, _ in first }
    let samples = min(context.inputs.count, sampleLimit)
    guard samples > 0, !layouts.isEmpty else { return [:] }
    let width = layouts.values.reduce(0) { $0 + $1.width }
    let limit = (min(columnLimit, byteLimit / 4 / max(1, width)) + samples - 1) / samples
    var graph = graph
    graph.setOutputs(Array(Set(layouts.keys.map { graph.nodes[$0].inputs[0] })).sorted())
    // Nodes behind the last of them need not run.
    _ = try Pass.eliminateDeadNodes.run(&graph)
    let evaluator = try Evaluator(graph)
    var found: [NodeID: [Float]] = [:]
    for sample in 0..<samples {
      evaluator.reset()
      try evaluator.run(
        context.inputs.at(sample * context.inputs.count / samples), workers: context.workers)
      for (layer, layout) in layouts {
        let image = evaluator.bytes(of: graph.nodes[layer].inputs[0])
        let positions = LayerSamples.positions(layout.positions, max(1, limit), sample: sample)
        found[layer, default: []] += layout.columns(
          positions, of: image.bindMemory(to: Float.self))
      }
    }
    return found
  }
}

extension LayerColumns {
  /// The columns at some positions, [groups][positions][width].
  fileprivate func columns(_ positions: [Int], of image: UnsafeBufferPointer<Float>) -> [Float] {
    let all = positions.map { position in
      [Float](unsafeUninitializedCapacity: length) { result, count in
        if let start = result.baseAddress { write(position, of: image, to: start) }
        count = length
      }
    }
    return (0..<groups).flatMap { group in
      all.flatMap { column in (0..<width).map { column[place(group: group, $0)] } }
    }
  }
}
