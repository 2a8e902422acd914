import GraphIR
import Tensors

/// What a graph within a node reads of the graph around it. Constants are copied; other values become inputs.
struct ONNXCaptures {
  /// The values that became inputs, in order, as the graph around knows them.
  private(set) var captured: [ValueID] = []
  private let scopes: [[String: ONNXValue]]
  private let outer: Graph
  private var inner: [ValueID: ValueID] = [:]

  /// - Parameters:
  ///   - scopes: what can be seen, by name, the innermost last.
  ///   - outer: the graph that these values are of.
  init(_ scopes: [[String: ONNXValue]], of outer: Graph) {
    self.scopes = scopes
    self.outer = outer
  }

  /// Brings a value in by its name; nil if there is none.
  mutating func capture(_ name: String, into graph: inout Graph) -> ONNXValue? {
    switch scopes.lazy.reversed().compactMap({ $0[name] }).first {
    case nil: nil
    case .tensor(let id): .tensor(capture(id, into: &graph))
    case .sequence(let ids, let element):
      .sequence(ids.map { capture($0, into: &graph) }, element)
    }
  }

  /// Brings a value in, or finds it where it was brought in before.
  @discardableResult
  mutating func capture(_ id: ValueID, into graph: inout Graph) -> ValueID {
    if let known = inner[id] { return known }
    let value = outer.values[id]
    let copy: ValueID
    if case .constant(let data) = value.definition {
      copy = graph.addConstant(value.name, value.type, data)
    } else {
      copy = graph.addInput(value.name, value.type)
      captured.append(id)
    }
    inner[id] = copy
    return copy
  }
}
