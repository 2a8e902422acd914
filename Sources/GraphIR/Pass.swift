import Support
import Tensors

/// A named change of a graph that keeps its meaning.
public struct Pass: Sendable {
  /// How near the results of a changed graph are to those before. Reasons are in lower case, without a period.
  public enum Exactness: Hashable, Sendable {
    /// Every bit stays.
    case exact
    /// Real numbers are rounded at other places, so that their last digits change.
    ///
    /// Such a pass runs only where it is asked for: references are compared bit for bit.
    case approximate(String)
    /// Digits come back that the model loses where nearly equal numbers are subtracted; runs like an approximate pass.
    case restoring(String)
    /// What the model computes between integers is computed on integers, as its quantizer meant it; results differ by steps.
    case quantizing(String)
  }

  /// By this name it is listed, run, disabled and tested.
  public let name: String
  /// What it does to the graph, in a few words, for `dovetail passes`.
  public let summary: String
  /// How near the results stay to what they were.
  public let exactness: Exactness
  /// Changes the graph, and says whether anything changed.
  public let run: @Sendable (inout Graph) throws -> Bool

  /// - Parameters:
  ///   - name: in kebab case, for what the pass does to the graph.
  ///   - summary: in lower case, without a period.
  ///   - exactness: of all that the pass does.
  ///   - run: must keep what the graph computes, its inputs, and the names of its outputs.
  public init(
    _ name: String, _ summary: String, _ exactness: Exactness = .exact,
    run: @escaping @Sendable (inout Graph) throws -> Bool
  ) {
    self.name = name
    self.summary = summary
    self.exactness = exactness
    self.run = run
  }

  /// A pass that applies rules to every node until none of them changes anything any more.
  ///
  /// - Parameter rules: tried in this order on each node, until one changes something.
  public static func rewrite(_ name: String, _ summary: String, _ rules: Rule...) -> Pass {
    rewriting(name, summary, .exact, rules)
  }

  /// As `rewrite(_:_:_:)`, of rules that change numbers.
  public static func rewrite(
    _ name: String, _ summary: String, _ exactness: Exactness, _ rules: Rule...
  ) -> Pass { rewriting(name, summary, exactness, rules) }

  private static func rewriting(
    _ name: String, _ summary: String, _ exactness: Exactness, _ rules: [Rule]
  ) -> Pass {
    Pass(name, summary, exactness) { graph in
      // Rules that make a graph simpler come to an end long before this: a round does what it can everywhere.
      let maximumRounds = graph.order.count + 16
      for round in 0...maximumRounds {
        guard try applyOnce(rules, to: &graph) else { return round > 0 }
      }
      throw Diagnostic(.endlessRewriting(name, rounds: maximumRounds))
    }
  }

  private static func applyOnce(_ rules: [Rule], to graph: inout Graph) throws -> Bool {
    var hasChanged = false
    // A rule may have erased nodes that this copy of the order still holds.
    for id in graph.order where !graph.nodes[id].isErased {
      hasChanged = try rules.contains { try $0.apply(&graph, id) } || hasChanged
    }
    return hasChanged
  }
}

/// Replaces the only result of one node by another value.
public struct Rule: Sendable {
  /// Tries the rule on a node, and says whether it changed the graph.
  let apply: @Sendable (inout Graph, NodeID) throws -> Bool

  /// - Parameter body: gives the value to read instead of the node's result, or nil to leave the node
  ///   alone. It may insert nodes before the given one; if the replacement cannot be made, they are erased.
  public init<Op: Operator>(
    replacing kind: Op.Type,
    _ body: @escaping @Sendable (inout Graph, NodeID, Op) throws -> ValueID?
  ) {
    apply = { graph, id in
      guard let op = graph.op(id, as: kind) else { return false }
      let old = graph.result(of: id)
      // New nodes stand at the end of the table, so this tells them from the old ones.
      let nodeCount = graph.nodes.count
      if let new = try body(&graph, id, op), new != old, graph.substitute(new, for: old, of: id) {
        return true
      }
      graph.erase(Set(graph.nodes.ids.dropFirst(nodeCount).filter { !graph.nodes[$0].isErased }))
      return false
    }
  }
}

extension Graph {
  /// Lets `new` take the place of a node's result, and erases what is then read by nobody.
  ///
  /// An output keeps its name: the new value takes it over, and where that cannot be, nothing is changed.
  fileprivate mutating func substitute(_ new: ValueID, for old: ValueID, of node: NodeID) -> Bool {
    precondition(values[new].type == values[old].type, "a rule keeps the type of a result")
    let producer = producer(of: new)
    let isOutput = outputs.contains(old)
    // An input or a constant cannot be renamed to an output, and one value cannot have two names.
    if isOutput, producer == nil || outputs.contains(new) { return false }
    let isFresh = values[new].sourceIndex == nil && values[new].uses.isEmpty
    moveName(of: old, to: new, replacing: isOutput || isFresh)
    let absorber = producer ?? values[old].uses.first?.node
    replaceAllUses(of: old, with: new)
    eraseUnread(from: node, absorbedBy: absorber)
    return true
  }

  /// Erases a node and those above it that only it read; `absorber` takes over their sources.
  private mutating func eraseUnread(from node: NodeID, absorbedBy absorber: NodeID?) {
    var pending = [node]
    while let id = pending.popLast() {
      let isUnread = nodes[id].results.allSatisfy {
        values[$0].uses.isEmpty && !exits.contains($0)
      }
      guard isUnread, id != absorber, !nodes[id].isErased else { continue }
      let producers = nodes[id].inputs.compactMap(producer(of:))
      erase([id], absorbedBy: absorber)
      pending += producers
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func endlessRewriting(_ pass: String, rounds: Int) -> Self {
    Self(
      id: "endless-rewriting", .ourFault,
      "pass `\(pass)` still changes the graph after \(rounds) rounds")
  }
}
