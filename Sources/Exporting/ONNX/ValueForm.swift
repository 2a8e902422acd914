import GraphIR
import Operators
import Tensors

/// A value as it may stand in the file.
struct ValueForm: Hashable {
  let value: ValueID
  let order: AxisOrder
  /// Whether it is the real numbers that stored integers stand for.
  let isReal: Bool

  init(_ value: ValueID, _ order: AxisOrder, isReal: Bool = false) {
    self.value = value
    self.order = order
    self.isReal = isReal
  }

  /// The form of another value that is the same tensor: transposes are no more than another order, and what is dequantized
  /// is what stored integers stand for.
  func source(in graph: Graph) -> Self {
    var form = self
    while let next = form.operand(in: graph) { form = next }
    return form
  }

  private func operand(in graph: Graph) -> Self? {
    guard let node = graph.producer(of: value), let operand = graph.nodes[node].inputs.first else {
      return nil
    }
    let (from, to) = (graph.values[operand].type, graph.values[value].type)
    switch graph.nodes[node].op {
    case let transpose as Transpose:
      return ValueForm(operand, order.before(transpose.permutation), isReal: isReal)
    case is Dequantize:
      return from.quantization == nil ? nil : ValueForm(operand, order, isReal: true)
    case is Reshape:
      // The same numbers, perhaps with another meaning.
      guard from.shape == to.shape, !isReal || from.quantization == to.quantization else {
        return nil
      }
      return ValueForm(operand, order, isReal: isReal)
    default: return nil
    }
  }

  /// A name for a form whose value has given its own to another one.
  func derivedName(_ name: String) -> String {
    let rank = order.axes.count
    let suffix =
      order.isPlain ? "" : order == .channelsFirst(rank) ? "/channels_first" : "/transposed"
    return name + suffix + (isReal ? "/real" : order.isPlain ? "/plain" : "")
  }
}

/// The names that the graph's values have, by the forms that they are in the file.
struct WantedNames {
  private var exact: [ValueForm: [String]] = [:]
  /// Whatever the order of axes.
  private var similar: [ValueForm: [String]] = [:]

  /// Outputs come first, for their names are those that users know.
  init(_ graph: Graph) {
    let results = graph.order.flatMap { graph.nodes[$0].results }
    for value in graph.outputs + graph.usedConstants + results {
      let rank = graph.values[value].type.shape.rank
      let form = ValueForm(value, .plain(rank)).source(in: graph)
      exact[form, default: []].append(graph.values[value].name)
      similar[form.inAnyOrder, default: []].append(graph.values[value].name)
    }
  }

  /// The names that a form may have, best first: those of the file that the graph came from before numbers.
  func candidates(_ form: ValueForm, _ graph: Graph) -> [String] {
    let own = form.isReal ? [] : [graph.values[form.value].name]
    let all = (exact[form] ?? []) + (similar[form.inAnyOrder] ?? []) + own
    let named = all.filter { Int($0) == nil }
    return named.isEmpty ? all : named
  }

  /// What the names of a node's further tensors begin with.
  func prefix(of result: ValueID, _ graph: Graph) -> String {
    let form = ValueForm(result, .plain(graph.values[result].type.shape.rank))
    return candidates(form.source(in: graph), graph).first ?? graph.values[result].name
  }
}

extension ValueForm {
  fileprivate var inAnyOrder: Self { ValueForm(value, AxisOrder([]), isReal: isReal) }
}
