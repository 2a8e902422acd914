import Foundation

/// Times repeated work.
enum Stopwatch {
  /// Runs `work` once to warm up, then `repetitions` times; the line that `--repeat` prints.
  static func time(
    _ repetitions: Int, threads: Int, _ work: () throws -> Void
  ) rethrows -> String {
    try work()
    let clock = ContinuousClock()
    let times = try (0..<repetitions).map { _ in
      let span = try clock.measure { try work() }
      return Double(span.components.seconds) * 1000 + Double(span.components.attoseconds) * 1e-15
    }.sorted()
    let middle = repetitions / 2
    let median = repetitions % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    return String(
      format: "time: median %.4f ms, min %.4f ms, max %.4f ms, %d runs, %d threads", median,
      times[0], times[repetitions - 1], repetitions, threads)
  }
}
