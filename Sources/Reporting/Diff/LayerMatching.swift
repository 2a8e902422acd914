/// What is known of a layer when two profiles, or a profile and accepted figures, are compared.
public struct LayerFeatures: Codable, Hashable, Sendable {
  /// Of the layer's result; it may change without the layer changing.
  public let name: String
  /// The operator's name in the text form.
  public let `operator`: String
  /// The operators of the model file whose work the layer does, such as `CONV_2D 3`.
  public let sources: [String]
  /// Multiply-accumulates of one run.
  public let macs: Double

  /// - Parameter sources: kind and index, with a space between.
  public init(name: String, operator: String, sources: [String], macs: Double) {
    self.name = name
    self.operator = `operator`
    self.sources = sources
    self.macs = macs
  }

  /// The kinds of source operators, without their indices, which shift when one is inserted.
  var sourceKinds: [String] {
    sources.map { String($0.prefix { $0 != " " }) }.sorted()
  }
}

/// Which layers of one run are which of another: by what they do, whatever their names and positions are.
public struct LayerMatching: Sendable {
  /// Layers that belong together, by position: one and one if nothing happened, several on one side if they were fused
  /// or split, none if they were added or removed.
  public struct Group: Hashable, Sendable {
    /// Positions in the first list, in order.
    public var before: [Int]
    /// Positions in the second list, in order.
    public var after: [Int]
  }

  /// In the order of the second list; those without layers there behind what stood before them.
  public let groups: [Group]
  /// Positions in the second list of layers that stand elsewhere among the others than they did.
  public let moved: Set<Int>

  /// - Parameter isSameModel: whether the indices of source operators mean the same on both sides, and so tell by
  ///   themselves which layers belong together.
  public init(_ a: [LayerFeatures], _ b: [LayerFeatures], isSameModel: Bool) {
    var search = LayerSearch(a, b)
    if isSameModel { search.matchSources() }
    search.matchEqual()
    search.align()
    search.matchNames()
    search.fuse()
    groups = search.groups
    moved = Self.moved(groups)
  }

  private static func moved(_ groups: [Group]) -> Set<Int> {
    let pairs = groups.filter { $0.before.count == 1 && $0.after.count == 1 }
    let outOfOrder = Alignment.outOfOrder(pairs.map { $0.before[0] })
    return Set(outOfOrder.map { pairs[$0].after[0] })
  }
}

/// Layers on their way to groups.
private struct LayerSearch {
  let a: [LayerFeatures]
  let b: [LayerFeatures]
  private var groupsOfA: [Int?]
  private var groupsOfB: [Int?]
  private var found: [LayerMatching.Group] = []

  init(_ a: [LayerFeatures], _ b: [LayerFeatures]) {
    self.a = a
    self.b = b
    groupsOfA = Array(repeating: nil, count: a.count)
    groupsOfB = Array(repeating: nil, count: b.count)
  }

  private mutating func pair(_ x: Int, _ y: Int) {
    groupsOfA[x] = found.count
    groupsOfB[y] = found.count
    found.append(LayerMatching.Group(before: [x], after: [y]))
  }

  private var restA: [Int] { a.indices.filter { groupsOfA[$0] == nil } }
  private var restB: [Int] { b.indices.filter { groupsOfB[$0] == nil } }

  /// Layers that share source operators, directly or through others, belong together.
  mutating func matchSources() {
    let holders = Dictionary(
      grouping: b.indices.flatMap { y in b[y].sources.map { ($0, y) } }, by: \.0)
    // Eliminated operators stand in no layer that runs.
    for x in a.indices where a[x].operator != "none" {
      for source in a[x].sources {
        for (_, y) in holders[source] ?? [] where b[y].operator != "none" { join(x, y) }
      }
    }
  }

  private mutating func join(_ x: Int, _ y: Int) {
    switch (groupsOfA[x], groupsOfB[y]) {
    case (nil, nil): pair(x, y)
    case (let group?, nil):
      groupsOfB[y] = group
      found[group].after.append(y)
    case (nil, let group?):
      groupsOfA[x] = group
      found[group].before.append(x)
    case (let group?, let other?):
      if group != other { merge(other, into: group) }
    }
  }

  private mutating func merge(_ other: Int, into group: Int) {
    for x in found[other].before { groupsOfA[x] = group }
    for y in found[other].after { groupsOfB[y] = group }
    found[group].before += found[other].before
    found[group].after += found[other].after
    found[other] = LayerMatching.Group(before: [], after: [])
  }

  /// Layers of one name that do the same, and that no other has.
  mutating func matchEqual() {
    match { "\($0.operator) \($0.macs) \($0.name)" }
  }

  /// Layers of one name, whatever they do.
  mutating func matchNames() {
    match { $0.name.isEmpty ? nil : $0.name }
  }

  private mutating func match(_ key: (LayerFeatures) -> String?) {
    let groups = Dictionary(grouping: restB) { key(b[$0]) }
    for (key, layers) in Dictionary(grouping: restA, by: { key(a[$0]) }) {
      guard key != nil, layers.count == 1, let others = groups[key], others.count == 1 else {
        continue
      }
      pair(layers[0], others[0])
    }
  }

  /// Layers of one operator in their order, by how much they have in common.
  mutating func align() {
    let (left, right) = (restA, restB)
    let placesA = gaps(groupsOfA.map { $0.flatMap { found[$0].after.first } })
    let placesB = gaps(groupsOfB.enumerated().map { $1 == nil ? nil : $0 })
    let pairs = Alignment.pairs(left.count, right.count) { i, j in
      let (x, y) = (left[i], right[j])
      guard a[x].operator == b[y].operator else { return 0 }
      let score =
        (a[x].macs == b[y].macs ? 4 : 0) + (a[x].name == b[y].name ? 3 : 0)
        + (placesA[x] == placesB[y] ? 2 : 0) + (a[x].sourceKinds == b[y].sourceKinds ? 1 : 0)
      return score >= 3 ? score : 0
    }
    for (i, j) in pairs { pair(left[i], right[j]) }
  }

  /// Of each layer, where the last matched one before it stands in the second list; −1 before the first.
  private func gaps(_ places: [Int?]) -> [Int] {
    var last = -1
    return places.map { place in
      last = place ?? last
      return last
    }
  }

  /// Adds to a pair the neighbor without partner whose work its other side does as well.
  mutating func fuse() {
    for group in found.indices where found[group].before.count == 1 && found[group].after.count == 1
    {
      let (x, y) = (found[group].before[0], found[group].after[0])
      if let extra = missing(a, x, groupsOfA, b[y]) {
        found[group].before = [x, extra].sorted()
        groupsOfA[extra] = group
      } else if let extra = missing(b, y, groupsOfB, a[x]) {
        found[group].after = [y, extra].sorted()
        groupsOfB[extra] = group
      }
    }
  }

  private func missing(
    _ layers: [LayerFeatures], _ position: Int, _ taken: [Int?], _ whole: LayerFeatures
  ) -> Int? {
    [position - 1, position + 1].first { neighbor in
      guard layers.indices.contains(neighbor), taken[neighbor] == nil else { return false }
      let (layer, other) = (layers[position], layers[neighbor])
      guard layer.macs + other.macs == whole.macs else { return false }
      // The last of fused layers gives its name, unless sources tell more.
      if neighbor > position, other.name == whole.name, layer.name != whole.name { return true }
      return !other.sources.isEmpty
        && (layer.sourceKinds + other.sourceKinds).sorted() == whole.sourceKinds
    }
  }

  /// All groups, also those of single layers, in order.
  var groups: [LayerMatching.Group] {
    let added = restB.map { LayerMatching.Group(before: [], after: [$0]) }
    let removed = restA.map { LayerMatching.Group(before: [$0], after: []) }
    let placesA = gaps(groupsOfA.map { $0.flatMap { found[$0].after.first } })
    let all = (found + added + removed).filter { !($0.before.isEmpty && $0.after.isEmpty) }
      .map { LayerMatching.Group(before: $0.before.sorted(), after: $0.after.sorted()) }
    return all.sorted { place($0, placesA) < place($1, placesA) }
  }

  private func place(_ group: LayerMatching.Group, _ placesA: [Int]) -> (Int, Int, Int) {
    if let first = group.after.first { return (first, 0, 0) }
    return (placesA[group.before[0]], 1, group.before[0])
  }
}
