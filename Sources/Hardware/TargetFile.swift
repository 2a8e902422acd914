import Support
import Yams

/// A target file: one target, or a family of them.
///
/// A family has a `base`, and variants of three kinds. A target is the base, over which one variant of each kind is
/// laid. A variant may inherit another of its kind, and a system configuration may list the memory modes it goes with.
struct TargetFile {
  let root: Node

  /// A kind of variants.
  enum Kind: String, CaseIterable {
    case configurations, systemConfigs, memoryModes

    /// The field of `defaults` that names one.
    var defaultField: String {
      switch self {
      case .configurations: "configuration"
      case .systemConfigs: "systemConfig"
      case .memoryModes: "memoryMode"
      }
    }

    /// One of them, in messages.
    var noun: String {
      switch self {
      case .configurations: "configuration"
      case .systemConfigs: "system configuration"
      case .memoryModes: "memory mode"
      }
    }
  }

  /// - Throws: a `Diagnostic` if the text is not YAML.
  init(parsing text: String) throws {
    do {
      // Whatever reads a field knows its type, so that no type has to be guessed from the text.
      guard let node = try compose(yaml: text, .basic) else { throw Diagnostic(.emptyTarget) }
      root = node
    } catch let error as YamlError {
      throw Diagnostic(.notYAML(error.sentence))
    }
  }

  /// Whether it has variants.
  var isFamily: Bool { root.mapping?["base"] != nil }

  /// The variants of a kind, in the order of the file.
  func names(_ kind: Kind) -> [String] {
    root[kind.rawValue]?.mapping?.keys.compactMap(\.string) ?? []
  }

  /// Every combination of a configuration's variants that go together.
  func combinations(of configuration: String?) -> [TargetChoice] {
    guard isFamily else { return [TargetChoice()] }
    let systems = names(.systemConfigs).map { Optional($0) }
    return (systems.isEmpty ? [nil] : systems).flatMap { system in
      let modes = modes(of: system).map { Optional($0) }
      return (modes.isEmpty ? [nil] : modes).map {
        TargetChoice(configuration: configuration, systemConfig: system, memoryMode: $0)
      }
    }
  }

  /// The target of a choice as one mapping, and the variants of which it is made.
  ///
  /// - Throws: `Diagnostics` if there are no such variants, or if they do not go together.
  func resolved(_ choice: TargetChoice) throws -> (node: Node, choice: TargetChoice) {
    guard isFamily, let base = root["base"] else {
      try checkNothingIsWanted(choice)
      return (root, TargetChoice(activationMemoryBytes: choice.activationMemoryBytes))
    }
    try Diagnostics(unknownFields).throwIfErrors()
    let chosen = try chosenVariants(choice)
    var overlay = YAMLOverlay()
    var node = base
    let variants: [(Kind, String?)] = [
      (.configurations, chosen.configuration), (.systemConfigs, chosen.systemConfig),
      (.memoryModes, chosen.memoryMode),
    ]
    for case (let kind, let name?) in variants {
      for layer in try layers(kind, name) { node = try overlay.lay(layer, over: node) }
    }
    // With a tag of its own, as the default one compiles expressions for all types that a text may look like.
    if let name = chosen.configuration {
      node.mapping?["name"] = Node(name, Tag(.implicit, .basic))
    }
    return (node, chosen)
  }

  private func checkNothingIsWanted(_ choice: TargetChoice) throws {
    let wanted: [(Kind, String?)] = [
      (.configurations, choice.configuration), (.systemConfigs, choice.systemConfig),
      (.memoryModes, choice.memoryMode),
    ]
    for case (let kind, let name?) in wanted { throw unknown(kind, name) }
  }

  private func chosenVariants(_ choice: TargetChoice) throws -> TargetChoice {
    var chosen = choice
    chosen.configuration = try chosenName(.configurations, choice.configuration)
    chosen.systemConfig = try chosenName(.systemConfigs, choice.systemConfig)
    let modes = modes(of: chosen.systemConfig)
    chosen.memoryMode = try chosenName(.memoryModes, choice.memoryMode, among: modes)
    if let mode = chosen.memoryMode, !modes.contains(mode) {
      throw Diagnostic(
        .impossibleMode(mode, chosen.systemConfig ?? ""), help: list(.memoryModes, modes))
    }
    return chosen
  }

  /// What is wanted, or else the default, or else the first.
  private func chosenName(_ kind: Kind, _ wanted: String?, among possible: [String]? = nil) throws
    -> String?
  {
    let names = names(kind)
    if let wanted {
      guard names.contains(wanted) else { throw unknown(kind, wanted) }
      return wanted
    }
    let possible = possible ?? names
    guard let name = root["defaults"]?[kind.defaultField]?.string else { return possible.first }
    guard names.contains(name) else { throw Diagnostic(.unknownDefault(kind, name)) }
    return possible.contains(name) ? name : possible.first
  }

  /// The memory modes that go with a system configuration: those that it lists, or all.
  private func modes(of systemConfig: String?) -> [String] {
    let all = names(.memoryModes)
    guard let systemConfig,
      let listed = root[Kind.systemConfigs.rawValue]?[systemConfig]?["modes"]?.sequence
    else { return all }
    return listed.compactMap(\.string).filter(all.contains)
  }

  /// A variant and those that it inherits, the last first, without the fields that are about variants.
  private func layers(_ kind: Kind, _ name: String) throws -> [Node] {
    var layers: [Node] = []
    var names = [name]
    while let name = names.last {
      guard let variant = root[kind.rawValue]?[name], var fields = variant.mapping else {
        throw Diagnostic(.noMapping("\(kind.rawValue).\(name)"))
      }
      let parent = fields["inherits"]?.string
      for field in ["inherits", "modes"] { fields[field] = nil }
      layers.append(.mapping(fields))
      guard let parent else { break }
      guard !names.contains(parent) else { throw Diagnostic(.circle(kind, name)) }
      guard self.names(kind).contains(parent) else { throw Diagnostic(.noParent(name, parent)) }
      names.append(parent)
    }
    return layers.reversed()
  }

  /// Fields around the variants that have no meaning: most likely misspelt.
  private var unknownFields: [Diagnostic] {
    let sections = ["base", "defaults"] + Kind.allCases.map(\.rawValue)
    let defaults = Kind.allCases.map(\.defaultField)
    let keys =
      (root.mapping?.keys.map { ($0, "", sections) } ?? [])
      + (root["defaults"]?.mapping?.keys.map { ($0, "defaults.", defaults) } ?? [])
    return keys.filter { key, _, known in !known.contains(key.string ?? "") }.map { key, path, _ in
      Diagnostic(.unknownField(path + (key.string ?? "")), at: "line \(key.mark?.line ?? 0)")
    }
  }

  private func unknown(_ kind: Kind, _ name: String) -> Diagnostic {
    Diagnostic(.unknownVariant(kind, name), help: list(kind, names(kind)))
  }

  private func list(_ kind: Kind, _ names: [String]) -> String {
    names.isEmpty
      ? "the target has no \(kind.noun)s"
      : "the \(kind.noun)s are \(names.joined(separator: ", "))"
  }
}

extension YamlError {
  /// What is wrong, with the line.
  fileprivate var sentence: String {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    default: "it cannot be parsed"
    }
  }
}

extension Diagnostic.Message {
  fileprivate static var emptyTarget: Self {
    Self(id: "bad-target", .malformed, "the file is empty")
  }

  fileprivate static func notYAML(_ problem: String) -> Self {
    Self(id: "not-yaml", .malformed, problem)
  }

  fileprivate static func noMapping(_ path: String) -> Self {
    Self(id: "bad-target", .malformed, "`\(path)` is not of the right kind")
  }

  fileprivate static func unknownDefault(_ kind: TargetFile.Kind, _ name: String) -> Self {
    Self(
      id: "bad-inheritance", .malformed,
      "`defaults.\(kind.defaultField)` is `\(name)`, which is not among the \(kind.noun)s")
  }

  fileprivate static func noParent(_ name: String, _ parent: String) -> Self {
    Self(
      id: "bad-inheritance", .malformed, "`\(name)` inherits `\(parent)`, which is not there")
  }

  fileprivate static func circle(_ kind: TargetFile.Kind, _ name: String) -> Self {
    Self(
      id: "bad-inheritance", .malformed, "the \(kind.noun) `\(name)` inherits itself in the end")
  }

  fileprivate static func unknownVariant(_ kind: TargetFile.Kind, _ name: String) -> Self {
    Self(id: "unknown-variant", .usage, "there is no \(kind.noun) `\(name)`")
  }

  fileprivate static func impossibleMode(_ mode: String, _ systemConfig: String) -> Self {
    Self(
      id: "impossible-mode", .usage,
      "the memory mode `\(mode)` does not go with the system configuration `\(systemConfig)`")
  }

  /// For fields at any level of a target file.
  static func unknownField(_ name: String) -> Self {
    Self(id: "unknown-target-field", .malformed, "there is no field `\(name)`")
  }
}
