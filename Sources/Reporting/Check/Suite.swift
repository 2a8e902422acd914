import Foundation
import Hardware
import Lowering
import Support
import Tensors

/// Networks and targets that are checked together, and what they must keep: what a suite file says.
///
///     tolerance: 0.5 %
///     targets: [ethos-u55-128, ethos-u55-256]
///     networks:
///       - model: nets/wake.tflite
///         data: nets/x.npy
///         labels: nets/y.npy
///         budgets:
///           - { metric: latencyCycles, maximum: 90000 }
///
/// Paths are relative to the suite's file.
public struct Suite: Sendable {
  /// One network on one target.
  public struct Entry: Sendable {
    /// The network's name, by which the baseline knows it.
    public let name: String
    /// The path of its file.
    public let model: String
    /// A name from `Targets/`, or the path of a target file.
    public let target: String
    /// The target's variants.
    public let choice: TargetChoice
    /// Extents for inputs by name.
    public let shapes: [String: Shape]
    /// Passes to leave out.
    public let disabledPasses: [String]
    /// What the program is to have least of.
    public let objective: Objective
    /// Samples to measure the accuracy on, and their labels; nil if it is not measured.
    public let samples: (data: String, labels: String)?
    /// What the network must keep, beside the budgets that the baseline has for it.
    public let budgets: [Budget]

    /// The target as the baseline knows it, with the variants that were asked for.
    public let targetName: String

    /// `NAME on TARGET`, the key in the baseline.
    public var key: String { "\(name) on \(targetName)" }

    /// A model on a target, without anything special about it.
    ///
    /// - Parameter name: by which the baseline knows it; left out, that of the file.
    public init(
      model: String, target: String, choice: TargetChoice = TargetChoice(), name: String? = nil,
      shapes: [String: Shape] = [:], disabledPasses: [String] = [], objective: Objective = .latency
    ) {
      self.init(
        name: name ?? Suite.name(of: model), on: target, model: model, target: target,
        choice: choice, shapes: shapes, disabledPasses: disabledPasses, objective: objective,
        samples: nil, budgets: [])
    }

    /// - Parameter targetName: as the suite has it, wherever the suite is.
    fileprivate init(
      name: String, on targetName: String, model: String, target: String, choice: TargetChoice,
      shapes: [String: Shape],
      disabledPasses: [String], objective: Objective, samples: (data: String, labels: String)?,
      budgets: [Budget]
    ) {
      self.name = name
      let bytes = choice.activationMemoryBytes.map { "\($0) bytes" }
      let least = objective == .latency ? nil : "least \(objective.rawValue)"
      let variants = [choice.systemConfig, choice.memoryMode, bytes, least].compactMap { $0 }
      self.targetName =
        variants.isEmpty ? targetName : "\(targetName) (\(variants.joined(separator: ", ")))"
      self.choice = choice
      self.model = model
      self.target = target
      self.shapes = shapes
      self.disabledPasses = disabledPasses
      self.objective = objective
      self.samples = samples
      self.budgets = budgets
    }
  }

  /// In the order of the file, and for each network in the order of its targets.
  public let entries: [Entry]
  /// By how much figures may be worse than the accepted ones.
  public let tolerance: Tolerance

  /// A single network on a single target.
  public init(_ entry: Entry) {
    entries = [entry]
    tolerance = .standard
  }

  /// Reads a suite file.
  ///
  /// - Throws: a `Diagnostic` with the line, if a field is missing, unknown or not what it must be.
  public init(reading path: String) throws {
    let text = try FileBytes.text(of: path)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    self = try locating(in: Diagnostic.Place(file: path)) {
      try Suite(FieldReader(text, .suite), folder: folder.joined(separator: "/"))
    }
  }

  private init(_ file: FieldReader, folder: String) throws {
    let fields = try file.fields(
      ["tolerance", "layerTolerance", "targets", "networks", "budgets"], required: ["networks"])
    var tolerance = Tolerance.standard
    if let all = try fields["tolerance"]?.number() {
      tolerance = Tolerance(totals: all, layers: all)
    }
    tolerance.layers = try fields["layerTolerance"]?.number() ?? tolerance.layers
    self.tolerance = tolerance
    let defaults = Defaults(
      folder: folder, targets: try fields["targets"]?.items().map { try $0.string() } ?? [],
      budgets: try fields["budgets"]?.items().map { try Budget($0) } ?? [])
    let networks = try fields["networks"]?.items() ?? []
    entries = try networks.flatMap { try Self.entries($0, defaults) }
    var seen: Set<String> = []
    if let twice = entries.first(where: { !seen.insert($0.key).inserted }) {
      throw file.problem(
        "there are two networks `\(twice.key)`", help: "give one of them another `name`")
    }
  }

  private struct Defaults {
    let folder: String
    let targets: [String]
    let budgets: [Budget]

    /// Paths are relative to the suite's file; absolute ones stay.
    func path(_ text: String) -> String {
      folder.isEmpty && !text.hasPrefix("/") || text.hasPrefix("/") ? text : "\(folder)/\(text)"
    }

    /// A name stays; a path, which has a slash or ends in `.yaml`, is relative to the suite's file.
    func target(_ text: String) -> String {
      text.contains("/") || text.hasSuffix(".yaml") ? path(text) : text
    }
  }

  private static func entries(_ reader: FieldReader, _ defaults: Defaults) throws -> [Entry] {
    let fields = try reader.fields(
      [
        "name", "model", "targets", "systemConfig", "memoryMode", "activationMemoryBytes", "shapes",
        "disable", "objective", "data", "labels", "budgets",
      ],
      required: ["model"])
    let model = try fields["model"]?.string() ?? ""
    let targets = try fields["targets"]?.items().map { try $0.string() } ?? defaults.targets
    guard !targets.isEmpty else {
      throw reader.problem("no targets are named", help: "name them here, or for all networks")
    }
    let name = try fields["name"]?.string() ?? Self.name(of: model)
    guard name.utf8.count <= 200 else { throw reader.problem("has a name that is too long") }
    let shapes = try fields["shapes"]?.entries().map { ($0.name, try shape($0.value)) } ?? []
    let disabled = try fields["disable"]?.items().map { try $0.string() } ?? []
    let objective = try fields["objective"].map(objective) ?? .latency
    let samples = try samples(reader, fields, defaults)
    let choice = TargetChoice(
      systemConfig: try fields["systemConfig"]?.string(),
      memoryMode: try fields["memoryMode"]?.string(),
      activationMemoryBytes: try fields["activationMemoryBytes"]?.number()
        .clamped(to: 0...0x1p40))
    let budgets = try fields["budgets"]?.items().map { try Budget($0) } ?? []
    return targets.map { target in
      Entry(
        name: name, on: target, model: defaults.path(model), target: defaults.target(target),
        choice: choice, shapes: Dictionary(shapes) { first, _ in first }, disabledPasses: disabled,
        objective: objective, samples: samples, budgets: defaults.budgets + budgets)
    }
  }

  private static func objective(_ reader: FieldReader) throws -> Objective {
    guard let objective = Objective(rawValue: try reader.string()) else {
      let all = Objective.allCases.map(\.rawValue).joined(separator: ", ")
      throw reader.problem("is no objective", help: "the objectives are \(all)")
    }
    return objective
  }

  private static func samples(
    _ reader: FieldReader, _ fields: [String: FieldReader], _ defaults: Defaults
  ) throws -> (data: String, labels: String)? {
    switch (try fields["data"]?.string(), try fields["labels"]?.string()) {
    case (let data?, let labels?): return (defaults.path(data), defaults.path(labels))
    case (nil, nil): return nil
    default: throw reader.problem("`data` and `labels` go together, and one is missing")
    }
  }

  /// `1x49x10`.
  private static func shape(_ reader: FieldReader) throws -> Shape {
    let extents = try reader.string().split(separator: "x").map { Int($0) ?? 0 }
    guard let shape = Shape(checkingPositive: extents) else {
      throw reader.problem("is not a shape such as 1x2x3")
    }
    return shape
  }

  /// The file's name without folder and ending.
  fileprivate static func name(of path: String) -> String {
    let base = path.split(separator: "/").last.map(String.init) ?? path
    let stem = base.split(separator: ".").dropLast().joined(separator: ".")
    return stem.isEmpty ? base : stem
  }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Int {
    Int(min(max(self, range.lowerBound), range.upperBound))
  }
}

extension Budget {
  /// From a suite or a baseline.
  init(_ reader: FieldReader) throws {
    let fields = try reader.fields(
      ["metric", "layers", "maximum", "minimum", "maximumIncrease"], required: ["metric"])
    self.init(
      metric: try fields["metric"]?.string() ?? "", layers: try fields["layers"]?.string(),
      maximum: try fields["maximum"]?.number(), minimum: try fields["minimum"]?.number(),
      maximumIncrease: try fields["maximumIncrease"]?.number())
    guard maximum != nil || minimum != nil || maximumIncrease != nil else {
      throw reader.problem("has no limit", help: "give `maximum`, `minimum` or `maximumIncrease`")
    }
    guard layers == nil || metric == "latencyCycles" else {
      throw reader.problem("is a budget of layers, of which only `latencyCycles` is known")
    }
  }
}
