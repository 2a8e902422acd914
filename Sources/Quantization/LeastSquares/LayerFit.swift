import GraphIR
import Support
import Tensors

/// How weights are rounded once it is known what they should be.
package enum RoundingSearch: Sendable {
  /// One after the other, with feedback of errors.
  case inTurn
  /// From there on, by changes of one or two weights.
  case descent
}

/// Weights of a layer that make up for what its inputs lost: `Σ (w₀ · x₀ − ŵ · x)²` is made small over columns x that the
/// quantized network gives, and x₀ of the real one.
///
/// With the moments H and D of the columns that is `(w − ŵ) · H · (w − ŵ)ᵀ` and a constant, where `w = w₀ + w₀ · D · H⁻¹`. A bias
/// takes up the means, so that moments are about them.
private struct LayerFit {
  package let moments: InputMoments
  package let hasBias: Bool
  package let search: RoundingSearch
  package let workers: Workers
  private var columns: LayerColumns { moments.columns }
  private var rows: Int { columns.rows }

  /// What is stored of weights.
  ///
  /// - Parameter store: stores each as the number nearest to it.
  package func stored(_ weights: [Float], _ store: ([Float]) -> StoredWeights) -> StoredWeights {
    var targets = weights
    for group in 0..<columns.groups { move(&targets, in: group) }
    var result = store(targets)
    for group in 0..<columns.groups { round(targets, in: group, &result) }
    return result
  }

  private func groupMoments(_ group: Int) -> GroupMoments {
    GroupMoments(moments, group: group, isCentred: hasBias)
  }

  private func move(_ weights: inout [Float], in group: Int) {
    let elements = elements(of: group, Array(0..<columns.width))
    let targets = groupMoments(group)
      .targets(elements.map { Double(weights[$0]) }, rows: rows, workers)
    for (element, target) in zip(elements, targets) { weights[element] = Float(target) }
  }

  private func round(_ targets: [Float], in group: Int, _ stored: inout StoredWeights) {
    let matrix = groupMoments(group).damped(by: GroupMoments.damping)
    guard let problem = RoundingProblem(matrix, width: columns.width) else { return }
    let elements = elements(of: group, problem.order)
    var weights = stored.problem(elements, targets)
    problem.roundInTurn(&weights, rows: rows, workers)
    if search == .descent { problem.descend(&weights, rows: rows, workers) }
    guard weights.steps.allSatisfy(\.isFinite) else { return }
    for (element, step) in zip(elements, weights.steps) { stored.steps[element] = step }
  }

  /// The places of a group's weights in their tensor, [width][rows].
  private func elements(of group: Int, _ order: [Int]) -> [Int] {
    order.flatMap { column in
      (0..<rows).map { columns.element(group: group, row: $0, column) }
    }
  }

  /// The bias with which the mean of each sum is that of the real network: `b + w₀ · x̄₀ − ŵ · x̄`.
  package func bias(_ bias: [Float], _ weights: [Float], _ stored: [Float]) -> [Float] {
    bias.indices.map { channel in
      let (group, row) = (channel / rows, channel % rows)
      let sum = (0..<columns.width).reduce(0.0) { sum, column in
        let element = columns.element(group: group, row: row, column)
        let input = moments.sums[group * columns.width + column]
        let missing = moments.differenceSums[group * columns.width + column]
        return sum + Double(weights[element]) * (input + missing) - Double(stored[element]) * input
      }
      let new = Float(Double(bias[channel]) + sum / Double(moments.count))
      return new.isFinite ? new : bias[channel]
    }
  }
}

extension StoredWeights {
  /// Some elements as they are to be rounded.
  fileprivate func problem(_ elements: [Int], _ targets: [Float]) -> RoundingProblem.Weights {
    let scales = elements.map { map.scale(of: $0) }
    let bounds = scales.map { self.bounds(scale: $0) ?? (0, 0) }
    return RoundingProblem.Weights(
      targets: elements.map { Double(targets[$0]) }, scales: scales.map { self.scales[$0] },
      lower: bounds.map(\.lower), upper: bounds.map(\.upper), steps: elements.map { steps[$0] })
  }
}

extension QuantizedModel {
  /// Stores the weights of each layer that has integers so that its sums are near those of the real network, one layer after
  /// the other, and biases that keep their means.
  package mutating func fitLayers(_ context: MethodContext, _ search: RoundingSearch) throws {
    try LayerWalk.run(&self, context) { model, node, moments in
      model.fit(node, moments, search, context.workers)
    }
  }

  private mutating func fit(
    _ node: NodeID, _ moments: InputMoments, _ search: RoundingSearch, _ workers: Workers
  ) {
    let inputs = graph.nodes[node].inputs
    guard let site = weightSite(node), let numbers = graph.constantNumbers(inputs[1]) else {
      return
    }
    let bias = inputs.count > 2 ? graph.constantNumbers(inputs[2]) : nil
    let fit = LayerFit(moments: moments, hasBias: bias != nil, search: search, workers: workers)
    let stored = fit.stored(numbers) { targets in
      StoredWeights(
        targets, site.shape, channelAxis: site.channelAxis, site.scheme, clipping: clipping
      ) { smallestScale(node, entry: $0, of: site) }
    }
    weights[node] = stored
    if let bias { biases[node] = fit.bias(bias, numbers, stored.realNumbers) }
  }
}
