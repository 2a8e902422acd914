import Operators
import Support
import Tensors

extension TargetDescription {
  /// Numbers that cannot be, names that nothing has, and roles that no memory plays.
  public func lint() -> [Diagnostic] {
    positiveProblems() + roleProblems() + supportProblems() + bufferProblems()
  }

  private func positiveProblems() -> [Diagnostic] {
    var numbers: [(String, Double)] = [
      ("clockMHz", clockMHz),
      ("array.cyclesPerMicroBlock", Double(array.cyclesPerMicroBlock)),
      ("array.inputDepth", Double(array.inputDepth)),
      ("array.kernelFirst.kernelElements", Double(array.kernelFirst.kernelElements)),
      ("array.kernelFirst.inputDepth", Double(array.kernelFirst.inputDepth)),
      ("array.kernelFirst.stepDepth", Double(array.kernelFirst.stepDepth)),
      ("array.depthwiseKernelElements", Double(array.depthwiseKernelElements)),
      ("array.maximumKernel.height", Double(array.maximumKernel.height)),
      ("array.maximumKernel.width", Double(array.maximumKernel.width)),
      ("output.cyclesPerElement.default", output.cyclesPerElement.default),
      ("output.cyclesPerElement.add", output.cyclesPerElement.add),
      ("output.cyclesPerElement.maximum", output.cyclesPerElement.maximum),
      ("host.macsPerCycle", host.macsPerCycle),
      ("host.elementsPerCycle", host.elementsPerCycle),
      ("buffer.bankBytes", Double(buffer.bankBytes)),
      ("buffer.inputGranuleBanks", Double(buffer.inputGranuleBanks)),
      ("buffer.accumulatorGranuleBanks", Double(buffer.accumulatorGranuleBanks)),
    ]
    for (name, block) in [("microBlock", array.microBlock), ("maximumBlock", array.maximumBlock)] {
      numbers += [
        ("array.\(name).height", Double(block.height)),
        ("array.\(name).width", Double(block.width)),
        ("array.\(name).depth", Double(block.depth)),
      ]
    }
    for memory in memories {
      numbers += [
        ("\(memory.name).bytes", Double(memory.bytes)),
        ("\(memory.name).bytesPerCycle", memory.bytesPerCycle),
        ("\(memory.name).burstBytes", Double(memory.burstBytes)),
        ("\(memory.name).readLatencyCycles + 1", Double(memory.readLatencyCycles) + 1),
        ("\(memory.name).writeLatencyCycles + 1", Double(memory.writeLatencyCycles) + 1),
      ]
    }
    return numbers.filter { !($0.1 > 0 && $0.1 < 0x1p40) }
      .map { Diagnostic(.notPositive($0.0, $0.1)) }
  }

  private func roleProblems() -> [Diagnostic] {
    let missing = [Role.activations, .constants].filter { memory(holding: $0) == nil }
      .map { Diagnostic(.noMemory(for: $0), help: "add it to the `holds` of a memory") }
    let names = memories.map(\.name) + [buffer.name]
    let repeated = Set(names.filter { name in names.count { $0 == name } > 1 }).sorted()
    return missing + repeated.map { Diagnostic(.repeatedMemory($0)) }
  }

  private func supportProblems() -> [Diagnostic] {
    let all = array.supports.merging(output.supports) { first, _ in first }
    return all.sorted { $0.key < $1.key }.flatMap { name, support -> [Diagnostic] in
      let unknown = Operators.all[name] == nil ? [Diagnostic(.unknownOperator(name))] : []
      let elements = support.elements.filter { ElementType(rawValue: $0) == nil }
        .map { Diagnostic(.unknownElement($0, name)) }
      let limits = [support.kernel, support.stride, support.dilation].compactMap { $0 }
        .filter { $0.maximum.count != 2 || $0.maximum.contains { $0 < 1 } }
        .map { _ in Diagnostic(.badLimit(name)) }
      return unknown + elements + limits
    }
  }

  private func bufferProblems() -> [Diagnostic] {
    let needed = 2 * (buffer.inputGranuleBanks + buffer.accumulatorGranuleBanks)
    return buffer.banks - buffer.reservedBanks >= needed / 2
      ? [] : [Diagnostic(.bufferTooSmall(buffer.banks, needed / 2 + buffer.reservedBanks))]
  }
}

extension Diagnostic.Message {
  fileprivate static func notPositive(_ name: String, _ value: Double) -> Self {
    Self(id: "impossible-number", .malformed, "`\(name)` is \(value), which cannot be")
  }

  fileprivate static func noMemory(for role: TargetDescription.Role) -> Self {
    Self(id: "no-memory-for-role", .malformed, "no memory holds \(role.rawValue)")
  }

  fileprivate static func repeatedMemory(_ name: String) -> Self {
    Self(id: "repeated-memory", .malformed, "two memories have the name `\(name)`")
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

  fileprivate static func bufferTooSmall(_ banks: Int, _ needed: Int) -> Self {
    Self(
      id: "buffer-too-small", .malformed,
      "`buffer.banks` is \(banks), at least \(needed) are needed")
  }
}
