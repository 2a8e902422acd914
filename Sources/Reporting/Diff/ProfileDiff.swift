/// What differs between two profiles: totals, and layer by layer the biggest movers first.
public struct ProfileDiff: Codable, Hashable, Sendable {
  /// The target of the first profile.
  public let targetBefore: Profile.TargetReference
  /// The target of the second profile.
  public let targetAfter: Profile.TargetReference
  /// Figures of the whole run, also those that did not change.
  public let totals: [Figure]
  /// Those that differ; by the change of cycles, and then in the order of the second profile.
  public let layers: [LayerChange]
  /// How many layers are as they were.
  public let unchangedLayers: Int

  /// Whether nothing differs.
  public var isEmpty: Bool { layers.isEmpty && totals.allSatisfy { $0.before == $0.after } }

  /// A figure before and after; nil where a profile does not have it.
  public struct Figure: Codable, Hashable, Sendable {
    /// As in `Profile.figures`, or of a layer the name of its field.
    public let name: String
    /// In the first profile.
    @ExplicitNull public var before: Double?
    /// In the second profile.
    @ExplicitNull public var after: Double?

    init(_ name: String, _ before: Double?, _ after: Double?) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// What happened to a layer.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case added, removed, fused, split
    /// Several layers became several others.
    case regrouped
    case `operator`
    /// It runs on another engine.
    case engine
    case latency, macs, traffic
    /// It is limited by something else.
    case bound
    /// It stands elsewhere among the others.
    case moved
    case name
  }

  /// One difference: a layer, or several that were fused or split.
  public struct LayerChange: Codable, Hashable, Sendable {
    /// Each once, the most important first.
    public let kinds: [Kind]
    /// Empty for what was added.
    public let before: [Layer]
    /// Empty for what was removed.
    public let after: [Layer]
    /// `after − before`, in cycles.
    public let latencyChange: Double
    /// The sums over the layers that differ, but for the latency.
    public let figures: [Figure]
  }

  /// A layer as far as a difference tells of it.
  public struct Layer: Codable, Hashable, Sendable {
    /// Of the layer's result in the model file.
    public let name: String
    /// As in the profile.
    public let `operator`: String
    /// As in the profile.
    public let engine: String
    /// As in the profile.
    public let latencyCycles: Double
    /// What the layer's time is spent on.
    public let bound: String
  }

  /// Compares two profiles.
  public init(_ a: Profile, _ b: Profile) {
    targetBefore = a.target
    targetAfter = b.target
    totals = Self.paired(a.figures, b.figures)
    let matching = LayerMatching(
      a.layers.map(\.features), b.layers.map(\.features),
      isSameModel: a.model.sha256 == b.model.sha256)
    let changes = matching.groups.compactMap { Self.change($0, a, b, matching.moved) }
    unchangedLayers = matching.groups.count - changes.count
    layers = changes.enumerated().sorted {
      let (x, y) = (abs($0.element.latencyChange), abs($1.element.latencyChange))
      return x == y ? $0.offset < $1.offset : x > y
    }.map(\.element)
  }

  /// In the order of the first list, and then what only the second has.
  private static func paired(_ a: [ProfileFigure], _ b: [ProfileFigure]) -> [Figure] {
    let (before, after) = (byName(a), byName(b))
    let names = a.map(\.name) + b.map(\.name).filter { before[$0] == nil }
    return names.map { Figure($0, before[$0], after[$0]) }
  }

  private static func byName(_ figures: [ProfileFigure]) -> [String: Double] {
    Dictionary(figures.map { ($0.name, $0.value) }) { first, _ in first }
  }
}

// MARK: - One layer

extension ProfileDiff {
  private static func change(
    _ group: LayerMatching.Group, _ a: Profile, _ b: Profile, _ moved: Set<Int>
  ) -> LayerChange? {
    let (old, new) = (group.before.map { a.layers[$0] }, group.after.map { b.layers[$0] })
    let figures = paired(sums(old), sums(new)).filter { $0.before != $0.after }
    var kinds = Set(figures.map { $0.name == "macs" ? Kind.macs : .traffic })
    if let place = group.after.first, moved.contains(place) { kinds.insert(.moved) }
    switch (old.count, new.count) {
    case (0, _): kinds = [.added]
    case (_, 0): kinds = [.removed]
    case (1, 1): kinds.formUnion(kindsOfPair(old[0], new[0]))
    case (_, 1): kinds.insert(.fused)
    case (1, _): kinds.insert(.split)
    default: kinds.insert(.regrouped)
    }
    let change = cycles(new) - cycles(old)
    if change != 0, !old.isEmpty, !new.isEmpty { kinds.insert(.latency) }
    guard !kinds.isEmpty else { return nil }
    return LayerChange(
      kinds: Kind.allCases.filter(kinds.contains), before: old.map(Layer.init),
      after: new.map(Layer.init), latencyChange: change, figures: figures)
  }

  private static func kindsOfPair(_ old: Profile.Layer, _ new: Profile.Layer) -> Set<Kind> {
    var kinds: Set<Kind> = []
    if old.name != new.name { kinds.insert(.name) }
    if old.operator != new.operator { kinds.insert(.operator) }
    if old.engine != new.engine { kinds.insert(.engine) }
    if old.bound != new.bound { kinds.insert(.bound) }
    return kinds
  }

  private static func cycles(_ layers: [Profile.Layer]) -> Double {
    layers.reduce(0) { $0 + Double($1.latencyCycles) }
  }

  private static func sums(_ layers: [Profile.Layer]) -> [ProfileFigure] {
    guard !layers.isEmpty else { return [] }
    let memories = Set(layers.flatMap(\.trafficBytes.keys)).sorted()
    return [figure("macs", layers) { Double($0.macs) }]
      + memories.flatMap { name in
        [
          figure("trafficBytes.\(name).read", layers) { Double($0.trafficBytes[name]?.read ?? 0) },
          figure("trafficBytes.\(name).write", layers) {
            Double($0.trafficBytes[name]?.write ?? 0)
          },
        ]
      }
  }

  private static func figure(
    _ name: String, _ layers: [Profile.Layer], _ value: (Profile.Layer) -> Double
  ) -> ProfileFigure {
    ProfileFigure(name: name, value: layers.reduce(0) { $0 + value($1) })
  }
}

extension ProfileDiff.Layer {
  fileprivate init(_ layer: Profile.Layer) {
    name = layer.name
    `operator` = layer.operator
    engine = layer.engine
    latencyCycles = Double(layer.latencyCycles)
    bound = layer.bound.rawValue
  }
}
