import GraphIR
import Hardware
import Operators
import Support
import Tensors

extension Program {
  /// Makes a program from a graph: places nodes on engines, cuts them into blocks that fit, chooses which take turns,
  /// lays out constants, plans memory, and emits commands with their dependencies.
  ///
  /// - Parameters:
  ///   - objective: what the program is to have least of.
  ///   - purpose: what it is made for; of one that is timed, less has to be kept.
  ///   - encodings: what is known of the graph's weights, to which this adds.
  /// - Throws: a `Diagnostic` if the graph does not fit the target's memories, or the target does not give the figures
  ///   that the objective needs.
  public init(
    lowering graph: Graph, to target: TargetDescription, for objective: Objective = .latency,
    _ purpose: Purpose = .execution, sharing encodings: KnownEncodings = KnownEncodings()
  ) throws {
    try objective.check(target)
    let fastest = try Lowering.planned(graph, target, purpose, encodings)
    var best = try fastest.emitted()
    for var strategy in try Strategy.alternatives(for: objective, to: fastest) {
      strategy.keepsConstants = purpose == .execution
      guard
        let other = try Lowering.attempts(graph, target, strategy, encodings).first(where: \.fits)
      else {
        continue
      }
      let program = try other.emitted()
      // Where both have as much, the one before is faster.
      if objective.amount(in: program) < objective.amount(in: best) { best = program }
    }
    self = best
  }
}

/// A graph on its way to a program.
struct Lowering {
  let graph: Graph
  let target: TargetDescription
  var strategy: Strategy
  var layers: [LayerPlan]
  /// The layers as they were before a schedule was chosen.
  private var unscheduled: [LayerPlan] = []
  let constantsMemory: Int
  let activationsMemory: Int
  /// Whether the output stage reads parameters slower from where they are kept than they can be copied from there.
  let stagesParameters: Bool
  let knownBlocks: KnownBlocks
  let encodings: KnownEncodings
  let views: ValueViews
  /// The value in whose bytes a value lies, for those without bytes of their own.
  let roots: [ValueID: ValueID]
  private(set) var uses: ValueUses
  var schedule: Schedule
  var image: ConstantImage
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
  /// Of layers that were begun: those that take turns go on many times.
  var emitters: [Int: ConvolutionEmitter] = [:]

  /// The graph with all places decided.
  fileprivate static func planned(
    _ graph: Graph, _ target: TargetDescription, _ purpose: Program.Purpose,
    _ encodings: KnownEncodings
  ) throws -> Lowering {
    let strategy = Strategy(keepsConstants: purpose == .execution)
    let attempts = try attempts(graph, target, strategy, encodings)
    guard let found = attempts.first(where: \.fits) else {
      throw attempts[attempts.count - 1].shortage(attempts)
    }
    return found
  }

  /// Plans until one fits: in the memories of the target, with layers in other orders where that is better, then with
  /// all values in bytes of their own, then with the values of the host in its own memory.
  fileprivate static func attempts(
    _ graph: Graph, _ target: TargetDescription, _ strategy: Strategy, _ encodings: KnownEncodings
  ) throws -> [Lowering] {
    func places(_ target: TargetDescription, _ strategy: Strategy) throws -> Lowering {
      try Lowering(graph, target, strategy, encodings).withPlaces()
    }
    var attempts = [try places(target, strategy)]
    if attempts[0].gainsByOverlap {
      var other = strategy
      other.overlapsHost = true
      let overlapped = try places(target, other)
      let isBetter =
        overlapped.fits && overlapped.estimatedCycles < attempts[0].estimatedCycles
      attempts.insert(overlapped, at: isBetter ? 0 : 1)
    }
    if !attempts[0].fitsWhole, attempts[0].gainsByOrder {
      var other = strategy
      other.reorders = true
      let reordered = try places(target, other)
      attempts.insert(reordered, at: reordered.precedes(attempts[0]) ? 0 : 1)
    }
    if !attempts.contains(where: \.fits), !attempts[0].views.divided.isEmpty {
      var other = strategy
      other.dividesValues = false
      attempts.append(try places(target, other))
    }
    if !attempts.contains(where: \.fits), let roomier = target.withHostMemory {
      attempts.append(try places(roomier, strategy))
    }
    return attempts
  }

  /// Whether it fits without layers that take turns, and without values in a slow memory that could be elsewhere: both
  /// mostly take longer.
  private var fitsWhole: Bool {
    fits && schedule.bands.isEmpty && schedule.elsewhere.keys.allSatisfy(uses.isInterface)
  }

  /// Whether a plan with another order of the layers is better than one in the order of the graph.
  private func precedes(_ other: Lowering) -> Bool {
    guard fits, !fitsWhole, other.fits, let mine = schedule.cost, let others = other.schedule.cost
    else { return fitsWhole }
    return (mine.bytes, estimatedCycles) < (others.bytes, other.estimatedCycles)
  }

  /// Whether values take less memory at one time in another order of the layers.
  var gainsByOrder: Bool {
    guard !strategy.reorders else { return false }
    let search = OrderSearch(uses)
    return search.peak < search.peak(of: Array(layers.indices))
  }

  /// The program, with commands for all layers.
  func emitted() throws -> Program {
    var copy = self
    copy.trackHazards()
    copy.commands.reserveCapacity(expectedCommandCount)
    copy.engines.reserveCapacity(expectedCommandCount)
    for group in schedule.groups { try copy.emit(group) }
    return copy.program()
  }

  /// About how many commands there will be, so that room for them is found at once.
  private var expectedCommandCount: Int {
    layers.reduce(0) { sum, layer in
      guard let blocks = layer.blocks else { return sum + 1 }
      let isDense = blocks.problem.kind == .dense
      let loads = isDense ? blocks.weights?.slices ?? 1 : blocks.problem.operandCount
      let others = blocks.problem.needsArray ? loads + 1 : 1
      let copies = layer.constants?.blocks ?? 0
      return sum + copies + blocks.tiling.blockCount * (loads + others)
    }
  }

  /// With a schedule, constants and addresses, whether these suffice or not.
  func withPlaces() throws -> Lowering {
    var copy = self
    // Values that share a memory with the constants have what room these leave.
    if constantsMemory == activationsMemory { try copy.layOutConstants() }
    copy.unscheduled = copy.layers
    let tilings = layers.map { $0.blocks?.tiling }
    copy.chooseSchedule()
    if copy.image.byteCount == 0 || copy.layers.map({ $0.blocks?.tiling }) != tilings {
      try copy.layOutConstants()
    }
    copy.planAddresses()
    return copy
  }

  /// Whether all would fit so many bytes of the memory for activations.
  func fits(in bytes: Int) -> Bool { planned(in: bytes).fits }

  /// The same work within so many bytes of the memory for activations, whether these suffice or not.
  func planned(in bytes: Int) -> Lowering {
    var copy = self
    copy.strategy.capacity = bytes
    copy.layers = unscheduled
    copy.schedule = Schedule(unscheduled)
    copy.chooseSchedule()
    copy.planAddresses()
    return copy
  }

  init(
    _ graph: Graph, _ target: TargetDescription, _ strategy: Strategy,
    _ encodings: KnownEncodings = KnownEncodings()
  ) throws {
    self.graph = graph
    self.encodings = encodings
    self.target = target
    self.strategy = strategy
    image = ConstantImage(isKept: strategy.keepsConstants)
    constantsMemory = target.memory(holding: .constants) ?? 0
    activationsMemory = target.memory(holding: .activations) ?? 0
    stagesParameters = target.readsParametersSlowly(from: constantsMemory)
    let known = KnownBlocks(target)
    knownBlocks = known
    let plans = try graph.order.filter { graph.op($0, as: Reshape.self) == nil }.map {
      try LayerPlan($0, of: graph, on: target, known)
    }
    views = ValueViews(
      graph, strided: Set(plans.filter(\.takesGaps).map(\.node)),
      dividesValues: strategy.dividesValues)
    let nodes = views.nodes
    let unordered = plans.filter { !nodes.contains($0.node) }
    roots = views.views.mapValues(\.root)
    layers = unordered
    var uses = ValueUses(graph, layers, views)
    if strategy.reorders {
      layers = OrderSearch(uses).order.map { unordered[$0] }
      uses = ValueUses(graph, layers, views)
    }
    self.uses = uses
    schedule = Schedule(layers)
    emittedBlocks = layers.map { _ in 0 }
    guard strategy.overlapsHost else { return }
    layers = hostOverlap.order.map { unordered[$0] }
    self.uses = ValueUses(graph, layers, views)
    schedule = Schedule(layers)
  }

  /// The index of the buffer, which comes after the memories.
  var bufferMemory: Int { target.memories.count }

  /// Where a value lies: in the memory for activations, or if it is a constant in the image.
  func span(of value: ValueID) -> Span {
    let root = roots[value] ?? value
    let owner = schedule.owner(of: root)
    guard let span = addresses[.value(owner)] ?? plainConstants[root] else {
      preconditionFailure("value without memory")
    }
    guard let view = views.views[value] else { return span }
    return span.part(at: view.offset, graph.values[value].type.byteCount)
  }

  /// Where the rows of an operand or result of a layer lie.
  func place(of value: ValueID, _ extents: TargetDescription.Block) -> ImagePlace {
    let view = views.views[value]
    return ImagePlace(
      span: span(of: value), extents: extents,
      keptRows: max(1, schedule.rows[value] ?? extents.height),
      strides: view?.isDense ?? true ? nil : view?.strides)
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
