/// A figure of a whole run, with the name that baselines and differences know it by.
public struct ProfileFigure: Codable, Hashable, Sendable {
  /// As the path in the profile's JSON, such as `trafficBytes.sram.read`.
  public let name: String
  /// In the unit that the name says.
  public let value: Double
}

extension Profile {
  /// The figures of the whole run that are known, in the order in which people want to see them.
  public var figures: [ProfileFigure] {
    let plain: [(String, Double?)] = [
      ("latencyCycles", Double(totals.latencyCycles)),
      ("latencyMilliseconds", totals.latencyMilliseconds), ("macs", Double(totals.macs)),
      ("utilization", totals.utilization), ("energyMicrojoules", totals.energyMicrojoules),
      ("imageBytes", totals.imageBytes.map(Double.init)),
    ]
    let peaks = totals.peakMemoryBytes.sorted { $0.key < $1.key }
      .map { ("peakMemoryBytes.\($0.key)", Optional(Double($0.value))) }
    let live = totals.liveMemoryBytes.sorted { $0.key < $1.key }
      .map { ("liveMemoryBytes.\($0.key)", Optional(Double($0.value))) }
    let traffic = totals.trafficBytes.sorted { $0.key < $1.key }.flatMap { memory, traffic in
      [
        ("trafficBytes.\(memory).read", Optional(Double(traffic.read))),
        ("trafficBytes.\(memory).write", Optional(Double(traffic.write))),
      ]
    }
    return (plain + peaks + live + traffic).compactMap { name, value in
      value.map { ProfileFigure(name: name, value: $0) }
    }
  }
}

extension Profile.Layer {
  /// By what the layer is found again in another profile.
  public var features: LayerFeatures {
    LayerFeatures(
      name: name, operator: `operator`, sources: sources.map { "\($0.operator) \($0.index)" },
      macs: Double(macs))
  }
}
