import Foundation
import GraphIR
import Support

/// Which scheme each layer is quantized by.
public struct QuantizationPlan: Hashable, Sendable {
  /// Of layers for which nothing else is said.
  public var scheme: QuantizationScheme
  /// What is said of some layers; the last rule that a layer matches counts.
  public var rules: [Rule]

  /// A scheme for the layers that a pattern matches.
  public struct Rule: Hashable, Sendable {
    /// The name of a layer's result, or of its operator, where `*` stands for anything and `?` for one character.
    ///
    /// TFLite joins the names of operators that it fuses by `;`: such a layer has each of them.
    public var pattern: String
    /// `.float` keeps a layer as it is.
    public var scheme: QuantizationScheme

    /// - Parameter pattern: as `fnmatch` takes it.
    public init(_ pattern: String, _ scheme: QuantizationScheme) {
      self.pattern = pattern
      self.scheme = scheme
    }

    /// For the layer of this name alone, whatever characters it has.
    package init(exactly layer: String, _ scheme: QuantizationScheme) {
      let escaped = layer.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }
      self.init(escaped.joined(), scheme)
    }

    func matches(_ layer: String, _ kind: String) -> Bool {
      pattern == kind || ([layer] + JoinedNames.parts(of: layer)).contains(where: matches(name:))
    }

    private func matches(name: String) -> Bool {
      pattern == name || fnmatch(Self.withoutZeros(pattern), Self.withoutZeros(name), 0) == 0
    }

    /// Strings of C end at a zero.
    private static func withoutZeros(_ text: String) -> String {
      text.replacing("\u{0}", with: "\u{fffd}")
    }
  }

  /// One scheme for all layers, but for what the rules say.
  public init(_ scheme: QuantizationScheme, rules: [Rule] = []) {
    self.scheme = scheme
    self.rules = rules
  }

  /// The scheme of each node that takes part.
  ///
  /// What only chooses among elements, such as a reshape, follows the layer that it reads from. What leads to a logarithm and
  /// its like stays as it is.
  ///
  /// - Throws: a `Diagnostic` if a rule matches no layer: a misspelt name would pass unnoticed.
  func schemes(for graph: Graph) throws -> [NodeID: QuantizationScheme] {
    var schemes: [NodeID: QuantizationScheme] = [:]
    var used: Set<Int> = []
    let keptReal = scheme.isInteger ? graph.nodesBeforeSteepFunctions() : []
    for node in graph.order {
      guard let role = graph.role(of: node) else { continue }
      let rule = rules.lastIndex { $0.matches(graph.layerName(node), graph.nodes[node].kind) }
      if let rule { used.insert(rule) }
      let producer = graph.nodes[node].inputs.lazy.compactMap { graph.producer(of: $0) }.first
      if rule == nil, role == .choosing, !keptReal.contains(node), let producer {
        // A float operator may stand before it: then there is nothing to choose among integers.
        schemes[node] = schemes[producer] ?? .float
      } else {
        schemes[node] = rule.map { rules[$0].scheme } ?? (keptReal.contains(node) ? .float : scheme)
      }
    }
    try checkUse(used, graph)
    return schemes
  }

  /// Whether a rule says something of a layer.
  public func names(_ node: NodeID, in graph: Graph) -> Bool {
    rules.contains { $0.matches(graph.layerName(node), graph.nodes[node].kind) }
  }

  private func checkUse(_ used: Set<Int>, _ graph: Graph) throws {
    for (index, rule) in rules.enumerated() where !used.contains(index) {
      // A later rule may have taken all of its layers.
      let matches = graph.order.contains {
        graph.role(of: $0) != nil && rule.matches(graph.layerName($0), graph.nodes[$0].kind)
      }
      guard matches else {
        let layers = graph.order.filter { graph.role(of: $0) != nil }.map(graph.shortLayerName)
        throw Diagnostic(
          .noSuchLayer(rule.pattern),
          help: layers.isEmpty
            ? "the model has no layers that can be quantized"
            : "layers are \(layers.prefix(8).map { "`\($0)`" }.joined(separator: ", "))"
              + (layers.count > 8 ? ", and \(layers.count - 8) more" : "")
              + "; `*` stands for anything")
      }
    }
  }
}

extension Graph {
  /// The name by which plans and reports speak of a node: that of its first result.
  public func layerName(_ node: NodeID) -> String { values[nodes[node].results[0]].name }

  /// Of names that TFLite joined for a layer, the shortest that no other layer has, by which a plan can name it.
  func shortLayerName(_ node: NodeID) -> String {
    let name = layerName(node)
    let others = order.filter { $0 != node && role(of: $0) != nil }
    let own = JoinedNames.parts(of: name).filter { part in
      let rule = QuantizationPlan.Rule(exactly: part, .float)
      return !others.contains { rule.matches(layerName($0), nodes[$0].kind) }
    }
    return own.min { ($0.count, $0) < ($1.count, $1) } ?? name
  }

  /// A rule for one layer alone, by a name that people can read.
  public func rule(for layer: NodeID, _ scheme: QuantizationScheme) -> QuantizationPlan.Rule {
    QuantizationPlan.Rule(exactly: shortLayerName(layer), scheme)
  }
}

extension Diagnostic.Message {
  fileprivate static func noSuchLayer(_ pattern: String) -> Self {
    Self(id: "no-such-layer", .usage, "no layer that can be quantized matches `\(pattern)`")
  }
}
