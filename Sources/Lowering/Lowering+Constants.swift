import GraphIR
import Hardware
import Operators
import Support
import Tensors

/// Constants: where they are kept.
extension Lowering {
  /// Of all layers, in the order of their use, and what else is read or leaves the graph.
  mutating func layOutConstants() throws {
    (image, codes, plainConstants) = (ConstantImage(isKept: strategy.keepsConstants), [], [:])
    for layer in layers.indices { try layOutConstants(layer) }
    try layOutOtherConstants()
  }

  private mutating func layOutConstants(_ layer: Int) throws {
    let plan = layers[layer]
    let operands = graph.nodes[plan.node].inputs
    guard let weights = plan.blocks?.weights else {
      return try operands.forEach { try layOutPlainConstant($0) }
    }
    layers[layer].constants = try layOutWeights(plan.node, weights)
    try layOutPlainConstant(operands[0])
  }

  /// A constant may also leave the graph, or be seen in another shape.
  private mutating func layOutOtherConstants() throws {
    for value in graph.exits + roots.keys.sorted() { try layOutPlainConstant(value) }
  }

  private mutating func layOutWeights(_ node: NodeID, _ layout: WeightLayout) throws
    -> StoredConstants
  {
    try checkRoom(for: layout.byteCount)
    if let encoded = try encodedWeights(node, layout) {
      let address = image.append(encoded.byteCount) { $0.copyBytes(from: encoded.bytes) }
      codes.append(encoded.code)
      return StoredConstants(encoded, at: address, code: codes.count - 1)
    }
    let address = try image.append(layout.byteCount) { [graph] in
      try graph.writeConstants(of: node, in: layout, to: $0)
    }
    return StoredConstants(layout, at: address)
  }

  /// Nil if the target decodes none, there are none to encode, or a code saves nothing.
  private func encodedWeights(_ node: NodeID, _ layout: WeightLayout) throws -> EncodedWeights? {
    let weights = graph.nodes[node].inputs[1]
    guard target.array.decodesWeights ?? false, graph.constantData(weights) != nil else {
      return nil
    }
    guard !image.isKept else { return try graph.encodedWeights(of: node, in: layout) }
    return try encodings.weights(of: node, layout) {
      try graph.encodedWeights(of: node, in: layout)
    }
  }

  /// Constants are checked before they are laid out: an elided one may be larger than this machine's memory.
  private func checkRoom(for byteCount: Int) throws {
    let constants = target.memories[constantsMemory]
    let needed = image.byteCount + byteCount
    guard needed + ConstantImage.alignment <= constants.bytes else {
      throw Diagnostic(
        .doesNotFit("constants", needed, constants.name, constants.bytes),
        help: "quantize the weights, or take a target with more memory")
    }
  }

  /// Lays out a constant, or the one that a value shows in another shape, unless that is done already.
  private mutating func layOutPlainConstant(_ value: ValueID) throws {
    let value = roots[value] ?? value
    guard graph.isConstant(value), plainConstants[value] == nil else { return }
    let byteCount = graph.values[value].type.byteCount
    try checkRoom(for: byteCount)
    let data = graph.constantData(value)
    let address = image.append(byteCount) { memory in
      if let data { memory.copyMemory(from: data.bytes) }
    }
    plainConstants[value] = Span(
      memory: constantsMemory, address: address, byteCount: byteCount)
  }
}

extension Graph {
  /// Writes weights and parameters of a layer in the order of a layout; of weights that are elided nothing.
  fileprivate func writeConstants(
    of node: NodeID, in layout: WeightLayout, to memory: UnsafeMutableRawBufferPointer
  ) throws {
    let operands = nodes[node].inputs
    if let weights = signedConstant(operands[1]) {
      withExtendedLifetime(weights) { layout.write(weights.bytes, to: memory) }
    }
    // The next layer has other weights, so that those of all are never in memory together.
    constantData(operands[1])?.evict()
    let bias = operands.count > 2 ? constantData(operands[2])?.elements(as: Int32.self) : nil
    layout.write(bias: bias, try requantization(of: node), to: memory)
  }

  /// The encoded weights of a layer, which are not elided; nil if that saves nothing.
  fileprivate func encodedWeights(
    of node: NodeID, in layout: WeightLayout
  ) throws -> EncodedWeights? {
    var plain = [UInt8](repeating: 0, count: layout.byteCount)
    try plain.withUnsafeMutableBytes { try writeConstants(of: node, in: layout, to: $0) }
    return EncodedWeights(plain, layout)
  }
}

/// Weights and parameters of a layer as they lie in the constants' memory.
struct StoredConstants {
  let address: Int
  /// Relative to the address: of each block in depth, the weights of each slice of input channels.
  let bricks: [[Range<Int>]]
  /// Of each block in depth, the rescaling parameters, which follow the weights.
  let parameters: [Range<Int>]
  /// The code book with which weights are encoded; nil if they are not.
  let code: Int?
  /// The room for the constants of any block in depth, in bytes.
  private(set) var slotBytes = 0

  /// Weights as they are.
  init(_ layout: WeightLayout, at address: Int) {
    self.address = address
    bricks = (0..<layout.blocks).map { block in
      (0..<layout.slices).map { layout.brick(block, $0) }
    }
    parameters = (0..<layout.blocks).map(layout.parameters)
    code = nil
    slotBytes = largestChunk
  }

  init(_ encoded: EncodedWeights, at address: Int, code: Int) {
    self.address = address
    bricks = encoded.bricks
    parameters = encoded.parameters
    self.code = code
    slotBytes = largestChunk
  }

  private var largestChunk: Int { aligned((0..<blocks).map { chunk($0).count }.max() ?? 0) }

  /// The part that a block in depth needs, up to the next block's.
  func chunk(_ block: Int) -> Range<Int> {
    let end = parameters[block].upperBound
    return (bricks[block].first?.lowerBound ?? 0)..<(code == nil ? end : aligned(end))
  }

  /// Where a part lies, relative to the beginning of the constants.
  func span(of part: Range<Int>, in memory: Int) -> Span {
    Span(memory: memory, address: address + part.lowerBound, byteCount: part.count)
  }

  var blocks: Int { bricks.count }
  var byteCount: Int { blocks > 0 ? chunk(blocks - 1).upperBound : 0 }
}

extension Diagnostic.Message {
  static func doesNotFit(
    _ what: String, _ needed: Int, _ memory: String, _ available: Int
  ) -> Self {
    Self(
      id: "does-not-fit", .unsupported,
      "the \(what) need \(needed) bytes of `\(memory)`, which has \(available)")
  }
}
