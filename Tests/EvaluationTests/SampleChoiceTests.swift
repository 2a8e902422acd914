import Evaluation
import GraphIR
import Operators
import Testing

/// Samples that stand for all.
struct SampleChoiceTests {
  @Test func smallNetworksAreSeenWithAllSamples() throws {
    #expect(try Self.product(depth: 1000).representativeSamples(of: 100) == Array(0..<100))
  }

  /// One billion multiply-accumulates for each.
  @Test func largeNetworksAreSeenWithEightSamplesSpreadEvenly() throws {
    let graph = try Self.product(depth: 1_000_000)
    #expect(graph.representativeSamples(of: 24) == [0, 3, 6, 9, 12, 15, 18, 21])
    #expect(graph.representativeSamples(of: 5) == Array(0..<5))
    #expect(graph.representativeSamples(of: 0) == [])
  }

  private static func product(depth: Int) throws -> Graph {
    try GraphParser(
      """
      graph g(%x: f32[1, \(depth)], %w: f32[1000, \(depth)]) {
        %y = fully_connected(%x, %w) : f32[1, 1000]
        return %y
      }
      """, operators: Operators.all
    ).graph
  }
}
