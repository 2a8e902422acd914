import Foundation
import Hardware
import Importing
import Support

/// What a model costs on several targets: the table and the JSON of `dovetail profile --targets`.
public struct TargetComparison: Codable, Hashable, Sendable {
  /// By which readers of the JSON know its form.
  public let schema: String
  /// Which model file was profiled.
  public let model: Profile.ModelReference
  /// In the order in which they were added.
  public private(set) var targets: [Entry] = []

  /// What the model costs on one target, or why it does not run there.
  public struct Entry: Codable, Hashable, Sendable {
    /// The target, with the variants that hold.
    public let target: Profile.TargetReference
    /// The name of the memory for activations.
    public let activationMemory: String
    /// As in the target's own profile; nil if the model cannot be compiled for it.
    @ExplicitNull public var totals: Profile.Totals?
    /// Why it cannot; nil if it can.
    @ExplicitNull public var problem: String?
  }

  /// A comparison without any target yet.
  public init(of model: Model) {
    schema = "dovetail.targets/1"
    self.model = Profile.ModelReference(
      name: model.name, format: model.format, sha256: model.sha256)
  }

  /// Whether there is no target on which the model runs.
  public var isEmpty: Bool { targets.allSatisfy { $0.totals == nil } }

  /// Adds a line for a target with what the model costs there.
  public mutating func add(_ totals: Profile.Totals, on target: Target) {
    targets.append(Entry(target, totals, nil))
  }

  /// Adds a line for a target for which the model cannot be compiled.
  public mutating func add(_ problem: Diagnostic, on target: Target) {
    targets.append(Entry(target, nil, problem.message.text))
  }

  /// A heading, a line for each target, and what went wrong.
  public func text(width: Int) -> String {
    let problems = targets.compactMap { entry in
      entry.problem.map { "\(entry.target.name): \($0)" }
    }
    let lines =
      ["\(model.name) on \(targets.count) targets", ""] + table.lines(width: width)
      + (problems.isEmpty ? [] : [""] + problems)
    return lines.joined(separator: "\n") + "\n"
  }

  private var table: TextTable {
    var table = TextTable([
      .init("target", isElastic: true), .init("cycles", .right), .init("ms", .right),
      .init("peak memory", .right), .init("its traffic", .right), .init("other traffic", .right),
    ])
    for entry in targets { table.add([entry.target.name] + entry.figures) }
    return table
  }
}

extension TargetComparison.Entry {
  fileprivate init(_ target: Target, _ totals: Profile.Totals?, _ problem: String?) {
    self.target = Profile.TargetReference(target)
    let description = target.description
    activationMemory =
      description.memory(holding: .activations).map { description.memories[$0].name } ?? ""
    self.totals = totals
    self.problem = problem
  }

  /// Cycles, milliseconds, the peak of the memory for activations, its traffic, and that of the other memories.
  fileprivate var figures: [String] {
    guard let totals else { return Array(repeating: "–", count: 5) }
    let own = totals.trafficBytes[activationMemory]?.sum ?? 0
    let all = totals.trafficBytes.values.reduce(0) { $0 + $1.sum }
    return [
      Figures.grouped(totals.latencyCycles), String(format: "%.3f", totals.latencyMilliseconds),
      Figures.bytes(totals.peakMemoryBytes[activationMemory] ?? 0), Figures.bytes(own),
      Figures.bytes(all - own),
    ]
  }
}
