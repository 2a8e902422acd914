import GraphIR
import Tensors

/// Compares matched layers, and leaves out what only follows from changes before them.
struct LayerComparison {
  private let matching: GraphMatching
  private let fusions: GraphFusions
  private let followed: FollowedValues

  init(_ matching: GraphMatching, _ fusions: GraphFusions) {
    self.matching = matching
    self.fusions = fusions
    followed = FollowedValues(matching, fusions)
  }

  /// All changes of layers, and how many more only follow from them.
  func changes() -> (changes: [GraphDiff.Change], consequences: Int) {
    var found: [(place: Double, change: GraphDiff.Change)] = []
    var consequences = 0
    for (y, x) in matching.partnersOfB.enumerated() {
      guard let x else {
        if !fusions.detached.contains(y) { found.append((Double(y), added(y))) }
        continue
      }
      let (details, hasConsequence) = differences(x, y)
      if let change = change(x, y, details) {
        found.append((Double(y), change))
      } else if hasConsequence {
        consequences += 1
      }
    }
    found += removed()
    return (found.sorted { $0.place < $1.place }.map(\.change), consequences)
  }

  private func layerOfA(_ x: Int) -> GraphDiff.Layer {
    GraphDiff.Layer(matching.a.name(x), matching.a.node(x).kind)
  }

  private func layerOfB(_ y: Int) -> GraphDiff.Layer {
    GraphDiff.Layer(matching.b.name(y), matching.b.node(y).kind)
  }

  private func added(_ y: Int) -> GraphDiff.Change {
    GraphDiff.Change(
      part: .layer, kinds: [.added], before: [], after: [layerOfB(y)], details: [])
  }

  /// Each behind what stood before it.
  private func removed() -> [(place: Double, change: GraphDiff.Change)] {
    var place = -0.5
    let absorbed = fusions.absorbed
    return matching.partnersOfA.enumerated().compactMap { x, y in
      if let y { place = Double(y) + 0.5 }
      guard y == nil, !absorbed.contains(x) else { return nil }
      let change = GraphDiff.Change(
        part: .layer, kinds: [.removed], before: [layerOfA(x)], after: [], details: [])
      return (place, change)
    }
  }

  private func change(_ x: Int, _ y: Int, _ details: [GraphDiff.Detail]) -> GraphDiff.Change? {
    let (fused, split) = (fusions.fused[y], fusions.split[x])
    var kinds = Set(details.map(\.kind))
    if fused != nil || split != nil {
      // That is what fusing is; the details tell.
      kinds.subtract([.operator, .attributes, .name])
      kinds.formUnion([fused == nil ? .split : .fused])
    }
    guard !kinds.isEmpty else { return nil }
    return GraphDiff.Change(
      part: .layer, kinds: GraphDiff.Kind.allCases.filter(kinds.contains),
      before: (fused ?? [x]).map(layerOfA), after: (split ?? [y]).map(layerOfB),
      details: details)
  }
}

// MARK: - One layer

extension LayerComparison {
  private func differences(_ x: Int, _ y: Int) -> ([GraphDiff.Detail], hasConsequence: Bool) {
    let (old, new) = (matching.a.node(x), matching.b.node(y))
    var details: [GraphDiff.Detail] = []
    if old.kind != new.kind { details.append(.init(.operator, nil, old.kind, new.kind)) }
    details += attributes(old, new)
    var hasConsequence = false
    let isMerged = fusions.fused[y] != nil || fusions.split[x] != nil
    for operand in 0..<max(old.inputs.count, new.inputs.count) {
      let found = operandDifferences(operand, x, y, isMerged: isMerged)
      details += found.details
      hasConsequence = hasConsequence || found.hasConsequence
    }
    let results = resultDifferences(x, y)
    return (details + results.details, hasConsequence || results.hasConsequence)
  }

  /// Attributes with other values; of another operator none, as they do not compare.
  private func attributes(_ old: Node, _ new: Node) -> [GraphDiff.Detail] {
    guard old.kind == new.kind else { return [] }
    let after = Dictionary(uniqueKeysWithValues: new.attributes.map { ($0.name, $0.value) })
    return old.attributes.compactMap { name, value in
      after[name] == value ? nil : .init(.attributes, name, value, after[name])
    }
  }

  private func operandDifferences(
    _ operand: Int, _ x: Int, _ y: Int, isMerged: Bool
  ) -> (details: [GraphDiff.Detail], hasConsequence: Bool) {
    let (a, b) = (matching.a, matching.b)
    let old = a.node(x).inputs.dropFirst(operand).first
    let new = b.node(y).inputs.dropFirst(operand).first
    if let old, let new, a.graph.isConstant(old), b.graph.isConstant(new) {
      return ConstantComparison(matching, x, y).differences(operand, old, new)
    }
    if isMerged || followed.isSame(old, new) { return ([], false) }
    let names = (old.map { a.graph.values[$0].name }, new.map { b.graph.values[$0].name })
    return ([.init(.operands, "operand \(operand)", names.0, names.1)], false)
  }

  private func resultDifferences(
    _ x: Int, _ y: Int
  ) -> (details: [GraphDiff.Detail], hasConsequence: Bool) {
    let (a, b) = (matching.a, matching.b)
    // Of fused layers the last gives the result.
    let last = fusions.fused[y]?.last ?? x
    let final = fusions.split[x]?.last ?? y
    var details: [GraphDiff.Detail] = []
    var hasConsequence = false
    for (value, other) in zip(a.node(last).results, b.node(final).results) {
      let (old, new) = (a.graph.values[value], b.graph.values[other])
      if old.name != new.name, !(a.isUnnamed(value) && b.isUnnamed(other)) {
        details.append(.init(.name, nil, old.name, new.name))
      }
      if !old.type.matches(new.type) {
        if followsOperands(x, y) {
          hasConsequence = true
        } else {
          details.append(.init(.type, nil, old.type.plainText, new.type.plainText))
        }
      }
      if old.type.quantization != new.type.quantization {
        if followsQuantization(x, y, old.type, new.type) {
          hasConsequence = true
        } else {
          details.append(
            .init(.quantization, nil, old.type.quantizationText, new.type.quantizationText))
        }
      }
    }
    return (details, hasConsequence)
  }

  /// Shapes and element types are inferred: with the same operator, only other operands can change them.
  private func followsOperands(_ x: Int, _ y: Int) -> Bool {
    let (old, new) = (matching.a.node(x), matching.b.node(y))
    let types = zip(matching.a.graph.types(of: old.inputs), matching.b.graph.types(of: new.inputs))
    return old.kind == new.kind && types.contains { !$0.matches($1) }
  }

  /// Whether both results have the quantization of an operand: of pools, reshapes and others that keep it.
  private func followsQuantization(
    _ x: Int, _ y: Int, _ old: TensorType, _ new: TensorType
  ) -> Bool {
    let (before, after) = (matching.a, matching.b)
    return zip(before.node(x).inputs, after.node(y).inputs).contains { value, other in
      !before.graph.isConstant(value)
        && before.graph.values[value].type.quantization == old.quantization
        && after.graph.values[other].type.quantization == new.quantization
    }
  }
}

/// Which values are the same for those who read them, through layers that were removed or added between.
private struct FollowedValues {
  let matching: GraphMatching
  let fusions: GraphFusions

  init(_ matching: GraphMatching, _ fusions: GraphFusions) {
    self.matching = matching
    self.fusions = fusions
  }

  /// Whether a reader of `old` that now reads `new` reads the same, or what became of it.
  func isSame(_ old: ValueID?, _ new: ValueID?) -> Bool {
    guard let old, let new else { return old == nil && new == nil }
    let befores = through(old, matching.a, matching.partnersOfA, but: fusions.absorbed)
    let afters = through(new, matching.b, matching.partnersOfB, but: fusions.detached)
    return befores.contains { value in
      let partners = [matching.partner(ofValue: value), fusions.partnersOfResults[value]]
      return partners.contains { partner in partner.map(afters.contains) ?? false }
    }
  }

  /// The value, and the operands of layers without partner that it is computed from.
  private func through(
    _ value: ValueID, _ side: GraphSide, _ partners: [Int?], but kept: Set<Int>
  ) -> Set<ValueID> {
    var found: Set<ValueID> = [value]
    var next = [value]
    while let value = next.popLast() {
      guard let node = side.producer(of: value), partners[node] == nil, !kept.contains(node) else {
        continue
      }
      next += side.activations(of: node).filter { found.insert($0).inserted }
    }
    return found
  }
}

extension TensorType {
  /// Element type and shape, as in `i8[1, 8]`.
  var plainText: String { "\(element.rawValue)\(shape)" }

  /// Scales and zero points; of many the first and how many there are. Nil for what is not quantized.
  var quantizationText: String? {
    guard let quantization else { return nil }
    guard quantization.scales.count > 4 else { return quantization.description }
    let first = Quantization(
      axis: quantization.axis, scales: [quantization.scale], zeroPoints: [quantization.zeroPoint])
    return "\(first), … (\(quantization.scales.count) scales)"
  }
}
