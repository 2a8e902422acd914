import GraphIR

/// What host and NPU do at the same time: each does its layers in their order, as soon as those that they read are done.
struct HostOverlap {
  /// The cycles that each layer is estimated to take by itself.
  let cycles: [Double]
  let isHost: [Bool]
  /// Of each layer, those that must come before it.
  let producers: [[Int]]

  /// How far both have come.
  private struct State {
    var hostTime = 0.0
    var time = 0.0
    var ends: [Double?]
  }

  /// The cycles for which both work, if layers come in some order.
  func hiddenCycles(_ order: [Int]) -> Double {
    guard isHost.contains(true) else { return 0 }
    var state = State(ends: cycles.map { _ in nil })
    for layer in order { run(layer, &state) }
    return cycles.reduce(0, +) - max(state.hostTime, state.time)
  }

  /// The order in which the next layer is always the one that can begin first; of several such the host's, and then the
  /// first. So the order stays as it is but where a layer would wait for the host.
  var order: [Int] {
    var state = State(ends: cycles.map { _ in nil })
    var left = Array(cycles.indices)
    var order: [Int] = []
    while let next = left.indices.filter({ isReady(left[$0], state) })
      .min(by: { rank(left[$0], state) < rank(left[$1], state) })
    {
      let layer = left.remove(at: next)
      run(layer, &state)
      order.append(layer)
    }
    return order
  }

  private func isReady(_ layer: Int, _ state: State) -> Bool {
    producers[layer].allSatisfy { state.ends[$0] != nil }
  }

  private func rank(_ layer: Int, _ state: State) -> (Double, Int, Int) {
    (start(of: layer, state), isHost[layer] ? 0 : 1, layer)
  }

  private func start(of layer: Int, _ state: State) -> Double {
    producers[layer].reduce(isHost[layer] ? state.hostTime : state.time) {
      max($0, state.ends[$1] ?? 0)
    }
  }

  private func run(_ layer: Int, _ state: inout State) {
    let end = start(of: layer, state) + cycles[layer]
    if isHost[layer] { state.hostTime = end } else { state.time = end }
    state.ends[layer] = end
  }
}

extension Lowering {
  var hostOverlap: HostOverlap {
    HostOverlap(
      cycles: layerCycles, isHost: layers.map { $0.engine == .host }, producers: uses.producers)
  }

  /// The cycles that layers are estimated to take, each by itself.
  var layerCycles: [Double] {
    let tilings = tilingSearch
    return layers.map { $0.blocks?.cycles ?? tilings.otherCycles($0.node) }
  }

  /// Whether in another order the NPU has more to do while the host works.
  var gainsByOverlap: Bool {
    guard strategy.choice == nil, strategy.byteCosts == nil, !strategy.reorders,
      layers.contains(where: { $0.engine == .host })
    else { return false }
    let overlap = hostOverlap
    let gain = overlap.hiddenCycles(overlap.order) - overlap.hiddenCycles(Array(layers.indices))
    return gain > overlap.cycles.reduce(0, +) / 100
  }

  /// The cycles that the plan is estimated to take.
  var estimatedCycles: Double {
    let overlap = hostOverlap
    return (schedule.cost?.cycles ?? overlap.cycles.reduce(0, +))
      - overlap.hiddenCycles(Array(layers.indices))
  }

  /// Operands of the host, with the layer before which their bytes should not be used for other values: the first that
  /// waits for the host.
  var operandsOfHost: [(value: ValueID, end: Int)] {
    layers.indices.filter { layers[$0].engine == .host }.flatMap { layer in
      let waiting = uses.producers.firstIndex { $0.contains(layer) } ?? layers.count
      return graph.nodes[layers[layer].node].inputs.map {
        (roots[$0] ?? $0, max(layer, waiting - 1))
      }
    }
  }
}
