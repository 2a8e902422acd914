import GraphIR
import Hardware
import Support

extension Program {
  /// Makes a program from a graph, as for the target's description; what does not fit is also tried in the other
  /// memory modes of the target's file, so that the help can name those in which it does.
  ///
  /// - Parameter encodings: what is known of the graph's weights, to which this adds.
  /// - Throws: a `Diagnostic` if the graph does not fit the target's memories.
  public init(
    lowering graph: Graph, to target: Target, for objective: Objective = .latency,
    _ purpose: Purpose = .execution, sharing encodings: KnownEncodings = KnownEncodings()
  ) throws {
    do {
      try self.init(
        lowering: graph, to: target.description, for: objective, purpose, sharing: encodings)
    } catch let problem as Diagnostic where problem.message.id == "does-not-fit" {
      let modes = target.inOtherMemoryModes.filter {
        (try? Program(lowering: graph, to: $0.description, for: .latency, .timing)) != nil
      }
      throw problem.adding(modes.compactMap(\.choice.memoryMode))
    }
  }
}

extension Diagnostic {
  /// With memory modes that would do, if there are any.
  fileprivate func adding(_ modes: [String]) -> Diagnostic {
    guard !modes.isEmpty else { return self }
    let remedy = "it fits with " + modes.map { "`--memory-mode \($0)`" }.joined(separator: " or ")
    return Diagnostic(
      severity, message, at: place, help: [help, remedy].compactMap { $0 }.joined(separator: "; "))
  }
}
