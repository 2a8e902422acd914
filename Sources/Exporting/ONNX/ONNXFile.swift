import ONNXSchema
import Support
import Tensors

/// A model in the making: nodes in order, constants, and the names that are taken.
struct ONNXFile {
  /// The version of the standard's operators in which nodes are written.
  let version: Int
  /// The lowest version that has all that was written so far.
  private(set) var neededVersion = ONNXVersion.lowest
  private(set) var nodes: [ONNXNodeProto] = []
  private(set) var constants: [Constant] = []
  /// What the names of tensors begin with that are none of the graph's.
  var prefix = ""
  private var taken: Set<String> = []
  /// How many names there are that differ by a number alone.
  private var copies: [String: Int] = [:]
  private var shared: [Tensor: String] = [:]

  /// A tensor that stands in the file. Its bytes are copied when all else is known.
  struct Constant {
    let name: String
    let tensor: Tensor
    let order: AxisOrder
  }

  init(version: Int) { self.version = version }

  /// Notes that something is in the file that older versions do not have.
  mutating func require(_ version: Int) { neededVersion = max(neededVersion, version) }

  // MARK: Names

  /// Takes a name; one like it if it is taken already.
  mutating func claim(_ name: String) -> String {
    let base = name.isEmpty ? "value" : name
    var candidate = base
    while !taken.insert(candidate).inserted {
      copies[base, default: 1] += 1
      candidate = "\(base)_\(copies[base] ?? 2)"
    }
    return candidate
  }

  func isFree(_ name: String) -> Bool { !name.isEmpty && !taken.contains(name) }

  // MARK: Nodes

  /// Adds a node, and gives the names of its results.
  ///
  /// - Parameter count: of its results.
  mutating func add(
    _ kind: String, _ operands: [String], _ attributes: [ONNXAttributeProto] = [],
    results count: Int
  ) -> [String] {
    let names = (0..<count).map { _ in claim("\(prefix)/\(kind)") }
    var node = ONNXNodeProto()
    node.opType = kind
    node.name = names.first ?? ""
    node.input = operands
    node.output = names
    node.attribute = attributes
    nodes.append(node)
    require(ONNXVersion.first(with: kind))
    return names
  }

  /// Adds a node with one result.
  mutating func add(
    _ kind: String, _ operands: [String], _ attributes: [ONNXAttributeProto] = []
  ) -> String {
    add(kind, operands, attributes, results: 1)[0]
  }

  /// Gives another name to what one of the last nodes computes; false if it is computed by none of those behind
  /// `first`.
  mutating func rename(_ old: String, _ new: String, from first: Int) -> Bool {
    let places = nodes.indices[max(first, 0)...]
    guard let index = places.last(where: { nodes[$0].output.contains(old) }) else { return false }
    if nodes[index].name == old { nodes[index].name = new }
    for place in index..<nodes.count {
      nodes[place].input = nodes[place].input.map { $0 == old ? new : $0 }
      nodes[place].output = nodes[place].output.map { $0 == old ? new : $0 }
    }
    taken.remove(old)
    return true
  }

  /// Begins a graph within a node, and gives the nodes of that around it. Names are those of the whole file, and constants
  /// stand in the graph around.
  mutating func beginGraph() -> [ONNXNodeProto] {
    defer { nodes = [] }
    return nodes
  }

  /// Ends a graph within a node, and goes on with that around it.
  mutating func endGraph(
    _ outer: [ONNXNodeProto], inputs: [ONNXValueInfoProto], outputs: [String]
  ) -> ONNXGraphProto {
    var message = ONNXGraphProto()
    message.name = claim("\(prefix)/graph")
    message.node = nodes
    message.input = inputs
    message.output = outputs.map { name in
      var output = ONNXValueInfoProto()
      output.name = name
      return output
    }
    nodes = outer
    return message
  }

  // MARK: Constants

  /// Adds a tensor of the graph, under a name that was claimed.
  mutating func add(_ tensor: Tensor, _ order: AxisOrder, as name: String) {
    require(tensor.type.element.onnxVersion)
    constants.append(Constant(name: name, tensor: tensor, order: order))
  }

  /// A tensor of the file's own; equal ones are one.
  ///
  /// - Parameter role: what it is for, which becomes part of its name.
  mutating func constant(_ tensor: Tensor, _ role: String) -> String {
    if let found = shared[tensor] { return found }
    let name = claim("\(prefix)/\(role)")
    add(tensor, .plain(tensor.type.shape.rank), as: name)
    shared[tensor] = name
    return name
  }

  /// A list of integers, as shapes and axes are given.
  mutating func integers(_ numbers: [Int], _ role: String) -> String {
    constant(Tensor(TensorType(.i64, [numbers.count]), TensorData(numbers)), role)
  }

  /// A single number.
  mutating func scalar(_ number: Double, _ element: ElementType, _ role: String) -> String {
    constant(Tensor(TensorType(element, []), numbers: [number]), role)
  }

  /// A list of numbers, or a single one without an axis.
  mutating func numbers(
    _ numbers: [Double], _ element: ElementType, isList: Bool, _ role: String
  ) -> String {
    let shape: Shape = isList ? [numbers.count] : []
    return constant(Tensor(TensorType(element, shape), numbers: numbers), role)
  }
}
