import GraphIR
import Hardware
import Operators
import Support
import Tensors

extension Program {
  /// Makes a program from a graph: places nodes on engines, cuts them into blocks that fit, chooses which take turns,
  /// lays out constants, plans memory, and emits commands with their dependencies.
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
  static let doesNotFit = "does-not-fit"
  let graph: Graph
  let target: TargetDescription
  var layers: [LayerPlan]
  let constantsMemory: Int
  let activationsMemory: Int
  /// The value whose memory a value shares, for results of reshapes.
  let roots: [ValueID: ValueID]
  let uses: ValueUses
  var schedule: Schedule
  var image = ConstantImage()
  /// The code books of layers whose weights are encoded.
  var codes: [[UInt8]] = []
  /// Where constants lie that are read as they are: by the host, or in place of an input.
  var plainConstants: [ValueID: Span] = [:]
  var staging: [Staging] = []
  var addresses = AddressPlan([], bases: [])
  var commands: [Command] = []
  var engines: [Engine] = []
  /// Blocks of each layer that were emitted: two of them share the buffer in turns.
  var emittedBlocks: [Int]
  /// The pixel whose input all blocks in depth share, and how many there were: two share the buffer in turns.
  var loadedPixel: (pixel: LoadedPixel?, turn: Int) = (nil, 0)
  private var tracker = HazardTracker([])

  /// The whole way.
  fileprivate static func program(of graph: Graph, on target: TargetDescription) throws -> Program {
    var lowering = try Lowering(graph, target)
    lowering.chooseSchedule()
    for layer in lowering.layers.indices { try lowering.layOutConstants(layer) }
    try lowering.layOutOtherConstants()
    try lowering.planAddresses()
    for group in lowering.schedule.groups { try lowering.emit(group) }
    return lowering.program()
  }

  init(_ graph: Graph, _ target: TargetDescription) throws {
    self.graph = graph
    self.target = target
    constantsMemory = target.memory(holding: .constants) ?? 0
    activationsMemory = target.memory(holding: .activations) ?? 0
    roots = Self.sharedMemory(graph)
    layers = try graph.order.filter { graph.op($0, as: Reshape.self) == nil }.map {
      try LayerPlan($0, of: graph, on: target)
    }
    uses = ValueUses(graph, layers, roots)
    schedule = Schedule(layers)
    emittedBlocks = layers.map { _ in 0 }
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

  /// Where a value lies: in the memory for activations, or if it is a constant in the image.
  func span(of value: ValueID) -> Span {
    let root = roots[value] ?? value
    let owner = schedule.owner(of: root)
    guard let span = addresses[.value(owner)] ?? plainConstants[root] else {
      preconditionFailure("value without memory")
    }
    return span
  }

  /// Where the rows of an operand or result of a layer lie.
  func place(of value: ValueID, _ extents: TargetDescription.Block) -> ImagePlace {
    ImagePlace(
      span: span(of: value), extents: extents,
      keptRows: max(1, schedule.rows[value] ?? extents.height))
  }

  /// Appends a command, which waits for whatever it depends on.
  mutating func add(_ action: Action, layer: Int) {
    let dependencies = tracker.add(commands.count, action, engines: engines)
    commands.append(Command(action: action, layer: layer, dependencies: dependencies))
    engines.append(action.engine)
  }

  /// Nothing writes the constants' memory, unless it is the one for values too.
  mutating func trackHazards() {
    let written = target.memories.indices.map { addresses.use(of: $0).end }
    tracker = HazardTracker(written + [target.buffer.banks * target.buffer.bankBytes])
  }

  /// A layer, or layers that take turns.
  private mutating func emit(_ group: Range<Int>) throws {
    stageConstants(during: group)
    guard let order = schedule.bands[group.lowerBound] else {
      return try group.forEach { try emit($0, nil) }
    }
    for band in order.bands { try emit(band.layer, band.rows) }
  }

  /// - Parameter rows: of the result; nil for all.
  private mutating func emit(_ layer: Int, _ rows: Range<Int>?) throws {
    let plan = layers[layer]
    guard plan.engine != .host else { return emitHostCall(layer) }
    guard let blocks = plan.blocks else { return try emitSoftmax(layer) }
    let rows = rows ?? 0..<blocks.problem.result.height
    switch blocks.problem.kind {
    case .dense, .depthwise: try emitConvolution(layer, blocks, rows)
    case .pool(let isMaximum): try emitPool(layer, blocks, rows, isMaximum: isMaximum)
    case .add: try emitAdd(layer, blocks, rows)
    }
  }
}
