import Foundation
import Hardware
import Lowering
import Simulation

/// Changes of the target: faster memories, and operators that the NPU does not have.
extension AdviceSearch {
  /// Weights in the fast memory from the start, where layers wait for a slower one; if that has no room for them, as if
  /// the slower one were as fast.
  var constantsChanges: [Change] {
    guard let slow = target.memory(holding: .constants),
      let fast = target.memory(holding: .activations), slow != fast
    else { return [] }
    let (constants, activations) = (target.memories[slow], target.memories[fast])
    let needed = program.memories[slow].usedBytes
    let free = activations.bytes - program.memories[fast].usedBytes
    // A memory that takes values as well gets faster for all of them.
    let title =
      constants.holds.contains(.spilledActivations)
      ? "keep what lies in \(constants.name) in \(activations.name)"
      : "keep the weights in \(activations.name)"
    return [
      Change(
        subject: "constants", title: "keep the weights in \(activations.name)",
        reason:
          "\(activations.name) has room for all constants beside the values, and nothing has to "
          + "be copied from \(constants.name)"
      ) { try retimedWithConstants(in: fast, insteadOf: slow) },
      Change(
        subject: "constants", title: title, isLastResort: true,
        reason: "layers wait for the \(Figures.bytes(needed)) of constants in \(constants.name), "
          + "here read at the rate of \(activations.name) (there is room for "
          + "\(Figures.bytes(max(0, free))) of them)"
      ) { try retimed(replacing: slow, with: constants.asFast(as: activations)) },
    ]
  }

  /// The graph compiled and timed with constants in another memory, from where they are read without being copied.
  private func retimedWithConstants(in fast: Int, insteadOf slow: Int) throws -> Timeline {
    var changed = target
    let roles = target.memories[fast].holds.filter { $0 != .stagedConstants }
    changed.memories[fast] = target.memories[fast].holding(roles + [.constants])
    changed.memories[slow] = target.memories[slow]
      .holding(target.memories[slow].holds.filter { $0 != .constants })
    return Timeline(of: try Program(lowering: graph, to: changed))
  }

  /// Each memory that the program uses, with twice the bandwidth.
  var bandwidthChanges: [Change] {
    target.memories.enumerated().filter { program.memories[$0.offset].usedBytes > 0 }
      .map { index, memory in
        Change(
          subject: "bandwidth of \(memory.name)",
          title: "double the bandwidth of \(memory.name)",
          reason: "with a port twice as wide, or a clock twice as fast, "
            + "\(memory.name) gives \(rate(2 * memory.bytesPerCycle)) instead of "
            + rate(memory.bytesPerCycle)
        ) { try retimed(replacing: index, with: memory.faster(by: 2)) }
      }
  }

  private func rate(_ bytesPerCycle: Double) -> String {
    String(format: "%g bytes per cycle", bytesPerCycle)
  }

  /// The graph compiled and timed for the target with another memory in a place.
  private func retimed(
    replacing memory: Int, with other: TargetDescription.Memory
  ) throws -> Timeline {
    var changed = target
    changed.memories[memory] = other
    return Timeline(of: try Program(lowering: graph, to: changed))
  }

  /// Each kind of operator that runs on the host, as if the NPU had it.
  var hostChanges: [Change] {
    let hosted = program.layers.enumerated().filter { $0.element.engine == .host }
    let kinds = Dictionary(grouping: hosted, by: \.element.kind)
    return kinds.keys.sorted().map { kind in
      let layers = kinds[kind] ?? []
      let count = layers.count == 1 ? "1 layer runs" : "\(layers.count) layers run"
      let reason = layers.first?.element.hostReason ?? ""
      return Change(
        subject: "host \(kind)", title: "let the NPU compute \(kind)",
        reason: "\(count) on \(target.host.name) (\(reason)); as element-wise work of the NPU, "
          + "products at its peak, it would take less"
      ) { Timeline(of: program, replacingCycles: npuCycles(of: Set(layers.map(\.offset)))) }
    }
  }

  /// The cycles of calls to the host by some layers, at the rates of the NPU.
  private func npuCycles(of layers: Set<Int>) -> (Command) -> Int? {
    { command in
      guard case .callHost(let call) = command.action, layers.contains(command.layer) else {
        return nil
      }
      let work = call.op.work(call.site.operands, call.site.results)
      let elements = call.site.results.reduce(0) { $0 + $1.elementCount }
      let products = Double(work.macs) / target.peakMacsPerCycle
      return target.addCycles(elements: max(elements, work.elementOperations))
        + Int(products.rounded(.up))
    }
  }
}
