import GraphIR
import Operators
import Tensors

/// Values whose channels can only be rotated together, and all that has to change for it.
///
/// Blocks of channels along the last axis are multiplied by one matrix (`ChannelRotation`). From one value to
/// the next lead the operators that let this pass (`RotationRules`); at the ends are layers with weights,
/// constants, and products and sums in which rotations cancel.
package struct RotatedValues {
  /// Those whose last axis is rotated.
  private(set) var values: Set<ValueID> = []
  /// Those that are read as columns of a product: their last axis but one is rotated.
  private(set) var columns: Set<ValueID> = []
  /// Layers whose outputs are rotated, and those whose inputs are.
  private(set) var writers: Set<NodeID> = []
  private(set) var readers: Set<NodeID> = []
  /// Constant operands that are rotated.
  private(set) var constants: Set<Operand> = []
  /// Normalizations within, whose factors and offsets have to move.
  private(set) var normalizations: [NodeID] = []
  /// Whether rotations cancel in products of two values.
  package private(set) var cancel = false
  /// The greatest number of channels that all blocks can have.
  package private(set) var block = 0
  /// Whether the network computes the same.
  private(set) var isExact = true
  private var open: [ValueID] = []
  private let graph: Graph

  /// What a node reads.
  struct Operand: Hashable {
    let node: NodeID
    let operand: Int
  }

  private init(from value: ValueID, in graph: Graph) {
    self.graph = graph
    add(value)
    while let value = open.popLast() {
      follow(producerOf: value)
      for use in graph.values[value].uses { follow(use, of: value) }
    }
    isExact = isExact && values.isDisjoint(with: columns) && normalizations.allSatisfy(canMove)
  }

  /// All groups of values that can be rotated exactly, and of which layers are quantized.
  ///
  /// - Throws: what `QuantizationPlan.schemes` does.
  package static func all(in graph: Graph, _ plan: QuantizationPlan) throws -> [RotatedValues] {
    let schemes = try plan.schemes(for: graph)
    var (seen, found) = (Set<ValueID>(), [RotatedValues]())
    for node in graph.order where schemes[node].map({ $0 != .float }) ?? false {
      guard case .weighted? = graph.role(of: node) else { continue }
      let value = graph.input(of: node)
      guard !seen.contains(value), !graph.isConstant(value) else { continue }
      let group = RotatedValues(from: value, in: graph)
      seen.formUnion(group.values)
      if group.isUseful { found.append(group) }
    }
    return found
  }

  private var isUseful: Bool {
    isExact && ChannelRotation(block: block).order >= 4
      && !(writers.isEmpty && constants.isEmpty) && (cancel || !readers.isEmpty)
  }

  /// Adds a value whose last axis is rotated.
  private mutating func add(_ value: ValueID) {
    guard !graph.isConstant(value), values.insert(value).inserted else { return }
    let type = graph.values[value].type
    guard type.element == .f32, let channels = type.shape.extents.last, channels > 0,
      !graph.entries.contains(value), !graph.exits.contains(value)
    else { return isExact = false }
    block = greatestCommonDivisor(block, channels)
    open.append(value)
  }

  /// Adds an operand, which may be a constant.
  private mutating func add(operand: Int, of node: NodeID) {
    let value = graph.nodes[node].inputs[operand]
    guard graph.isConstant(value) else { return add(value) }
    guard let numbers = graph.constantNumbers(value), numbers.allSatisfy(\.isFinite),
      let channels = graph.values[value].type.shape.extents.last
    else { return isExact = false }
    block = greatestCommonDivisor(block, channels)
    constants.insert(Operand(node: node, operand: operand))
  }

  /// Adds a value that is read as columns.
  private mutating func add(columns value: ValueID) {
    guard columns.insert(value).inserted else { return }
    guard let producer = graph.producer(of: value), !graph.exits.contains(value),
      graph.turnsColumns(producer)
    else { return isExact = false }
    add(graph.input(of: producer))
    for use in graph.values[value].uses {
      guard let product = graph.op(use.node, as: BatchMatMul.self), use.operand == 1,
        !product.transposesSecond, !product.transposesFirst
      else { return isExact = false }
      add(operand: 0, of: use.node)
    }
  }

  private mutating func follow(producerOf value: ValueID) {
    guard let node = graph.producer(of: value) else { return isExact = false }
    if graph.isMixable(node), graph.isUnlimited(node) {
      writers.insert(node)
    } else if let tied = graph.tiedOperands(of: node) {
      tie(node, tied)
    } else {
      isExact = false
    }
  }

  private mutating func tie(_ node: NodeID, _ operands: [Int]) {
    if graph.isNormalization(node), !normalizations.contains(node) { normalizations.append(node) }
    for operand in operands { add(operand: operand, of: node) }
    for result in graph.nodes[node].results { add(result) }
  }

  private mutating func follow(_ use: Use, of value: ValueID) {
    let node = use.node
    if graph.isMixable(node), use.operand == 0 {
      guard let width = graph.types(of: graph.nodes[node].inputs)[1].shape.extents.last else {
        return isExact = false
      }
      block = greatestCommonDivisor(block, width)
      readers.insert(node)
    } else if let product = graph.op(node, as: BatchMatMul.self) {
      follow(product, use)
    } else if graph.turnsColumns(node) {
      add(columns: graph.result(of: node))
    } else if let tied = graph.tiedOperands(of: node), tied.contains(use.operand) {
      tie(node, tied)
    } else if !graph.cancelsRotation(use) {
      isExact = false
    }
  }

  private mutating func follow(_ product: BatchMatMul, _ use: Use) {
    switch (use.operand, product.transposesFirst, product.transposesSecond) {
    case (1, _, false): add(graph.result(of: use.node))
    case (1, false, true), (0, false, true):
      cancel = true
      add(operand: 1 - use.operand, of: use.node)
    case (0, false, false):
      cancel = true
      add(columns: graph.nodes[use.node].inputs[1])
    default: isExact = false
    }
  }

  /// Whether factors and offsets of a normalization can move into what reads it.
  private func canMove(_ node: NodeID) -> Bool {
    let parameters = graph.nodes[node].inputs.dropFirst()
    guard !parameters.isEmpty else { return true }
    guard parameters.allSatisfy({ graph.constantNumbers($0)?.allSatisfy(\.isFinite) ?? false }),
      let layers = graph.layers(behind: graph.result(of: node))
    else { return false }
    let offsets = parameters.dropFirst().first.flatMap(graph.constantNumbers) ?? []
    return layers.allSatisfy { graph.takesParameters($0, hasOffsets: offsets.contains { $0 != 0 }) }
  }
}

/// The greatest number that divides both.
private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}
