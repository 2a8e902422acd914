import GraphIR

/// Which removed layers are now part of another, and which added ones were part of one.
struct GraphFusions {
  /// By layer of `b`: the layers of `a` whose work it does, in order; only where they are several.
  private(set) var fused: [Int: [Int]] = [:]
  /// By layer of `a`: the layers of `b` that do its work, in order; only where they are several.
  private(set) var split: [Int: [Int]] = [:]

  /// Results of the last of fused layers, with what took their places.
  private(set) var partnersOfResults: [ValueID: ValueID] = [:]

  init(_ matching: GraphMatching) {
    var backward = FusionSearch(from: matching.b, to: matching.a, matching.partnersOfB)
    for (value, partner) in matching.entries { backward.values[partner] = value }
    backward.run(matching.partnersOfA)
    split = backward.groups
    var forward = FusionSearch(from: matching.a, to: matching.b, matching.partnersOfA)
    forward.values = matching.entries
    for (x, group) in split { forward.note(x, group.last) }
    forward.run(matching.partnersOfB)
    fused = forward.groups
    partnersOfResults = forward.values
  }

  /// The layers of `a` that are no longer there by themselves.
  var absorbed: Set<Int> { Set(fused.values.joined()) }

  /// The layers of `b` that were part of another.
  var detached: Set<Int> { Set(split.values.joined()) }
}

/// Looks for several layers of one graph that became one of the other.
private struct FusionSearch {
  let from: GraphSide
  let to: GraphSide
  /// Of each node of `from`.
  let partners: [Int?]
  /// Which value of `to` took the place of one of `from`.
  var values: [ValueID: ValueID] = [:]
  /// By node of `to`.
  var groups: [Int: [Int]] = [:]
  /// All that stands in groups.
  private var taken: Set<Int> = []

  init(from: GraphSide, to: GraphSide, _ partners: [Int?]) {
    self.from = from
    self.to = to
    self.partners = partners
  }

  /// In the order of the data, because what a layer reads may be fused itself.
  mutating func run(_ partnersOfTo: [Int?]) {
    for (y, x) in partnersOfTo.enumerated() {
      guard let x else { continue }
      note(x, y)
      guard let group = group(around: x, becoming: y) else { continue }
      groups[y] = group
      taken.formUnion(group)
      note(group[group.count - 1], y)
    }
  }

  /// The results of `x` are now those of `y`, unless others are known to have taken their places.
  mutating func note(_ x: Int, _ y: Int?) {
    guard let y else { return }
    for (value, partner) in zip(from.node(x).results, to.node(y).results)
    where values[value] == nil { values[value] = partner }
  }

  /// The layers of `from` around `x`, unmatched but for itself, that together are what `y` is; nil if there are none.
  private func group(around x: Int, becoming y: Int) -> [Int]? {
    // A layer that stayed as it was has taken over no work.
    guard from.exact[x] != to.exact[y] else { return nil }
    let (behind, before) = (chainBehind(x), chainBefore(x))
    let behinds = (0...behind.count).reversed().map { Array(behind.prefix($0)) }
    let candidates = behinds.flatMap { part in before.isEmpty ? [part] : [part + before, part] }
    let groups = candidates.filter { !$0.isEmpty }.map { ([x] + $0).sorted() }
    return groups.first { hasResult($0, y) && isSame($0, y) && takesOver($0, x, y) }
  }

  /// Whether the last of the group gives as many elements as `y`: what pads or pools behind belongs to others.
  private func hasResult(_ group: [Int], _ y: Int) -> Bool {
    let last = from.graph.types(of: from.node(group[group.count - 1]).results)
    return last.map(\.elementCount) == to.graph.types(of: to.node(y).results).map(\.elementCount)
  }

  /// Whether a layer is neither the partner of another nor part of a group.
  private func isFree(_ position: Int) -> Bool {
    partners[position] == nil && !taken.contains(position)
  }

  /// Layers without partner, each the only reader of the one before it.
  private func chainBehind(_ x: Int) -> [Int] {
    var chain: [Int] = []
    var last = x
    while !from.leaves(last), let reader = from.readers(of: last).first,
      from.readers(of: last).count == 1, isFree(reader)
    {
      chain.append(reader)
      last = reader
    }
    return chain
  }

  /// Layers without partner that feed only what stands behind them.
  private func chainBefore(_ x: Int) -> [Int] {
    var chain: [Int] = []
    var next = [x]
    while let reader = next.popLast() {
      for producer in from.producers(of: reader)
      where isFree(producer) && !from.leaves(producer)
        && from.readers(of: producer).allSatisfy({ $0 == reader })
      {
        chain.append(producer)
        next.append(producer)
      }
    }
    return chain
  }

  /// Whether the group reads from outside what `y` reads, and is read where `y` is.
  private func isSame(_ group: [Int], _ y: Int) -> Bool {
    let inside = Set(group)
    let read = group.flatMap { from.activations(of: $0) }.filter { value in
      !(from.producer(of: value).map(inside.contains) ?? false)
    }
    let readByY = to.activations(of: y)
    guard read.allSatisfy({ value in readByY.contains { values[value] == $0 } }),
      readByY.allSatisfy({ value in read.contains { values[$0] == value } })
    else { return false }
    let readers = Set(group.flatMap { from.readers(of: $0) }).subtracting(inside)
    let known = Set(readers.compactMap { partners[$0] })
    let isLeaving = group.contains { from.leaves($0) }
    return isLeaving == to.leaves(y) && known.isSubset(of: to.readers(of: y))
  }

  /// Whether `y` does something that `x` did not: a clamp, a border, other constants, another operator; or says by its
  /// sources that it does the work of the group.
  private func takesOver(_ group: [Int], _ x: Int, _ y: Int) -> Bool {
    let (old, new) = (from.node(x), to.node(y))
    let sources = Set(group.flatMap { from.node($0).sources.map(\.kind) })
    if group.allSatisfy({ !from.node($0).sources.isEmpty }), new.sources.count > old.sources.count,
      sources.isSubset(of: new.sources.map(\.kind))
    {
      return true
    }
    if old.kind != new.kind { return true }
    let (attributes, others) = (old.attributes, new.attributes)
    let changed = zip(attributes, others).filter { $0.value != $1.value }.map(\.0.name)
    // With other attributes than these, the neighbors were removed and the layer was changed, both by itself.
    guard changed.allSatisfy(Self.absorbing.contains) else { return false }
    return !changed.isEmpty
      || (otherConstants(x, y) && group.allSatisfy { $0 == x || isLinear($0) })
  }

  /// Attributes by which a layer does what was another's work.
  private static let absorbing: Set = ["clamp", "padding", "permutation"]

  /// Whether weights can take over what the layer does: factors and offsets are constants, transposes move elements.
  private func isLinear(_ position: Int) -> Bool {
    from.hasConstants(position) || from.node(position).kind == "transpose"
  }

  private func otherConstants(_ x: Int, _ y: Int) -> Bool {
    from.constants(x) != to.constants(y)
  }
}
