import Lowering

/// What a baseline holds of a network on a target, and what a check compares with it.
public struct NetworkFacts: Codable, Hashable, Sendable {
  /// Of the model's file, as 64 hexadecimal digits.
  public let modelSHA256: String
  /// Of the target's file.
  public let targetSHA256: String
  /// Figures of the whole network, by name; those that are not known are not there.
  public let totals: [String: Double]
  /// In the order of the program.
  public let layers: [Layer]

  /// A layer by what it does, and how long it takes.
  public struct Layer: Codable, Hashable, Sendable {
    /// By which it is found again.
    public let features: LayerFeatures
    /// By which the layer prolongs the run.
    public let cycles: Double

    init(_ features: LayerFeatures, cycles: Double) {
      self.features = features
      self.cycles = cycles
    }
  }

  init(
    modelSHA256: String, targetSHA256: String, totals: [String: Double], layers: [Layer]
  ) {
    self.modelSHA256 = modelSHA256
    self.targetSHA256 = targetSHA256
    self.totals = totals
    self.layers = layers
  }

  /// The facts of a profile: cycles, energy, memory and traffic, operators on the host, and bytes of the
  /// program's constants.
  ///
  /// - Parameter accuracy: on the data that a suite names; nil if it names none.
  public init(_ profile: Profile, _ program: Program, accuracy: Accuracy? = nil) {
    modelSHA256 = profile.model.sha256
    targetSHA256 = profile.target.sha256
    var totals: [String: Double] = [:]
    for figure in profile.figures where Self.checked.contains(where: figure.name.hasPrefix) {
      totals[figure.name] = figure.value
    }
    let hosted = profile.layers.filter { $0.engine == "host" }
    totals["hostOperators"] = hosted.reduce(0) { $0 + Double(max(1, $1.sources.count)) }
    if let accuracy { totals["accuracy.\(accuracy.metric)"] = accuracy.fraction }
    self.totals = totals
    layers = profile.layers.map { Layer($0.features.named, cycles: Double($0.latencyCycles)) }
  }

  /// Others follow from these, or are no cost.
  private static let checked = [
    "latencyCycles", "energyMicrojoules", "imageBytes", "peakMemoryBytes.", "trafficBytes.",
  ]

  /// Of a figure, or the sum of all whose names begin with this one and a period; nil if there are none.
  func total(_ metric: String) -> Double? {
    if let total = totals[metric] { return total }
    let parts = totals.filter { $0.key.hasPrefix("\(metric).") }.sorted { $0.key < $1.key }
    return parts.isEmpty ? nil : parts.reduce(0) { $0 + $1.value }
  }

  /// Whether less of a figure is worse.
  static func isGain(_ metric: String) -> Bool { metric.hasPrefix("accuracy") }
}

extension LayerFeatures {
  /// With a name that fits in a line of a baseline. It is for people: layers are known by what they do.
  fileprivate var named: LayerFeatures {
    let plain = Escaping.terminal(name).unicodeScalars.filter {
      $0 != "\u{fffe}" && $0 != "\u{ffff}"
    }
    return LayerFeatures(
      name: Escaping.shortened(String(String.UnicodeScalarView(plain)), to: 120),
      operator: `operator`, sources: sources, macs: macs)
  }
}
