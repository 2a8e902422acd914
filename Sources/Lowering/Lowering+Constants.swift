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
    let operands = graph.nodes[node].inputs
    let requantization = try graph.requantization(of: node)
    let bias = operands.count > 2 ? graph.constantData(operands[2])?.elements(as: Int32.self) : nil
    try checkRoom(for: layout.byteCount)
    guard let weights = graph.signedConstant(operands[1]) else {
      let address = image.append(layout.byteCount) {
        layout.write(bias: bias, requantization, to: $0)
      }
      return StoredConstants(layout, at: address)
    }
    var plain = [UInt8](repeating: 0, count: layout.byteCount)
    plain.withUnsafeMutableBytes { memory in
      withExtendedLifetime(weights) { layout.write(weights.bytes, to: memory) }
      layout.write(bias: bias, requantization, to: memory)
    }
    // The next layer has other weights, so that those of all are never in memory together.
    graph.constantData(operands[1])?.evict()
    if target.array.decodesWeights ?? false, let encoded = EncodedWeights(plain, layout) {
      let address = image.append(encoded.bytes.count) { $0.copyBytes(from: encoded.bytes) }
      codes.append(encoded.code)
      return StoredConstants(encoded, at: address, code: codes.count - 1)
    }
    let address = image.append(plain.count) { $0.copyBytes(from: plain) }
    return StoredConstants(layout, at: address)
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
