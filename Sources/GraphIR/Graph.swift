import Support
import Tensors

/// Names a node in every copy of the graph, also after the node was erased.
public typealias NodeID = EntityID<Node>
/// Names a value in every copy of the graph.
public typealias ValueID = EntityID<Value>

/// A model as a dataflow graph. Copying a graph is cheap, and a copy never changes its original.
///
/// It is changed only by the methods of `Graph+Editing.swift`, which keep the use lists right.
public struct Graph: Sendable {
  /// An identifier, by which the text form begins; it may be empty.
  public let name: String
  /// Every node there ever was; those of `order` are in use, the others erased.
  public internal(set) var nodes = EntityTable<Node>()
  /// Every value there ever was, also those that nothing reads any more.
  public internal(set) var values = EntityTable<Value>()
  /// Every node, each after the nodes it reads from.
  public internal(set) var order: [NodeID] = []
  /// In the order in which tensors are given to a run.
  public internal(set) var inputs: [ValueID] = []
  /// In the order in which a run gives its results; a value may stand here twice.
  public internal(set) var outputs: [ValueID] = []
  /// What one run hands on to the next; empty for a model whose runs do not depend on each other.
  public internal(set) var states: [State] = []
  /// Operators of the source model that no longer stand in any node, because nothing read their results.
  public internal(set) var eliminated: [SourceOperator] = []

  /// A graph without inputs, nodes and outputs.
  public init(name: String) { self.name = name }
}

/// A tensor that outlives a run: a variable, a cache, the state of a recurrent layer.
public struct State: Sendable {
  /// What nodes read: the state as the run before left it.
  public let current: ValueID
  /// What the next run finds in place of `current`; of the same shape and element type.
  public internal(set) var next: ValueID
  /// What the first run finds; nil if it is elided, as a constant may be.
  public let initial: TensorData?
}

/// An operator applied to values.
public struct Node: Sendable {
  /// What is computed, with all attributes.
  public let op: any Operator
  /// The operands, in the operator's order; one value may be several of them.
  public internal(set) var inputs: [ValueID]
  /// What the node computes, in the operator's order; each belongs to this node alone.
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
  /// Nil for a value that is not in the file, such as the result of a node that a pass made.
  public internal(set) var sourceIndex: Int?
  /// Shape, element type and quantization; it never changes, so a rewrite makes a new value.
  public let type: TensorType
  /// Where the elements come from.
  public let definition: Definition
  /// Every place where a node reads the value.
  public internal(set) var uses: [Use] = []

  /// The origins of a value.
  public enum Definition: Sendable {
    /// Given anew for each run: by the caller, or for a state by the run before.
    case input
    /// Nil data is *elided*: shape and type are known, the bytes are not. It can be costed, not run.
    case constant(TensorData?)
    /// Computed by node `of`, as its result number `at`, from 0.
    case result(of: NodeID, at: Int)
  }
}

/// One place where a value is read: operand `operand` of `node`.
public struct Use: Hashable, Sendable {
  /// The node that reads.
  public let node: NodeID
  /// The position among the node's operands, from 0.
  public let operand: Int
}

/// An operator of the model file, by its place there.
public struct SourceOperator: Hashable, Sendable, Codable, Comparable {
  /// Its position among the operators of the model, from 0.
  public let index: Int
  /// Its name in the model's format, such as `CONV_2D`.
  public let kind: String

  /// - Parameter kind: the name in the model's format, which is not that of our operator.
  public init(index: Int, kind: String) {
    self.index = index
    self.kind = kind
  }

  /// By place in the model.
  public static func < (a: Self, b: Self) -> Bool { (a.index, a.kind) < (b.index, b.kind) }
}

extension Graph: Equatable {
  /// Two graphs are equal if their whole text is: ids may differ.
  ///
  /// - Complexity: prints both graphs with all their constants; meant for tests.
  public static func == (a: Graph, b: Graph) -> Bool { a.text() == b.text() }
}
