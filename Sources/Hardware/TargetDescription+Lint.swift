import Operators
import Support
import Tensors

extension TargetDescription {
  /// Numbers that cannot be, names that nothing has, and roles that no memory plays.
  /// Empty for a sound description. All that is found are errors.
  public func lint() -> [Diagnostic] {
    numberProblems() + pieceProblems() + roleProblems() + supportProblems() + bufferProblems()
  }

  /// Numbers outside of these ranges cannot be meant; within them, no product of a cost model overflows.
  private enum Limits {
    static let bytes = 1.0...0x1p40
    static let count = 1.0...4096.0
    /// Timelines keep their indices in a byte.
    static let memories = 0.0...64.0
    static let cycles = 0.0...0x1p20
    /// Per cycle, or cycles per something.
    static let rate = 0x1p-10...0x1p20
    /// Picojoules.
    static let energy = 0.0...0x1p20
  }

  private typealias Number = (name: String, value: Double, range: ClosedRange<Double>)

  private func numberProblems() -> [Diagnostic] {
    let numbers =
      [
        ("clockMHz", clockMHz, Limits.rate),
        ("memories.count", Double(memories.count), Limits.memories),
      ] + arrayNumbers + outputNumbers + systemNumbers
      + (memories + (host.memory.map { [$0] } ?? [])).flatMap(numbers)
    return numbers.filter { !$0.range.contains($0.value) }.map { number in
      Diagnostic(
        .impossibleNumber(number.name, number.value),
        help: "it must be from \(Self.text(number.range.lowerBound)) "
          + "to \(Self.text(number.range.upperBound))")
    }
  }

  private var arrayNumbers: [Number] {
    [
      ("array.cyclesPerMicroBlock", Double(array.cyclesPerMicroBlock), Limits.count),
      ("array.inputDepth", Double(array.inputDepth), Limits.count),
      ("array.kernelFirst.kernelElements", Double(array.kernelFirst.kernelElements), Limits.count),
      ("array.kernelFirst.inputDepth", Double(array.kernelFirst.inputDepth), Limits.count),
      ("array.kernelFirst.stepDepth", Double(array.kernelFirst.stepDepth), Limits.count),
      ("array.depthwiseKernelElements", Double(array.depthwiseKernelElements), Limits.count),
      ("array.weightDecodeCycles", Double(array.weightDecodeCycles), Limits.cycles),
      ("array.bubbleCycles", Double(array.bubbleCycles), Limits.cycles),
      ("array.maximumKernel.height", Double(array.maximumKernel.height), Limits.count),
      ("array.maximumKernel.width", Double(array.maximumKernel.width), Limits.count),
    ] + optional("array.kernelStepCycles", array.kernelStepCycles)
      + optional("array.inputGranule", array.inputGranule)
      + energy("array.picojoulesPerMac", array.picojoulesPerMac)
      + numbers("array.microBlock", array.microBlock)
      + numbers("array.maximumBlock", array.maximumBlock)
      + pieces.flatMap { kind, blocks in blocks.flatMap { numbers(kind, $0) } }
  }

  private var pieces: [(kind: String, blocks: [Block])] {
    guard let microBlocks = array.microBlocks else { return [] }
    return [
      ("array.microBlocks.dense", microBlocks.dense),
      ("array.microBlocks.depthwise", microBlocks.depthwise),
      ("array.microBlocks.pool", microBlocks.pool),
    ]
  }

  private func pieceProblems() -> [Diagnostic] {
    pieces.filter(\.blocks.isEmpty).map { Diagnostic(.noMicroBlock($0.kind)) }
  }

  private func energy(_ name: String, _ value: Double?) -> [Number] {
    value.map { [(name, $0, Limits.energy)] } ?? []
  }

  private func optional(
    _ name: String, _ value: Int?, _ limits: ClosedRange<Double> = Limits.count
  ) -> [Number] {
    value.map { [(name, Double($0), limits)] } ?? []
  }

  private var outputNumbers: [Number] {
    [
      ("output.cyclesPerElement.default", output.cyclesPerElement.default, Limits.rate),
      ("output.cyclesPerElement.add", output.cyclesPerElement.add, Limits.rate),
      ("output.cyclesPerElement.maximum", output.cyclesPerElement.maximum, Limits.rate),
      ("output.cyclesPerActivation", output.cyclesPerActivation, 0...Limits.rate.upperBound),
      ("output.minimumPoolCycles", Double(output.minimumPoolCycles), Limits.cycles),
      ("output.softmax.elementOperations", Double(output.softmax.elementOperations), Limits.count),
      ("output.softmax.rowOperations", Double(output.softmax.rowOperations), Limits.count),
      (
        "output.softmax.cyclesPerOperation", Double(output.softmax.cyclesPerOperation),
        Limits.cycles
      ),
    ] + optional("output.cyclesPerWindowElement", output.cyclesPerWindowElement)
  }

  private var systemNumbers: [Number] {
    [
      ("host.macsPerCycle", host.macsPerCycle, Limits.rate),
      ("host.elementsPerCycle", host.elementsPerCycle, Limits.rate),
      ("host.callCycles", Double(host.callCycles), 0...0x1p40),
      ("buffer.bankBytes", Double(buffer.bankBytes), 1...0x1p20),
      ("buffer.banks", Double(buffer.banks), Limits.count),
      ("buffer.reservedBanks", Double(buffer.reservedBanks), 0...Limits.count.upperBound),
      ("buffer.inputGranuleBanks", Double(buffer.inputGranuleBanks), Limits.count),
      ("buffer.accumulatorGranuleBanks", Double(buffer.accumulatorGranuleBanks), Limits.count),
    ] + optional("buffer.inputBanks", buffer.inputBanks)
      + optional("buffer.accumulatorBanks", buffer.accumulatorBanks) + flightNumbers
      + optional("commands.operationBytes", commands?.operationBytes, Limits.bytes)
      + optional("commands.copyBytes", commands?.copyBytes, Limits.bytes)
  }

  private var flightNumbers: [Number] {
    guard let bytes = copies.bytesInFlight else { return [] }
    return [
      ("copies.bytesInFlight.mover", Double(bytes.mover), Limits.bytes),
      ("copies.bytesInFlight.reader", Double(bytes.reader), Limits.bytes),
      ("copies.bytesInFlight.array", Double(bytes.array), Limits.bytes),
    ] + optional("copies.bytesInFlight.parameters", bytes.parameters, Limits.bytes)
  }

  private func numbers(_ name: String, _ block: Block) -> [Number] {
    [
      ("\(name).height", Double(block.height), Limits.count),
      ("\(name).width", Double(block.width), Limits.count),
      ("\(name).depth", Double(block.depth), Limits.count),
    ]
  }

  private func numbers(_ memory: Memory) -> [Number] {
    [
      ("\(memory.name).bytes", Double(memory.bytes), Limits.bytes),
      ("\(memory.name).bytesPerCycle", memory.bytesPerCycle, Limits.rate),
      ("\(memory.name).burstBytes", Double(memory.burstBytes), 1...0x1p20),
      ("\(memory.name).readLatencyCycles", Double(memory.readLatencyCycles), Limits.cycles),
      ("\(memory.name).writeLatencyCycles", Double(memory.writeLatencyCycles), Limits.cycles),
    ] + energy("\(memory.name).picojoulesPerByte", memory.picojoulesPerByte)
      + optional("\(memory.name).readBytesInFlight", memory.readBytesInFlight, Limits.bytes)
      + optional("\(memory.name).writeBytesInFlight", memory.writeBytesInFlight, Limits.bytes)
  }

  fileprivate static func text(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  private func roleProblems() -> [Diagnostic] {
    let missing = [Role.activations, .constants].filter { memory(holding: $0) == nil }
      .map { Diagnostic(.noMemory(for: $0), help: "add it to the `holds` of a memory") }
    let names = memories.map(\.name) + [buffer.name] + (host.memory.map { [$0.name] } ?? [])
    let repeated = Set(names.filter { name in names.count { $0 == name } > 1 }).sorted()
    let useless = memories.filter {
      Set([.activations, .spilledActivations]).isSubset(of: $0.holds)
    }
    return missing + repeated.map { Diagnostic(.repeatedMemory($0)) }
      + useless.map { Diagnostic(.spilledInPlace($0.name)) } + portProblems()
  }

  private func portProblems() -> [Diagnostic] {
    let ports = memories.compactMap(\.port)
    let repeated = Set(ports.filter { port in ports.count { $0 == port } > 1 }).sorted()
    return repeated.map { Diagnostic(.repeatedPort($0)) }
  }

  private func supportProblems() -> [Diagnostic] {
    let all = array.supports.merging(output.supports) { first, _ in first }
    return all.sorted { $0.key < $1.key }.flatMap { name, support -> [Diagnostic] in
      let unknown = Operators.named(name) == nil ? [Diagnostic(.unknownOperator(name))] : []
      let elements = support.elements.filter { ElementType(rawValue: $0) == nil }
        .map { Diagnostic(.unknownElement($0, name)) }
      let limits = [support.kernel, support.stride, support.dilation].compactMap { $0 }
        .filter { $0.maximum.count != 2 || $0.maximum.contains { $0 < 1 } }
        .map { _ in Diagnostic(.badLimit(name)) }
      let multiplier = support.maximumDepthMultiplier.flatMap { $0 < 1 ? $0 : nil }
        .map { Diagnostic(.impossibleNumber("\(name).maximumDepthMultiplier", Double($0))) }
      return unknown + elements + limits + (multiplier.map { [$0] } ?? [])
    }
  }

  private func bufferProblems() -> [Diagnostic] {
    let needed =
      buffer.inputGranuleBanks + buffer.accumulatorGranuleBanks + buffer.reservedBanks
    let inputs = buffer.inputBanks ?? buffer.inputGranuleBanks
    let accumulators = buffer.accumulatorBanks ?? buffer.accumulatorGranuleBanks
    let parts = [
      ("banks", buffer.banks, needed), ("inputBanks", inputs, buffer.inputGranuleBanks),
      ("accumulatorBanks", accumulators, buffer.accumulatorGranuleBanks),
    ]
    return parts.filter { $0.1 < $0.2 }.map { Diagnostic(.bufferTooSmall($0.0, $0.1, $0.2)) }
  }
}

extension Diagnostic.Message {
  fileprivate static func impossibleNumber(_ name: String, _ value: Double) -> Self {
    let number = TargetDescription.text(value)
    return Self(id: "impossible-number", .malformed, "`\(name)` is \(number), which cannot be")
  }

  fileprivate static func noMemory(for role: TargetDescription.Role) -> Self {
    Self(id: "no-memory-for-role", .malformed, "no memory holds \(role.rawValue)")
  }

  fileprivate static func repeatedMemory(_ name: String) -> Self {
    Self(id: "repeated-memory", .malformed, "two memories have the name `\(name)`")
  }

  fileprivate static func repeatedPort(_ port: String) -> Self {
    Self(id: "repeated-memory", .malformed, "two memories are behind the port `\(port)`")
  }

  fileprivate static func spilledInPlace(_ name: String) -> Self {
    Self(
      id: "spilled-in-place", .malformed,
      "`\(name)` holds activations, and those that have no room in it")
  }

  fileprivate static func noMicroBlock(_ kind: String) -> Self {
    Self(id: "no-micro-block", .malformed, "`\(kind)` is empty")
  }

  fileprivate static func unknownOperator(_ name: String) -> Self {
    Self(id: "unknown-supported-operator", .malformed, "there is no operator `\(name)` to support")
  }

  fileprivate static func unknownElement(_ element: String, _ name: String) -> Self {
    Self(
      id: "unknown-supported-element", .malformed,
      "there is no element type `\(element)`, which `\(name)` is said to support")
  }

  fileprivate static func badLimit(_ name: String) -> Self {
    Self(id: "bad-limit", .malformed, "a limit of `\(name)` is not a height and a width")
  }

  fileprivate static func bufferTooSmall(_ field: String, _ banks: Int, _ needed: Int) -> Self {
    Self(
      id: "buffer-too-small", .malformed,
      "`buffer.\(field)` is \(banks), at least \(needed) are needed")
  }
}
