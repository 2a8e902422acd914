import GraphIR
import Hardware
import Lowering
import Simulation
import Support

/// Looks for what would make a network faster: compiles and times it changed, or for a changed target.
public struct AdviceSearch {
  let graph: Graph
  let target: TargetDescription
  let program: Program
  let timeline: Timeline

  /// - Parameter graph: the one that was lowered to the program, for the target.
  public init(_ graph: Graph, _ target: TargetDescription, _ program: Program, _ timeline: Timeline)
  {
    self.graph = graph
    self.target = target
    self.program = program
    self.timeline = timeline
  }

  /// What gains more than 1 %, the largest gain first.
  ///
  /// - Parameter progress: makes what is told about each change that was tried, of their number.
  /// - Complexity: each change is compiled and timed as a whole.
  public func advice(
    progress: (_ changes: Int) -> ProgressLine = { _ in .silent }
  ) -> [ProfileAdvice] {
    let changes = constantsChanges + bandwidthChanges + hostChanges + channelChanges
    let progress = progress(changes.count)
    defer { progress.finish() }
    let found = changes.compactMap { change in
      defer { progress.advance() }
      return advice(on: change)
    }
    return bestOfEach(found).map(\.advice).sorted {
      ($1.gainCycles, $0.title) < ($0.gainCycles, $1.title)
    }
  }

  /// What to try, and how it is told.
  struct Change {
    /// Of changes of one subject, such as paddings of the same channels, only the best is told.
    let subject: String
    let title: String
    /// Why, in a sentence without its period.
    let reason: String
    /// What it comes to; throws a `Diagnostic` where the change cannot be compiled.
    let timeline: () throws -> Timeline
  }

  /// Below this part of the run, a gain is not told.
  private static let leastShare = 0.01

  private func advice(on change: Change) -> Found? {
    // What does not compile, for its values do not fit, is no advice.
    guard let changed = try? change.timeline() else { return nil }
    let gain = timeline.latencyCycles - changed.latencyCycles
    guard Double(gain) > Self.leastShare * Double(timeline.latencyCycles) else { return nil }
    let gains = gainsByLayer(changed)
    let advice = ProfileAdvice(
      title: change.title, detail: "\(change.reason)\(shares(gains))", gainCycles: gain,
      layers: gains.map(\.layer))
    return Found(change: change, advice: advice)
  }

  /// A change that gains something.
  private struct Found {
    let change: Change
    let advice: ProfileAdvice
  }

  private func bestOfEach(_ found: [Found]) -> [Found] {
    Dictionary(grouping: found, by: \.change.subject).values.compactMap { alternatives in
      alternatives.max { $0.advice.gainCycles < $1.advice.gainCycles }
    }
  }

  /// The layers that prolong the run less, those that gain most first.
  private func gainsByLayer(_ changed: Timeline) -> [(layer: Int, cycles: Int)] {
    guard changed.layers.count == timeline.layers.count else { return [] }
    return zip(timeline.layers, changed.layers).enumerated()
      .map { (layer: $0, cycles: $1.0.latencyCycles - $1.1.latencyCycles) }
      .filter { $0.cycles > 0 }
      .sorted { ($1.cycles, $0.layer) < ($0.cycles, $1.layer) }
  }

  /// `; most in layers 13 (1,024 cycles), 3 (96) and 5 more`.
  private func shares(_ gains: [(layer: Int, cycles: Int)]) -> String {
    guard let first = gains.first else { return "" }
    let others = gains.dropFirst().prefix(2).map { "\($0.layer) (\(Figures.grouped($0.cycles)))" }
    let named = ["\(first.layer) (\(Figures.grouped(first.cycles)) cycles)"] + others
    let rest = gains.count > named.count ? " and \(gains.count - named.count) more" : ""
    return
      "; most in \(gains.count == 1 ? "layer" : "layers") \(named.joined(separator: ", "))\(rest)"
  }
}
