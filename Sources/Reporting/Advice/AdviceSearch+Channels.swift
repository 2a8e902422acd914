import GraphIR
import Lowering
import Simulation

/// Changes of the graph: channels that the network does not need, where hardware likes their number better.
extension AdviceSearch {
  /// The most groups of channels that are tried: those in the layers that take longest.
  private static let maximumGroups = 12

  /// Numbers of channels as multiples of what the array works on; of images also 4.
  var channelChanges: [Change] {
    let groups = ChannelGroup.all(of: graph).filter { !sizes(for: $0).isEmpty }
    let longest = groups.map { (group: $0, cycles: cycles(of: $0)) }
      .sorted { ($1.cycles, $0.group.values[0]) < ($0.cycles, $1.group.values[0]) }
    return longest.prefix(Self.maximumGroups).flatMap { entry in
      sizes(for: entry.group).map { change(entry.group, to: $0) }
    }
  }

  private func sizes(for group: ChannelGroup) -> [Int] {
    let unit = target.array.microBlock.depth
    let multiple = (group.channels + unit - 1) / unit * unit
    let candidates = group.channels < 4 ? [4, multiple] : [multiple]
    return Set(candidates).filter { $0 > group.channels }.sorted()
  }

  private func cycles(of group: ChannelGroup) -> Int {
    let names = Set(group.nodes.map { graph.values[graph.result(of: $0)].name })
    return zip(program.layers, timeline.layers).reduce(0) { sum, layer in
      sum + (names.contains(layer.0.name) ? layer.1.latencyCycles : 0)
    }
  }

  private func change(_ group: ChannelGroup, to channels: Int) -> Change {
    let name = graph.values[group.values[0]].name
    let place = Escaping.shortened(Escaping.terminal(name), to: 48)
    let isInput = group.values.contains { graph.inputs.contains($0) }
    return Change(
      subject: "channels of \(group.values[0])",
      title: "pad the \(group.channels) channels of \(place) to \(channels)",
      reason:
        "with zeros\(isInput ? " in the input" : "") and zeros in the weights that meet them, "
        + "results stay the same"
    ) {
      let padded = try graph.padding(group, to: channels)
      return Timeline(of: try Program(lowering: padded, to: target, for: .latency, .timing))
    }
  }
}
