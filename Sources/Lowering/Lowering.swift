import GraphIR
import Hardware
import Operators
import Support
import Tensors

extension Program {
  /// Makes a program from a graph: places nodes on engines, cuts them into blocks that fit, lays out constants,
  /// plans memory, and emits commands with their dependencies.
  ///
  /// - Throws: a `Diagnostic` if the graph does not fit the target's memories.
  public init(lowering graph: Graph, to target: TargetDescription) throws {
    do {
      self = try Lowering.program(of: graph, on: target)
    } catch let problem as Diagnostic where problem.message.id == Lowering.doesNotFit {
      guard let target = target.withHostMemory else { throw problem }
      self = try Lowering.program(of: graph, on: target)
    }
  }
}

/// A graph on its way to a program.
struct Lowering {
  fileprivate static let doesNotFit = "does-not-fit"
  let graph: Graph
  let target: TargetDescription
  var layers: [LayerPlan]
  let constantsMemory: Int
  var image = ConstantImage()
  /// Where constants lie that are read as they are: by the host, or in place of an input.
  private(set) var plainConstants: [ValueID: Span] = [:]
  private(set) var addresses: AddressPlan
  var commands: [Command] = []
  var engines: [Engine] = []
  private var tracker: HazardTracker
  /// The value whose memory a value shares, for results of reshapes.
  let roots: [ValueID: ValueID]
  /// How many layers before its own a layer's constants are staged.
  private var lookahead = 0

  /// How many layers ahead constants are staged at most; what does not fit is tried with fewer.
  private static let lookaheads = [2, 1, 0]

  /// The whole way.
  fileprivate static func program(of graph: Graph, on target: TargetDescription) throws -> Program {
    var lowering = try Lowering(graph, target)
    try lowering.planAddresses()
    try lowering.emitAll()
    return lowering.program()
  }

  init(_ graph: Graph, _ target: TargetDescription) throws {
    self.graph = graph
    self.target = target
    constantsMemory = target.memory(holding: .constants) ?? 0
    roots = Self.sharedMemory(graph)
    layers = try graph.order.filter { graph.op($0, as: Reshape.self) == nil }.map {
      try LayerPlan($0, of: graph, on: target)
    }
    tracker = HazardTracker([])
    addresses = AddressPlan(
      graph, layers, stagedBytes: [], lookahead: 0, roots: roots,
      memory: target.memory(holding: .activations) ?? 0, base: 0)
  }

  /// The index of the buffer, which comes after the memories.
  var bufferMemory: Int { target.memories.count }

  /// A reshaped value lies where its operand lies.
  private static func sharedMemory(_ graph: Graph) -> [ValueID: ValueID] {
    var roots: [ValueID: ValueID] = [:]
    for node in graph.order where graph.op(node, as: Reshape.self) != nil {
      let operand = graph.input(of: node)
      roots[graph.result(of: node)] = roots[operand] ?? operand
    }
    return roots
  }

  /// Lays out constants, then values; stages constants as early as memory allows.
  mutating func planAddresses() throws {
    for layer in layers.indices { try layOutConstants(layer) }
    // A constant may also leave the graph, or be seen in another shape.
    for value in graph.exits + roots.keys.sorted() { try layOutPlainConstant(value) }
    let capacity = target.memories[addresses.memory].bytes
    let host = target.memory(holding: .hostValues)
    for lookahead in Self.lookaheads {
      plan(staging: true, lookahead: lookahead, hostMemory: host)
      if addresses.end <= capacity { break }
    }
    if addresses.end > capacity { plan(staging: false, lookahead: 0, hostMemory: host) }
    try checkCapacities()
    tracker = hazardTracker
  }

  /// Nothing writes the constants' memory, unless it is the one for activations too.
  private var hazardTracker: HazardTracker {
    let written = target.memories.indices.map { addresses.use(of: $0).end }
    return HazardTracker(written + [target.buffer.banks * target.buffer.bankBytes])
  }

  private mutating func plan(staging: Bool, lookahead: Int, hostMemory: Int?) {
    let canStage = target.memory(holding: .stagedConstants) == addresses.memory
    var bytes = Array(repeating: 0, count: layers.count)
    for (index, layer) in layers.enumerated() {
      guard let blocks = layer.blocks, let weights = blocks.weights else { continue }
      let stages = staging && canStage && layer.gainsFromStaging
      layers[index].blocks?.tiling = blocks.tiling.staging(stages)
      if stages { bytes[index] = weights.byteCount }
    }
    addresses = AddressPlan(
      graph, layers, stagedBytes: bytes, lookahead: lookahead, roots: roots,
      memory: addresses.memory,
      base: addresses.memory == constantsMemory ? image.alignedByteCount : 0,
      hostMemory: hostMemory)
    self.lookahead = lookahead
  }

  private func checkCapacities() throws {
    for (index, memory) in target.memories.enumerated() {
      let use = addresses.use(of: index)
      guard use.end <= memory.bytes else {
        throw Diagnostic(
          .doesNotFit("values", use.end, memory.name, memory.bytes),
          help: "at the tightest moment \(use.lowerBound) bytes are in use at once")
      }
    }
  }

  /// Constants are checked before they are laid out: an elided one may be larger than this machine's memory.
  private func checkRoom(for byteCount: Int) throws {
    let constants = target.memories[constantsMemory]
    let needed = image.bytes.count + byteCount
    guard needed + ConstantImage.alignment <= constants.bytes else {
      throw Diagnostic(
        .doesNotFit("constants", needed, constants.name, constants.bytes),
        help: "quantize the weights, or take a target with more memory")
    }
  }

  private mutating func layOutConstants(_ layer: Int) throws {
    let plan = layers[layer]
    let operands = graph.nodes[plan.node].inputs
    guard let weights = plan.blocks?.weights else {
      return try operands.forEach { try layOutPlainConstant($0) }
    }
    layers[layer].constantsAddress = try layOutWeights(plan.node, weights)
    try layOutPlainConstant(operands[0])
  }

  private mutating func layOutWeights(_ node: NodeID, _ layout: WeightLayout) throws -> Int {
    let operands = graph.nodes[node].inputs
    let requantization = try graph.requantization(of: node)
    let bias = operands.count > 2 ? graph.constantData(operands[2])?.elements(as: Int32.self) : nil
    let weights = graph.signedConstant(operands[1])
    try checkRoom(for: layout.byteCount)
    return image.append(layout.byteCount) { memory in
      weights.map { weights in
        withExtendedLifetime(weights) { layout.write(weights.bytes, to: memory) }
      }
      layout.write(bias: bias, requantization, to: memory)
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

  /// Where a value lies: in the memory for activations, or if it is a constant in the image.
  func span(of value: ValueID) -> Span {
    guard let span = addresses.span(of: value) ?? plainConstants[roots[value] ?? value] else {
      preconditionFailure("value without memory")
    }
    return span
  }

  mutating func emitAll() throws {
    for layer in layers.indices {
      let first = layer == 0 ? 0 : layer + lookahead
      for upcoming in first...max(first, layer + lookahead) where upcoming < layers.count {
        stageConstants(of: upcoming)
      }
      try emit(layer)
    }
  }

  /// Appends a command, which waits for whatever it depends on.
  mutating func add(_ action: Action, layer: Int) {
    let dependencies = tracker.add(commands.count, action, engines: engines)
    commands.append(Command(action: action, layer: layer, dependencies: dependencies))
    engines.append(action.engine)
  }

  /// Copies a layer's constants into the fast memory, block by block in the order in which they are read.
  private mutating func stageConstants(of layer: Int) {
    guard let address = addresses.stagedAddress(of: layer),
      let weights = layers[layer].blocks?.weights,
      let source = layers[layer].constantsAddress
    else { return }
    for block in 0..<weights.blocks {
      let chunk = weights.chunk(block)
      add(
        .copy(
          from: Span(
            memory: constantsMemory, address: source + chunk.lowerBound, byteCount: chunk.count),
          to: Span(
            memory: addresses.memory, address: address + chunk.lowerBound, byteCount: chunk.count)),
        layer: layer)
    }
  }

  private mutating func emit(_ layer: Int) throws {
    let plan = layers[layer]
    guard plan.engine != .host else { return emitHostCall(layer) }
    guard let blocks = plan.blocks else { return try emitSoftmax(layer) }
    switch blocks.problem.kind {
    case .dense, .depthwise: try emitConvolution(layer, blocks)
    case .pool(let isMaximum): try emitPool(layer, blocks, isMaximum: isMaximum)
    case .add: try emitAdd(layer, blocks)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func doesNotFit(
    _ what: String, _ needed: Int, _ memory: String, _ available: Int
  ) -> Self {
    Self(
      id: "does-not-fit", .unsupported,
      "the \(what) need \(needed) bytes of `\(memory)`, which has \(available)")
  }
}
