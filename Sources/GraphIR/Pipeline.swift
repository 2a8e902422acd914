import Support

/// Passes in the order in which they run.
public struct Pipeline: Sendable, ExpressibleByArrayLiteral {
  /// In the order in which they run.
  public let passes: [Pass]
  /// What one pass does may let one before it do more; they settle long before this.
  private static let maximumRounds = 8

  /// - Parameter passes: in an order that suits them: nothing here knows which must come first.
  public init(_ passes: [Pass]) { self.passes = passes }

  /// As `init(_:)`, for a list that is written out.
  public init(arrayLiteral elements: Pass...) { self.init(elements) }

  /// What to do around each pass.
  public struct Options: Sendable {
    /// Verify the graph after each pass; a pass that breaks it is named.
    public var verifiesEach: Bool

    /// By default nothing is verified.
    public init(verifiesEach: Bool = false) { self.verifiesEach = verifiesEach }
  }

  /// What one run of a pass came to.
  public struct Step: Sendable {
    /// The pass that ran.
    public let pass: Pass
    /// The graph as it is then.
    public let graph: Graph
    /// Whether the pass changed it.
    public let hasChanged: Bool
    /// How long the pass ran.
    public let duration: Duration
  }

  /// The pipeline without the passes of these names.
  ///
  /// Names that no pass has are ignored; callers check what users give.
  public func without(_ names: some Sequence<String>) -> Pipeline {
    Pipeline(passes.filter { !Set(names).contains($0.name) })
  }

  /// Runs the passes in order, again and again until none of them changes anything.
  ///
  /// - Parameter afterEach: is told of each run of a pass, and may throw to end it all.
  /// - Throws: what a pass or `afterEach` throws, or a `broken-graph` diagnostic that names the pass at fault.
  public func run(
    on graph: inout Graph, _ options: Options = Options(),
    afterEach: (Step) throws -> Void = { _ in }
  ) throws {
    for _ in 0..<Self.maximumRounds {
      guard try runOnce(on: &graph, options, afterEach) else { return }
    }
  }

  /// Whether any pass changed the graph.
  private func runOnce(
    on graph: inout Graph, _ options: Options, _ afterEach: (Step) throws -> Void
  ) throws -> Bool {
    var result = false
    for pass in passes {
      var hasChanged = false
      let duration = try ContinuousClock().measure { hasChanged = try pass.run(&graph) }
      result = result || hasChanged
      if options.verifiesEach, let problem = graph.verify().first {
        throw Diagnostic(.brokenGraph(by: pass.name, problem.message.text), at: problem.place.spot)
      }
      try afterEach(Step(pass: pass, graph: graph, hasChanged: hasChanged, duration: duration))
    }
    return result
  }
}

extension Diagnostic.Message {
  fileprivate static func brokenGraph(by pass: String, _ problem: String) -> Self {
    Self(id: "broken-graph", .ourFault, "pass `\(pass)` broke the graph: \(problem)")
  }
}
