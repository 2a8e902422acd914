import GraphIR
import Hardware
import Support

/// What to say where values do not fit: what is in the way, and what would help.
extension Lowering {
  /// - Parameter attempts: the ways in which it was tried to let values fit.
  /// - Precondition: some memory is overfull.
  func shortage(_ attempts: [Lowering]) -> Diagnostic {
    let memory = overfullMemory ?? activationsMemory
    guard memory == activationsMemory, let least = FittingSearch(above: attempts).leastBytes else {
      return shortage(of: memory, remedy: nil)
    }
    // What is in the way is told of the plan that needs least: others may fail for what it avoids.
    let tightest = attempts.lazy.map { $0.planned(in: least) }.first(where: \.fits) ?? self
    return tightest.shortage(of: memory, remedy: "take at least `--sram \(Self.size(least))`")
  }

  private func shortage(of memory: Int, remedy: String?) -> Diagnostic {
    let use = addresses.use(of: memory)
    let description = target.memories[memory]
    return Diagnostic(
      .doesNotFit("values", use.end, description.name, description.bytes),
      at: fullestLayer(of: memory).map { graph.spot(of: layers[$0].node) },
      help: "at the tightest moment \(use.lowerBound) bytes are in use at once: "
        + residents(of: memory) + "; make these smaller" + (remedy.map { ", or \($0)" } ?? ""))
  }

  /// The layer during which most bytes of a memory are in use; nil if there are no layers.
  private func fullestLayer(of memory: Int) -> Int? {
    var live = layers.map { _ in 0 }
    for item in addresses.items where item.memory == memory && !layers.isEmpty {
      for layer in item.life { live[layer] += aligned(item.byteCount) }
    }
    return live.indices.max { live[$0] < live[$1] }
  }

  /// What lies in a memory then, the largest first, as a list in words.
  private func residents(of memory: Int) -> String {
    let layer = fullestLayer(of: memory) ?? 0
    let items = addresses.items.filter { $0.memory == memory && $0.life.contains(layer) }
      .sorted { $0.byteCount > $1.byteCount }
    let constants = memory == constantsMemory ? ["all constants with \(image.byteCount)"] : []
    let names = items.prefix(6).map { "`\(name(of: $0.owner))` with \($0.byteCount)" }
    let others = items.count > 6 ? ["\(items.count - 6) more"] : []
    let all = constants + names + others
    guard let last = all.last, all.count > 1 else { return all.first ?? "nothing" }
    return all.dropLast().joined(separator: ", ") + " and " + last
  }

  private func name(of owner: AddressPlan.Owner) -> String {
    let value =
      switch owner {
      case .value(let value): value
      case .constants(let layer): graph.nodes[layers[layer].node].results[0]
      }
    // Converters join the names of all that they merged.
    return String(graph.values[value].name.prefix { $0 != ";" })
  }

  /// As `--sram` takes it.
  private static func size(_ bytes: Int) -> String {
    bytes % 1024 == 0 ? "\(bytes / 1024)KiB" : "\(bytes)B"
  }
}

/// Looks for the least memory for activations with which a graph fits, by planning it again and again.
struct FittingSearch {
  /// The least bytes that were found, a multiple of the search's step; nil if no target can have so many.
  private(set) var leastBytes: Int?

  /// More layers than that are planned too slowly to try many sizes.
  private static let mostLayers = 600
  /// The largest memory that a target can have.
  private static let mostBytes = 1 << 40

  /// More than there is.
  ///
  /// - Parameter attempts: plans that do not fit; it suffices if one of them does in more memory.
  init(above attempts: [Lowering]) {
    guard let first = attempts.first, let end = attempts.map(\.endOfActivations).min() else {
      return
    }
    // Fine enough to matter, coarse enough to be found soon.
    search(attempts, first.capacity..<end, step: end > 16 * 1024 ? 1024 : 16)
  }

  /// Less than a plan uses that fits.
  init(below plan: Lowering) {
    let end = plan.endOfActivations
    search([plan], 0..<end, step: max(16, aligned(end / 1024)))
  }

  private mutating func search(_ plans: [Lowering], _ sizes: Range<Int>, step: Int) {
    guard sizes.upperBound <= Self.mostBytes else { return }
    var (small, large) = (sizes.lowerBound / step, dividedUp(sizes.upperBound, step))
    while large - small > 1, plans[0].layers.count <= Self.mostLayers {
      let middle = (small + large) / 2
      if plans.contains(where: { $0.fits(in: middle * step) }) {
        large = middle
      } else {
        small = middle
      }
    }
    leastBytes = large * step
  }
}
