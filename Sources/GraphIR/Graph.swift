import Support
import Tensors

public typealias NodeID = EntityID<Node>
public typealias ValueID = EntityID<Value>

/// A model as a dataflow graph. Copying a graph is cheap, and a copy never changes its original.
///
/// It is changed only by the methods of `Graph+Editing.swift`, which keep the use lists right.
public struct Graph: Sendable {
  public let name: String
  public internal(set) var nodes = EntityTable<Node>()
  public internal(set) var values = EntityTable<Value>()
  /// Every node, each after the nodes it reads from.
  public internal(set) var order: [NodeID] = []
  public internal(set) var inputs: [ValueID] = []
  public internal(set) var outputs: [ValueID] = []
  /// Operators of the source model that no longer stand in any node, because nothing read their results.
  public internal(set) var eliminated: [SourceOperator] = []

  public init(name: String) { self.name = name }
}

/// An operator applied to values.
public struct Node: Sendable {
  public let op: any Operator
  public internal(set) var inputs: [ValueID]
  public let results: [ValueID]
  /// The operators of the source model that this node does the work of.
  public internal(set) var sources: [SourceOperator]
  /// Whether the node was erased: it then stands in the table, but not in the order.
  public internal(set) var isErased = false

  /// The operator's name, as in the text form.
  public var kind: String { type(of: op).name }
}

/// A tensor of the graph: an input, a constant, or what a node computes.
public struct Value: Sendable {
  /// The tensor's name in the model file; the text form makes an identifier of it.
  public internal(set) var name: String
  /// The tensor's index in the model file.
  public internal(set) var sourceIndex: Int?
  public let type: TensorType
  public let definition: Definition
  /// Every place where a node reads the value.
  public internal(set) var uses: [Use] = []

  public enum Definition: Sendable {
    case input
    /// Nil data is *elided*: shape and type are known, the bytes are not. It can be costed, not run.
    case constant(TensorData?)
    case result(of: NodeID, at: Int)
  }
}

/// One place where a value is read: operand `operand` of `node`.
public struct Use: Hashable, Sendable {
  public let node: NodeID
  public let operand: Int
}

/// An operator of the model file, by its place there.
public struct SourceOperator: Hashable, Sendable, Codable, Comparable {
  public let index: Int
  /// Its name in the model's format, such as `CONV_2D`.
  public let kind: String

  public init(index: Int, kind: String) {
    self.index = index
    self.kind = kind
  }

  public static func < (a: Self, b: Self) -> Bool { (a.index, a.kind) < (b.index, b.kind) }
}

extension Graph: Equatable {
  /// Two graphs are equal if their whole text is: ids may differ.
  public static func == (a: Graph, b: Graph) -> Bool { a.text() == b.text() }
}
