import Foundation
import GraphIR
import Hardware
import Lowering
import Operators
import Simulation
import Support
import TestSupport
import Testing

/// Schedules of small graphs beside the best of all schedules, each of which is lowered and timed.
///
/// Takes minutes, so it runs only where `DOVETAIL_OPTIMALITY` is set; it then writes `Reports/optimality.md`.
struct OptimalityTests {
  private static let isWanted =
    ProcessInfo.processInfo.environment["DOVETAIL_OPTIMALITY"] == "1"

  @Test(.enabled(if: isWanted)) func distanceFromTheBestIsReported() throws {
    let rows = try Self.sets.flatMap { set in
      try Self.kinds.map { kind in try Row(set.name, kind.name, measure(set.graphs, kind.slow)) }
    }
    try write(rows)
  }

  private static let kinds = [("flash", false), ("DRAM for values", true)].map {
    (name: $0.0, slow: $0.1)
  }

  private static let sets: [(name: String, graphs: [Graph])] = {
    let made = (try? SmallGraphs.all) ?? []
    let random = (0..<100 as Range<UInt64>).compactMap {
      try? RandomNetwork.make(seed: $0, size: $0 % 2 == 0 ? 4 : 5)
    }
    return [("made by hand", made), ("random", random)]
  }()

  /// Cycles of ours by those of the best, at memories that hold all values, three quarters and half of them.
  private func measure(_ graphs: [Graph], _ hasSlow: Bool) throws -> [Double] {
    try graphs.flatMap { graph -> [Double] in
      let roomy = try Program(lowering: graph, to: target(1 << 20, hasSlow))
      guard roomy.layers.count <= (hasSlow ? 5 : 6) else { return [] }
      let peak = max(1024, roomy.memories[0].usedBytes)
      return try [4, 3, 2].compactMap { try ratio(graph, target($0 * peak / 4, hasSlow)) }
    }
  }

  /// Nil if nothing fits.
  private func ratio(_ graph: Graph, _ target: TargetDescription) throws -> Double? {
    let all = try ScheduleChoice.all(for: graph, on: target).compactMap {
      try Program(lowering: graph, to: target, as: $0).map { Timeline(of: $0).latencyCycles }
    }
    guard let best = all.min() else { return nil }
    let ours = try Program(lowering: graph, to: target)
    return Double(Timeline(of: ours).latencyCycles) / Double(max(1, best))
  }

  private func target(_ sramBytes: Int, _ hasSlow: Bool) throws -> TargetDescription {
    try TestTarget.make(replacing: [
      "bytes: 4194304": "bytes: \(sramBytes)",
      "holds: [constants]": hasSlow
        ? "holds: [constants, spilledActivations]" : "holds: [constants]",
    ])
  }

  private func write(_ rows: [Row]) throws {
    let text =
      """
      # Schedules beside the best

      Made by `DOVETAIL_OPTIMALITY=1 Scripts/test --filter OptimalityTests`: for graphs of up to six layers (five where values may \
      lie in a slow memory), all ways to let layers take turns, in low or high blocks, and all choices of values for the \
      slow memory are compiled and timed. Ratios are our cycles by those of the best; the memory holds all values, three \
      quarters and half of them. What is below 1 is better than all of these.

      | graphs | values beside SRAM | cases | best | median | 90 % within | worst |
      | --- | --- | ---: | ---: | ---: | ---: | ---: |

      """ + rows.map { $0.text + "\n" }.joined()
    let path = TestFiles.repository.appending(path: "Reports/optimality.md").path
    try FileBytes.write(Array(text.utf8), to: path)
  }

  private struct Row {
    let text: String

    init(_ graphs: String, _ kind: String, _ ratios: [Double]) {
      let sorted = ratios.sorted()
      let best = 100 * sorted.count { $0 <= 1 } / sorted.count
      let most = sorted[sorted.count * 9 / 10]
      let (median, worst) = (sorted[sorted.count / 2], sorted[sorted.count - 1])
      let figures = [median, most, worst].map { String(format: "%.3f", $0) }
      text =
        "| \(graphs) | \(kind) | \(sorted.count) | \(best) % | "
        + figures.joined(separator: " | ") + " |"
    }
  }
}

/// Graphs of few layers with what makes schedules differ.
private enum SmallGraphs {
  static var all: [Graph] {
    get throws {
      try bodies.enumerated().map { number, body in
        try GraphParser(
          "graph small\(number)(%x: i8<0.5>[1, 24, 24, 8]) {\n" + constants + body + "\n}\n",
          operators: Operators.all
        ).graph
      }
    }
  }

  private static let constants = """
    %w0 = constant(random(1)) : i8<0.01>[48, 1, 1, 8]
    %w1 = constant(random(2)) : i8<0.01>[1, 3, 3, 48]
    %w2 = constant(random(3)) : i8<0.01>[8, 1, 1, 48]
    %w3 = constant(random(4)) : i8<0.01>[8, 3, 3, 8]
    %w4 = constant(random(5)) : i8<0.01>[1, 5, 5, 8]

    """

  private static let bodies = [
    // Wide in the middle.
    """
    %a = conv2d(%x, %w0) : i8<0.5>[1, 24, 24, 48]
    %b = depthwise_conv2d(%a, %w1) {padding: "same"} : i8<0.5>[1, 24, 24, 48]
    %c = conv2d(%b, %w2) : i8<0.5>[1, 24, 24, 8]
    %d = add(%x, %c) : i8<0.5>[1, 24, 24, 8]
    return %d
    """,
    // The same with a stride, and a layer behind.
    """
    %a = conv2d(%x, %w0) : i8<0.5>[1, 24, 24, 48]
    %b = depthwise_conv2d(%a, %w1) {padding: "same", stride: [2, 2]} : i8<0.5>[1, 12, 12, 48]
    %c = conv2d(%b, %w2) : i8<0.5>[1, 12, 12, 8]
    %d = conv2d(%c, %w3) {padding: "same"} : i8<0.5>[1, 12, 12, 8]
    return %d
    """,
    // A chain of equal layers.
    """
    %a = conv2d(%x, %w3) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
    %b = conv2d(%a, %w3) {padding: "same", clamp: [0, null]} : i8<0.5>[1, 24, 24, 8]
    %c = conv2d(%b, %w3) {padding: "same", clamp: [0, 6]} : i8<0.5>[1, 24, 24, 8]
    %d = depthwise_conv2d(%c, %w4) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
    %e = max_pool2d(%d) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 12, 12, 8]
    return %e
    """,
    // Two branches, of which one is wide.
    """
    %a = conv2d(%x, %w0) : i8<0.5>[1, 24, 24, 48]
    %b = conv2d(%a, %w2) : i8<0.5>[1, 24, 24, 8]
    %c = depthwise_conv2d(%x, %w4) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
    %d = add(%b, %c) : i8<0.5>[1, 24, 24, 8]
    %e = conv2d(%d, %w3) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
    return %e
    """,
    // A value that is read far behind.
    """
    %a = conv2d(%x, %w3) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
    %b = conv2d(%a, %w0) : i8<0.5>[1, 24, 24, 48]
    %c = conv2d(%b, %w2) : i8<0.5>[1, 24, 24, 8]
    %d = depthwise_conv2d(%c, %w4) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
    %e = add(%a, %d) : i8<0.5>[1, 24, 24, 8]
    return %e
    """,
  ]
}
