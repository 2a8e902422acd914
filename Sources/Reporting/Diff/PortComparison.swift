import GraphIR
import Tensors

/// Compares what goes into two graphs and what comes out of them.
struct PortComparison {
  private let matching: GraphMatching
  private var a: Graph { matching.a.graph }
  private var b: Graph { matching.b.graph }

  init(_ matching: GraphMatching) { self.matching = matching }

  /// Inputs, then states.
  func entryChanges() -> [GraphDiff.Change] {
    changes(.input, a.inputs, b.inputs)
      + changes(.state, a.states.map(\.current), b.states.map(\.current))
  }

  /// Outputs that came, went or changed places; how they are computed is told by layers.
  func outputChanges() -> [GraphDiff.Change] {
    (0..<max(a.outputs.count, b.outputs.count)).compactMap { position in
      let old = a.outputs.dropFirst(position).first
      let new = b.outputs.dropFirst(position).first
      guard let old else { return new.map { change(.output, [.added], nil, $0) } }
      guard let new else { return change(.output, [.removed], old, nil) }
      guard a.values[old].name != b.values[new].name,
        let partner = matching.partner(ofValue: old), partner != new, b.outputs.contains(partner)
      else { return nil }
      return change(.output, [.operands], old, new)
    }
  }

  private func changes(
    _ part: GraphDiff.Part, _ old: [ValueID], _ new: [ValueID]
  ) -> [GraphDiff.Change] {
    let partners = Set(old.compactMap { matching.entries[$0] })
    let kept = old.compactMap { value -> GraphDiff.Change? in
      guard let other = matching.entries[value] else {
        return change(part, [.removed], value, nil)
      }
      let details =
        differences(value, other)
        + (old.firstIndex(of: value) == new.firstIndex(of: other)
          ? [] : [place(value, old, other, new)])
      return details.isEmpty ? nil : change(part, details.map(\.kind), value, other, details)
    }
    return kept + new.filter { !partners.contains($0) }.map { change(part, [.added], nil, $0) }
  }

  private func differences(_ value: ValueID, _ other: ValueID) -> [GraphDiff.Detail] {
    let (old, new) = (a.values[value], b.values[other])
    var details: [GraphDiff.Detail] = []
    if !old.type.matches(new.type) {
      details.append(.init(.type, nil, old.type.plainText, new.type.plainText))
    }
    if old.type.quantization != new.type.quantization {
      details.append(
        .init(.quantization, nil, old.type.quantizationText, new.type.quantizationText))
    }
    return details + stateDetails(value, other)
      + (old.name == new.name ? [] : [.init(.name, nil, old.name, new.name)])
  }

  /// What states hold at first, and what replaces them.
  private func stateDetails(_ value: ValueID, _ other: ValueID) -> [GraphDiff.Detail] {
    guard let old = a.states.first(where: { $0.current == value }),
      let new = b.states.first(where: { $0.current == other })
    else { return [] }
    var details: [GraphDiff.Detail] = []
    if old.initial != new.initial {
      let change = WeightChange(
        a.values[value].type, old.initial, b.values[other].type, new.initial)
      details.append(.init(.weights, "initial", nil, nil, weights: change))
    }
    let (next, otherNext) = (a.values[old.next].name, b.values[new.next].name)
    if next != otherNext, let partner = matching.partner(ofValue: old.next), partner != new.next {
      details.append(.init(.operands, "next", next, otherNext))
    }
    return details
  }

  private func place(
    _ value: ValueID, _ old: [ValueID], _ other: ValueID, _ new: [ValueID]
  ) -> GraphDiff.Detail {
    .init(
      .operands, "position", old.firstIndex(of: value).map(String.init),
      new.firstIndex(of: other).map(String.init))
  }

  private func change(
    _ part: GraphDiff.Part, _ kinds: [GraphDiff.Kind], _ old: ValueID?, _ new: ValueID?,
    _ details: [GraphDiff.Detail] = []
  ) -> GraphDiff.Change {
    GraphDiff.Change(
      part: part, kinds: GraphDiff.Kind.allCases.filter(kinds.contains),
      before: old.map { [GraphDiff.Layer(a.values[$0].name)] } ?? [],
      after: new.map { [GraphDiff.Layer(b.values[$0].name)] } ?? [], details: details)
  }
}
