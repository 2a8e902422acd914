import GraphIR
import Operators
import Reporting
import TestSupport
import Testing

/// A graph and its copy with one change: the difference says just that.
struct GraphDiffTests {
  /// A convolution whose steps others keep, and one whose bias depends on them.
  private static let text = """
    graph g(%x: i8<0.5>[1, 8, 8, 4]) {
      %w = constant(random(1)) : i8<0.25>[4, 1, 1, 4]
      %b = constant(dense(1, 2, 3, 4)) : i32<0.125>[4]
      %w2 = constant(random(2)) : i8<0.5>[4, 1, 1, 4]
      %b2 = constant(dense(1, 2, 3, 4)) : i32<0.25>[4]
      %c1 = conv2d(%x, %w, %b) : i8<0.5>[1, 8, 8, 4]
      %p1 = max_pool2d(%c1) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 4, 4, 4]
      %t1 = transpose(%p1) {permutation: [0, 2, 1, 3]} : i8<0.5>[1, 4, 4, 4]
      %c2 = conv2d(%t1, %w2, %b2) : i8<0.5>[1, 4, 4, 4]
      %r2 = relu(%c2) : i8<0.5>[1, 4, 4, 4]
      %y = softmax(%r2) : i8<0.00390625:-128>[1, 4, 4, 4]
      return %y
    }

    """

  @Test func graphDoesNotDifferFromItself() throws {
    let diff = try Self.diff()
    #expect(diff.isEmpty && diff.consequences == 0)
  }

  @Test(arguments: TestFiles.allModels.filter { !$0.contains("lstm") })
  func modelDoesNotDifferFromItself(path: String) throws {
    guard let graph = try? ModelGraph.read(path) else { return }
    #expect(GraphDiff(graph, graph).isEmpty)
  }

  @Test func renamedLayerIsRenamed() throws {
    let diff = try Self.diff(("%c1", "%other"))
    #expect(diff.changes.map(\.kinds) == [[.name]])
    #expect(diff.changes[0].before.map(\.name) == ["c1"])
    #expect(diff.changes[0].after.map(\.name) == ["other"])
  }

  @Test func namesOfAllLayersDoNotMatter() throws {
    let diff = try Self.diff(
      ("%c1", "%c2x"), ("%p1", "%c1"), ("%c2 ", "%p1 "), ("%c2)", "%p1)"), ("%c2x", "%c2"))
    #expect(diff.changes.allSatisfy { $0.kinds == [.name] })
  }

  @Test func fusedPairIsFused() throws {
    let diff = try Self.diff(
      ("  %r2 = relu(%c2) : i8<0.5>[1, 4, 4, 4]\n", ""),
      ("%c2 = conv2d(%t1, %w2, %b2)", "%r2 = conv2d(%t1, %w2, %b2) {clamp: [0, null]}"))
    #expect(diff.changes.map(\.kinds) == [[.fused]])
    #expect(diff.changes[0].before.map(\.name) == ["c2", "r2"])
    #expect(diff.changes[0].after.map(\.name) == ["r2"])
    #expect(diff.changes[0].before.map(\.operator) == ["conv2d", "relu"])
  }

  @Test func splitLayerIsSplit() throws {
    let parts: [(String, String)] = [
      ("  %r2 = relu(%c2) : i8<0.5>[1, 4, 4, 4]\n", ""),
      ("%c2 = conv2d(%t1, %w2, %b2)", "%r2 = conv2d(%t1, %w2, %b2) {clamp: [0, null]}"),
    ]
    let diff = GraphDiff(try Self.graph(parts), try Self.graph([]))
    #expect(diff.changes.map(\.kinds) == [[.split]])
    #expect(diff.changes[0].after.map(\.name) == ["c2", "r2"])
  }

  /// Layers that keep the scale, and the bias that goes with it, only follow.
  @Test func requantizedLayerIsRequantized() throws {
    let diff = try Self.diff(
      ("%c1 = conv2d(%x, %w, %b) : i8<0.5>", "%c1 = conv2d(%x, %w, %b) : i8<0.25>"),
      ("i8<0.5>[1, 4, 4, 4]\n  %t1", "i8<0.25>[1, 4, 4, 4]\n  %t1"),
      ("3]} : i8<0.5>", "3]} : i8<0.25>"),
      ("dense(1, 2, 3, 4)) : i32<0.25>", "dense(2, 4, 6, 8)) : i32<0.125>"))
    #expect(diff.changes.map(\.kinds) == [[.quantization]])
    #expect(diff.changes[0].after.map(\.name) == ["c1"])
    #expect(diff.changes[0].details.map(\.before) == ["0.5"])
    #expect(diff.changes[0].details.map(\.after) == ["0.25"])
    #expect(diff.consequences == 3)
  }

  @Test func changedAttributeIsNamed() throws {
    let diff = try Self.diff(
      ("stride: [2, 2]", "stride: [1, 1]"),
      ("i8<0.5>[1, 4, 4, 4]\n  %t1", "i8<0.5>[1, 7, 7, 4]\n  %t1"),
      ("3]} : i8<0.5>[1, 4, 4, 4]", "3]} : i8<0.5>[1, 7, 7, 4]"),
      ("b2) : i8<0.5>[1, 4, 4, 4]", "b2) : i8<0.5>[1, 7, 7, 4]"),
      ("c2) : i8<0.5>[1, 4, 4, 4]", "c2) : i8<0.5>[1, 7, 7, 4]"),
      ("i8<0.00390625:-128>[1, 4, 4, 4]", "i8<0.00390625:-128>[1, 7, 7, 4]"))
    #expect(diff.changes.map(\.kinds) == [[.attributes, .type]])
    #expect(diff.changes[0].details[0].subject == "stride")
    #expect(diff.consequences == 4)
  }

  /// By hand: of 16 weights one differs, 1 step of 0.5, so 0.5 at most and 0.5 / 16 on average.
  @Test func changedWeightsAreMeasured() throws {
    let numbers = "1, 1, 1, 1, 1, 1, 1, 1"
    func weights(_ last: String) -> [(String, String)] {
      let constant = "%w2 = constant(dense(\(numbers.dropLast())\(last))) : i8<0.5>[2, 1, 1, 4]"
      return [
        ("%w2 = constant(random(2)) : i8<0.5>[4, 1, 1, 4]", constant),
        (
          "%b2 = constant(dense(1, 2, 3, 4)) : i32<0.25>[4]",
          "%b2 = constant(dense(1, 2)) : i32<0.25>[2]"
        ),
        ("b2) : i8<0.5>[1, 4, 4, 4]", "b2) : i8<0.5>[1, 4, 4, 2]"),
        ("c2) : i8<0.5>[1, 4, 4, 4]", "c2) : i8<0.5>[1, 4, 4, 2]"),
        ("i8<0.00390625:-128>[1, 4, 4, 4]", "i8<0.00390625:-128>[1, 4, 4, 2]"),
      ]
    }
    let diff = GraphDiff(try Self.graph(weights("1")), try Self.graph(weights("2")))
    #expect(diff.changes.map(\.kinds) == [[.weights]])
    let change = try #require(diff.changes[0].details[0].weights)
    #expect(change.elements == 8 && change.changed == 1)
    #expect(change.maximum == 0.5 && change.mean == 0.5 / 8 && change.range == 0.5)
    #expect(change.sha256.count == 2 && change.sha256[0] != change.sha256[1])
  }

  @Test func insertedAndRemovedLayersAreJustThat() throws {
    let parts: [(String, String)] = [
      ("%p1 = max_pool2d(%c1)", "%n = relu(%c1) : i8<0.5>[1, 8, 8, 4]\n  %p1 = max_pool2d(%n)")
    ]
    let (plain, longer) = (try Self.graph([]), try Self.graph(parts))
    let added = GraphDiff(plain, longer)
    #expect(added.changes.map(\.kinds) == [[.added]])
    #expect(added.changes[0].after.map(\.name) == ["n"])
    let removed = GraphDiff(longer, plain)
    #expect(removed.changes.map(\.kinds) == [[.removed]])
    #expect(removed.consequences == 0)
  }

  @Test func replacedOperatorIsNamed() throws {
    let diff = try Self.diff(("max_pool2d", "average_pool2d"))
    #expect(diff.changes.map(\.kinds) == [[.operator]])
    #expect(diff.changes[0].before.map(\.operator) == ["max_pool2d"])
  }

  @Test func portsAreCompared() throws {
    #expect(try Self.diff(("%x", "%image")).changes.map(\.part) == [.input])
    let added = try Self.diff(("return %y", "return %y, %t1"))
    #expect(added.changes.map(\.part) == [.output])
    #expect(added.changes.map(\.kinds) == [[.added]])
    let swapped = GraphDiff(
      try Self.graph([("return %y", "return %y, %t1")]),
      try Self.graph([("return %y", "return %t1, %y")]))
    #expect(swapped.changes.map(\.part) == [.output, .output])
  }

  /// Passes change how a graph computes, so no layer may be told as lost whose work another does.
  @Test func everyLayerStandsInAtMostOneChange() throws {
    for seed in 0..<30 {
      let a = try RandomGraph.make(seed: UInt64(seed), element: .i8)
      let b = try RandomGraph.make(seed: UInt64(seed + 1), element: .i8)
      let diff = GraphDiff(a, b)
      let layers = diff.changes.filter { $0.part == .layer }
      #expect(layers.reduce(0) { $0 + $1.before.count } <= a.order.count)
      #expect(layers.reduce(0) { $0 + $1.after.count } <= b.order.count)
      #expect(GraphDiff(a, a).isEmpty)
      let reversed = GraphDiff(b, a)
      #expect(reversed.isEmpty == diff.isEmpty)
    }
  }

  private static func diff(_ parts: (String, String)...) throws -> GraphDiff {
    GraphDiff(try graph([]), try graph(parts))
  }

  /// The graph with parts of its text replaced.
  private static func graph(_ parts: [(String, String)]) throws -> Graph {
    let text = parts.reduce(text) { $0.replacing($1.0, with: $1.1) }
    return try GraphParser(text, operators: Operators.all).graph
  }
}
