import Foundation
import Hardware
import Lowering
import Simulation

/// Changes of the target: faster memories, and operators that the NPU does not have.
extension AdviceSearch {
  /// What lies in a slower memory in the fast one from the start; if that has no room for it, as if the slower one were as
  /// fast.
  var constantsChanges: [Change] {
    guard let slow = target.memory(holding: .constants),
      let fast = target.memory(holding: .activations), slow != fast
    else { return [] }
    let (constants, activations) = (target.memories[slow], target.memories[fast])
    // A memory that takes values as well gives up these too.
    let title =
      constants.holds.contains(.spilledActivations)
      ? "keep what lies in \(constants.name) in \(activations.name)"
      : "keep the weights in \(activations.name)"
    if let moved = try? retimed(holdingAllIn: fast, insteadOf: slow) {
      let reason =
        "there is room in \(activations.name), and nothing has to be copied from \(constants.name)"
      return [Change(subject: "constants", title: title, reason: reason) { moved }]
    }
    let needed = program.memories[slow].usedBytes
    let free = max(0, activations.bytes - program.memories[fast].usedBytes)
    let reason =
      "layers wait for the \(Figures.bytes(needed)) in \(constants.name), here read at the rate of "
      + "\(activations.name) (which has \(Figures.bytes(free)) left)"
    return [
      Change(subject: "constants", title: title, reason: reason) {
        try retimed(replacing: slow, with: constants.asFast(as: activations))
      }
    ]
  }

  /// The graph compiled and timed with all that one memory holds in another, from where it is read without being copied.
  private func retimed(holdingAllIn fast: Int, insteadOf slow: Int) throws -> Timeline {
    var changed = target
    // What is read where it lies needs no copies, and values have nowhere else to go.
    let moved = target.memories[slow].holds.filter { $0 != .spilledActivations }
    let stays = target.memories[fast].holds.filter { $0 != .stagedConstants }
    changed.memories[fast] = target.memories[fast].holding(stays + moved)
    changed.memories[slow] = target.memories[slow].holding([])
    return Timeline(of: try Program(lowering: graph, to: changed, for: .latency, .timing))
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
    return Timeline(of: try Program(lowering: graph, to: changed, for: .latency, .timing))
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
