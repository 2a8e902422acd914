import GraphIR
import Tensors

/// What differs between two graphs: the layers that were added, removed, fused, split or changed.
///
/// Layers are known by their structure, so that names and positions alone make no difference, and what only follows
/// from another change is counted, not listed.
public struct GraphDiff: Codable, Hashable, Sendable {
  /// In the order of the second graph; inputs and states come first, outputs last.
  public let changes: [Change]
  /// How many layers have other types only because of the changes before them.
  public let consequences: Int

  /// Whether nothing differs.
  public var isEmpty: Bool { changes.isEmpty }

  /// One difference: what stood in the first graph, and what stands in the second.
  public struct Change: Codable, Hashable, Sendable {
    /// What it is that changed.
    public let part: Part
    /// Each once, the most important first.
    public let kinds: [Kind]
    /// Empty for what was added.
    public let before: [Layer]
    /// Empty for what was removed.
    public let after: [Layer]
    /// What exactly differs.
    public let details: [Detail]
  }

  /// What a change is about.
  public enum Part: String, Codable, Sendable { case input, state, layer, output }

  /// What happened to it.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case added, removed, fused, split
    /// Another operator does the work.
    case `operator`
    case attributes
    /// Other values are read, or in another order.
    case operands
    /// Shape or element type.
    case type
    case quantization
    /// Elements of constants.
    case weights
    case name
  }

  /// A layer, input or output.
  public struct Layer: Codable, Hashable, Sendable {
    /// Of the layer's first result in the model file.
    public let name: String
    /// The operator's name in the text form; nil for inputs, states and outputs.
    @ExplicitNull public var `operator`: String?

    init(_ name: String, _ operator: String? = nil) {
      self.name = name
      self.operator = `operator`
    }
  }

  /// One aspect of a change.
  public struct Detail: Codable, Hashable, Sendable {
    /// What of the layer differs.
    public let kind: Kind
    /// Such as the attribute's name; nil where the kind says it all.
    @ExplicitNull public var subject: String?
    /// As text; nil if there was nothing.
    @ExplicitNull public var before: String?
    /// As text; nil if there is nothing.
    @ExplicitNull public var after: String?
    /// How far the elements of a constant changed; nil for other details.
    @ExplicitNull public var weights: WeightChange?

    init(
      _ kind: Kind, _ subject: String? = nil, _ before: String?, _ after: String?,
      weights: WeightChange? = nil
    ) {
      self.kind = kind
      self.subject = subject
      self.before = before
      self.after = after
      self.weights = weights
    }
  }

  /// Compares two graphs.
  ///
  /// - Complexity: about linear in the nodes and the bytes of constants; the nodes that have no equal on the other side
  ///   are compared with each other.
  public init(_ a: Graph, _ b: Graph) {
    let matching = GraphMatching(a, b)
    let comparison = LayerComparison(matching, GraphFusions(matching))
    let layers = comparison.changes()
    let ports = PortComparison(matching)
    changes = ports.entryChanges() + layers.changes + ports.outputChanges()
    consequences = layers.consequences
  }
}
