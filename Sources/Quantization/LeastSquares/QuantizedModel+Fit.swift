import GraphIR
import Support
import Tensors

extension QuantizedModel {
  /// Stores the weights of each layer that has integers so that its sums are near those of the real network, one layer after
  /// the other, and biases that keep their means.
  ///
  /// What does not lower the error on samples that nothing was fitted to stays as it is, layer by layer; and all of it, if
  /// their outputs are clearly further from the real ones than without.
  package mutating func fitLayers(_ context: MethodContext, _ search: RoundingSearch) throws {
    let plain = self
    let last = graph.lastLayers
    let error = try LayerWalk.run(&self, context, hasProducts: search != .nearest) {
      model, node, moments in
      model.fit(node, moments, search, isLast: last.contains(node), context.workers)
    }
    if error.isMuchLarger { self = plain }
    fitGainDecibels = error.isMuchLarger ? 0 : error.gainDecibels
  }

  private mutating func fit(
    _ node: NodeID, _ moments: LayerMoments, _ search: RoundingSearch, isLast: Bool,
    _ workers: Workers
  ) {
    guard let numbers = graph.constantNumbers(graph.nodes[node].inputs[1]),
      let nearest = weights[node]
    else { return }
    var candidates = [nearest]
    if search != .nearest {
      let fit = LayerFit(
        moments: moments.fitted, movesTargets: !isLast, search: search, workers: workers)
      candidates += fitted(node, numbers, fit)
    }
    let bias = bias(of: node)
    let choice = LayerChoice(moments, numbers, candidates, hasBias: bias != nil, workers)
    weights[node] = candidates[choice.index]
    if let bias { setBias(of: node, bias, movedBy: choice.shifts) }
  }

  private func fitted(_ node: NodeID, _ numbers: [Float], _ fit: LayerFit) -> [StoredWeights] {
    guard let site = weightSite(node) else { return [] }
    return [
      fit.stored(numbers) { targets in
        StoredWeights(
          targets, site.shape, channelAxis: site.channelAxis, site.scheme, clipping: clipping
        ) { smallestScale(node, entry: $0, of: site) }
      }
    ]
  }

  /// A bias with shifts, as far as what is stored of it has room.
  private mutating func setBias(of layer: NodeID, _ old: [Float], movedBy shifts: [Double]) {
    guard let scales = weights[layer]?.scales, shifts.contains(where: { $0 != 0 }) else { return }
    let input = inputQuantization(of: layer)?.scale
    biases[layer] = old.indices.map { channel in
      let step = input.map { $0 * scales[channel % scales.count] } ?? .infinity
      let limit = min(step * 0x1.fffffep30, .greatestFiniteMagnitude)
      let number = Float(Double(old[channel]) + shifts[channel])
      return number.isFinite ? min(max(number, -limit), limit) : old[channel]
    }
  }
}

extension Graph {
  /// Layers with weights whose results reach an output through no other of them.
  fileprivate var lastLayers: Set<NodeID> {
    var (found, seen): (Set<NodeID>, Set<NodeID>) = ([], [])
    var open = outputs
    while let value = open.popLast() {
      guard let node = producer(of: value), seen.insert(node).inserted else { continue }
      if case .weighted? = role(of: node) { found.insert(node) } else { open += nodes[node].inputs }
    }
    return found
  }
}
