import Hardware

/// The variants among which a target leaves the choice, as a part of its page.
public struct TargetVariants: Sendable {
  private let combinations: [TargetChoice]

  /// The variants of a target given by name or path.
  ///
  /// - Throws: a `Diagnostic` if there is no such target, or if its file cannot be read.
  public init(of nameOrPath: String) throws {
    combinations = try TargetLibrary.combinations(of: nameOrPath)
  }

  /// A line for each system configuration, with the memory modes that go with it; empty if there are none.
  public var text: String {
    var systems: [(name: String, modes: [String])] = []
    for case let (system?, mode) in combinations.map({ ($0.systemConfig, $0.memoryMode) }) {
      if systems.last?.name != system { systems.append((system, [])) }
      systems[systems.count - 1].modes += mode.map { [$0] } ?? []
    }
    guard !systems.isEmpty else { return "" }
    var table = TextTable([.init("--system-config"), .init("--memory-mode")])
    for (name, modes) in systems { table.add([name, modes.joined(separator: ", ")]) }
    return ([""] + table.lines(width: 100)).joined(separator: "\n") + "\n"
  }
}
