import GraphIR
import Operators
import Tensors

/// Which values lie within the bytes of others, so that nobody has to move them: layers write straight into their part
/// of what is joined, and read parts of what is cut where they lie.
struct ValueViews {
  /// Where values lie that have no bytes of their own.
  private(set) var views: [ValueID: View] = [:]
  /// The nodes that nothing is left to do for.
  private(set) var nodes: Set<NodeID>

  /// A place within the bytes of another value.
  struct View {
    /// The value with bytes of its own.
    let root: ValueID
    /// From the first byte of the root to the first of the value.
    var offset: Int
    /// The distance between neighbours along each axis of the value, in bytes.
    var strides: [Int]
    /// Whether its elements lie one after the other.
    var isDense = true
  }

  private let graph: Graph
  private var links: [ValueID: Link] = [:]

  /// What a value is to the one in whose bytes it lies.
  private struct Link {
    let parent: ValueID
    let node: NodeID
    /// The indices of its first element there; nil where it is all of it, in another shape.
    let begin: [Int]?
  }

  /// - Parameters:
  ///   - strided: nodes whose layers read and write images with gaps between pixels and rows.
  ///   - dividesValues: whether values may be parts of others; else there are only reshapes.
  init(_ graph: Graph, strided: Set<NodeID>, dividesValues: Bool) {
    self.graph = graph
    nodes = Set(
      graph.order.filter {
        Self.isReshape($0, graph) || dividesValues && Self.canDivide($0, graph)
      })
    // Each round may make others impossible; few networks need a second.
    for _ in 0..<20 {
      let impossible = impossibleNodes(strided)
      guard !impossible.isEmpty else { return }
      nodes.subtract(impossible)
    }
    nodes = nodes.filter { Self.isReshape($0, graph) }
    _ = impossibleNodes(strided)
  }

  /// The values with bytes of their own of which others are only a part.
  var divided: Set<ValueID> {
    Set(
      views.filter {
        graph.values[$0.value.root].type.byteCount != graph.values[$0.key].type.byteCount
      }.map(\.value.root))
  }

  /// Whether a node only joins or cuts values, without changing a byte.
  private static func canDivide(_ node: NodeID, _ graph: Graph) -> Bool {
    let (operands, results) = (graph.nodes[node].inputs, graph.nodes[node].results)
    let types = graph.types(of: operands + results)
    guard !operands.contains(where: graph.isConstant),
      types.allSatisfy({ $0.elementCount > 0 && $0.element.bitWidth % 8 == 0 })
    else { return false }
    switch graph.nodes[node].op {
    case is Concatenation:
      return Set(operands).count == operands.count
        && types.allSatisfy { $0.quantization == types[0].quantization }
    case is Split: return true
    case let slice as StridedSlice:
      return zip(slice.size, slice.step).allSatisfy { $0 == 1 || $1 == 1 }
    default: return false
    }
  }

  private static func isReshape(_ node: NodeID, _ graph: Graph) -> Bool {
    graph.op(node, as: Reshape.self) != nil
  }

  /// Links the values of all nodes, and finds those for which that cannot be done.
  private mutating func impossibleNodes(_ strided: Set<NodeID>) -> Set<NodeID> {
    links = [:]
    views = [:]
    var impossible: Set<NodeID> = []
    for node in graph.order where nodes.contains(node) && !link(node) { impossible.insert(node) }
    for value in links.keys { resolve(value) }
    for (value, view) in views where !isPossible(view, of: value, strided) {
      if let divider = divider(of: value) { impossible.insert(divider) }
    }
    return impossible
  }

  /// - Returns: false if an operand has its place already.
  private mutating func link(_ node: NodeID) -> Bool {
    let (operands, results) = (graph.nodes[node].inputs, graph.nodes[node].results)
    let rank = graph.values[operands[0]].type.shape.rank
    switch graph.nodes[node].op {
    case let concatenation as Concatenation:
      let axis = (concatenation.axis + rank) % rank
      guard operands.allSatisfy({ canMove($0) }) else { return false }
      var begin = Array(repeating: 0, count: rank)
      for operand in operands {
        moveReshaped(operand)
        links[operand] = Link(parent: results[0], node: node, begin: begin)
        begin[axis] += graph.values[operand].type.shape[axis]
      }
    case let split as Split:
      let axis = (split.axis + rank) % rank
      var begin = Array(repeating: 0, count: rank)
      for (result, size) in zip(results, split.sizes) {
        links[result] = Link(parent: operands[0], node: node, begin: begin)
        begin[axis] += size
      }
    case let slice as StridedSlice:
      links[results[0]] = Link(parent: operands[0], node: node, begin: slice.begin)
    default:
      links[results[0]] = Link(parent: operands[0], node: node, begin: nil)
    }
    return true
  }

  /// Whether a value, or the one that it shows in another shape, has no place yet.
  private func canMove(_ value: ValueID) -> Bool {
    guard let link = links[value] else { return true }
    return link.begin == nil && links[link.parent] == nil && !graph.isConstant(link.parent)
  }

  /// Lets the value that another one shows in another shape lie in the bytes of that.
  private mutating func moveReshaped(_ value: ValueID) {
    guard let link = links[value] else { return }
    links[link.parent] = Link(parent: value, node: link.node, begin: nil)
  }

  /// Finds the places of a value and of all on the way to its root. Files may have long ways, so there is no recursion.
  private mutating func resolve(_ value: ValueID) {
    var way: [(value: ValueID, link: Link)] = []
    var value = value
    while views[value] == nil, let link = links[value] {
      way.append((value, link))
      value = link.parent
    }
    for (value, link) in way.reversed() {
      let parent =
        views[link.parent]
        ?? View(root: link.parent, offset: 0, strides: denseStrides(link.parent))
      views[value] = view(of: value, link, in: parent)
    }
  }

  private func view(of value: ValueID, _ link: Link, in parent: View) -> View {
    var view = parent
    let dense = denseStrides(value)
    if let begin = link.begin {
      view.offset += zip(begin, parent.strides).reduce(0) { $0 + $1.0 * $1.1 }
    } else {
      view.strides = dense
    }
    // What has gaps cannot be seen in another shape.
    let extents = graph.values[value].type.shape.extents
    let hasGaps = zip(extents, zip(view.strides, dense)).contains { $0 > 1 && $1.0 != $1.1 }
    view.isDense = !hasGaps && (link.begin != nil || parent.isDense)
    return view
  }

  private func denseStrides(_ value: ValueID) -> [Int] {
    let type = graph.values[value].type
    return type.shape.strides.map { $0 * type.element.bitWidth / 8 }
  }

  /// Whether all that write and read a value can do so at its place: engines work on images with gaps, and from any
  /// address on; the host, and other work of engines, does neither.
  private func isPossible(_ view: View, of value: ValueID, _ strided: Set<NodeID>) -> Bool {
    func isAble(_ node: NodeID) -> Bool {
      if nodes.contains(node) { return view.isDense || !Self.isReshape(node, graph) }
      return strided.contains(node)
    }
    let isAligned = view.offset % ConstantImage.alignment == 0
    if isAligned, view.isDense { return true }
    let isInterface = graph.entries.contains(value) || graph.exits.contains(value)
    return (view.isDense || !isInterface)
      && graph.values[value].type.element.bitWidth == 8
      && graph.producer(of: value).map(isAble) ?? true
      && graph.values[value].uses.allSatisfy { isAble($0.node) }
  }

  /// The node that puts a value where it cannot be: the last on the way to its root.
  private func divider(of value: ValueID) -> NodeID? {
    var (value, divider) = (value, NodeID?.none)
    while let link = links[value] {
      let view = views[value]
      let isSpecial = view.map { !$0.isDense || $0.offset % ConstantImage.alignment != 0 }
      if link.begin != nil, isSpecial ?? false { divider = link.node }
      value = link.parent
    }
    return divider
  }
}
