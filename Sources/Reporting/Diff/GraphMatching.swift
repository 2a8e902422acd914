import GraphIR

/// Which node of one graph is which of another: by structure first, then by name, then by place.
struct GraphMatching {
  let a: GraphSide
  let b: GraphSide
  /// Of each node of `a` its partner in `b`; nil if it was removed.
  private(set) var partnersOfA: [Int?]
  /// Of each node of `b` its partner in `a`; nil if it was added.
  private(set) var partnersOfB: [Int?]
  /// Inputs and states of `a` with their partners.
  let entries: [ValueID: ValueID]

  /// How far around a node its neighbours are looked at; farther first, because that mistakes least.
  private static let neighborhoods = 3

  init(_ before: Graph, _ after: Graph) {
    var labels = GraphLabels()
    a = GraphSide(before, &labels)
    b = GraphSide(after, &labels)
    partnersOfA = Array(repeating: nil, count: a.count)
    partnersOfB = Array(repeating: nil, count: b.count)
    entries = Self.entries(before, after)
    matchStructure(&labels)
    let (a, b) = (a, b)
    matchNames { a.rough[$0] == b.rough[$1] }
    follow { $0.a.rough[$1] == $0.b.rough[$2] }
    align()
    follow { $0.a.kinds[$1] == $0.b.kinds[$2] }
    matchNames { _, _ in true }
    matchPlaces()
  }

  private mutating func pair(_ x: Int, _ y: Int) {
    partnersOfA[x] = y
    partnersOfB[y] = x
  }

  private var unmatchedA: [Int] { a.nodes.indices.filter { partnersOfA[$0] == nil } }
  private var unmatchedB: [Int] { b.nodes.indices.filter { partnersOfB[$0] == nil } }
}

// MARK: - By structure

extension GraphMatching {
  private mutating func matchStructure(_ labels: inout GraphLabels) {
    let up = (a.upstream(&labels), b.upstream(&labels))
    let down = (a.downstream(&labels), b.downstream(&labels))
    matchEqual(zip(up.0, down.0).map { [$0, $1] }, zip(up.1, down.1).map { [$0, $1] })
    matchEqual(up.0, up.1)
    matchEqual(down.0, down.1)
    var near = [(a.exact, b.exact)]
    for _ in 0..<Self.neighborhoods {
      let inner = near[near.count - 1]
      near.append((a.widened(inner.0, &labels), b.widened(inner.1, &labels)))
    }
    for keys in near.reversed() { matchEqual(keys.0, keys.1, unique: true) }
  }

  /// Pairs unmatched nodes whose keys are equal, the first with the first, where there are as many on both sides.
  private mutating func matchEqual<Key: Hashable>(
    _ keysOfA: [Key], _ keysOfB: [Key], unique: Bool = false
  ) {
    let groupsOfB = Dictionary(grouping: unmatchedB) { keysOfB[$0] }
    for (key, group) in Dictionary(grouping: unmatchedA, by: { keysOfA[$0] }) {
      guard let others = groupsOfB[key], others.count == group.count else { continue }
      if unique, group.count > 1 { continue }
      for (x, y) in zip(group, others) { pair(x, y) }
    }
  }
}

// MARK: - By name and place

extension GraphMatching {
  /// Pairs nodes of one name, which no other unmatched node has.
  private mutating func matchNames(where fits: (Int, Int) -> Bool) {
    let groupsOfB = Dictionary(grouping: unmatchedB) { b.ownName($0) }
    for (name, group) in Dictionary(grouping: unmatchedA, by: { a.ownName($0) }) {
      guard let name, !name.isEmpty, group.count == 1, let others = groupsOfB[name],
        others.count == 1,
        fits(group[0], others[0])
      else { continue }
      pair(group[0], others[0])
    }
  }

  /// Pairs what pairs read, and what reads them, until nothing more follows.
  private mutating func follow(where fits: (GraphMatching, Int, Int) -> Bool) {
    var isSettled = false
    while !isSettled {
      isSettled = true
      let rest = unmatchedA
      // In both directions: along the data and against them.
      for x in rest + rest.reversed() where partnersOfA[x] == nil {
        let candidates = neighbors(ofA: x).filter { partnersOfB[$0] == nil && fits(self, x, $0) }
        guard candidates.count == 1 else { continue }
        pair(x, candidates[0])
        isSettled = false
      }
    }
  }

  /// Nodes of `b` that read what the node reads, and those whose results its readers read, at the same operand.
  private func neighbors(ofA x: Int) -> [Int] {
    var found: Set<Int> = []
    for (operand, value) in a.node(x).inputs.enumerated() {
      guard let other = partner(ofValue: value) else { continue }
      for use in b.graph.values[other].uses where use.operand == operand {
        if let y = b.positions[use.node] { found.insert(y) }
      }
    }
    for (at, result) in a.node(x).results.enumerated() {
      for use in a.graph.values[result].uses {
        guard let reader = a.positions[use.node].flatMap({ partnersOfA[$0] }),
          use.operand < b.node(reader).inputs.count,
          let y = b.producer(of: b.node(reader).inputs[use.operand]),
          b.node(y).results.indices.contains(at)
        else { continue }
        found.insert(y)
      }
    }
    return found.sorted()
  }

  /// Pairs what is left of the same kind, in order, by how much two nodes have in common.
  private mutating func align() {
    let (restA, restB) = (unmatchedA, unmatchedB)
    let gapsA = gaps(partnersOfA)
    let gapsB = gaps(partnersOfB.enumerated().map { $1 == nil ? nil : $0 })
    let near = restA.map { Set(neighbors(ofA: $0)) }
    let pairs = Alignment.pairs(restA.count, restB.count) { i, j in
      let (x, y) = (restA[i], restB[j])
      guard a.kinds[x] == b.kinds[y] else { return 0 }
      let isEqual = a.exact[x] == b.exact[y]
      let context =
        (a.ownName(x) != nil && a.ownName(x) == b.ownName(y) ? 3 : 0)
        + (near[i].contains(y) ? 2 : 0)
        + (gapsA[x] == gapsB[y] ? 2 : 0)
      // Far from where it was, a node is known by its constants alone.
      guard context > 0 || (isEqual && a.hasConstants(x)) else { return 0 }
      return context + (isEqual ? 3 : a.rough[x] == b.rough[y] ? 2 : 0)
    }
    for (i, j) in pairs { pair(restA[i], restB[j]) }
  }

  /// Of each node, where in `b` the last matched node before it stands; −1 before the first.
  private func gaps(_ places: [Int?]) -> [Int] {
    var last = -1
    return places.map { place in
      last = place ?? last
      return last
    }
  }

  /// Pairs a removed node with an added one that reads the same values or feeds the same readers: it was replaced.
  private mutating func matchPlaces() {
    follow { found, x, y in
      let (a, b) = (found.a, found.b)
      let reads = a.activations(of: x).map { found.partner(ofValue: $0) }
      let feeds = a.readers(of: x).map { found.partnersOfA[$0] }
      return reads == b.activations(of: y) && feeds == b.readers(of: y)
        && a.leaves(x) == b.leaves(y)
    }
  }
}

// MARK: - Values

extension GraphMatching {
  /// The value of `b` that takes the place of an input, a state or a result of `a`.
  func partner(ofValue value: ValueID) -> ValueID? {
    if let entry = entries[value] { return entry }
    guard case .result(let node, let at) = a.graph.values[value].definition,
      let x = a.positions[node], let y = partnersOfA[x],
      b.node(y).results.indices.contains(at)
    else { return nil }
    return b.node(y).results[at]
  }

  /// Inputs with inputs, states with states: by name, and what is left in order.
  private static func entries(_ a: Graph, _ b: Graph) -> [ValueID: ValueID] {
    let inputs = ports(a.inputs, a, b.inputs, b)
    let states = ports(a.states.map(\.current), a, b.states.map(\.current), b)
    return inputs.merging(states) { first, _ in first }
  }

  private static func ports(
    _ ofA: [ValueID], _ a: Graph, _ ofB: [ValueID], _ b: Graph
  ) -> [ValueID: ValueID] {
    var pairs: [ValueID: ValueID] = [:]
    var free = ofB
    for value in ofA {
      let place = free.firstIndex { b.values[$0].name == a.values[value].name }
      if let place { pairs[value] = free.remove(at: place) }
    }
    for (value, other) in zip(ofA.filter { pairs[$0] == nil }, free) { pairs[value] = other }
    return pairs
  }
}
