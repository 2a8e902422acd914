import Evaluation
import Foundation
import Support
import Tensors
import Testing

/// Each metric against a computation by hand.
struct MetricTests {
  @Test func top1CountsTheFirstOfEqualOnes() throws {
    let outputs: [[Double]] = [[1, 1, 0], [0, 5, 5], [3, 3, 3], [1, 1, 0]]
    let score = try Self.score(.top1, zip(outputs, [0, 1, 0, 1]).map { (Self.floats($0), $1) })
    #expect(score.hits == [true, true, true, false])
    #expect(score.value == 0.75)
  }

  @Test func top5TakesTheFiveLargest() throws {
    let outputs = Self.floats([6, 5, 4, 3, 2, 1, 2])
    // The last 2 stands behind the first one, and so in the sixth place.
    let score = try Self.score(.top5, [(outputs, 4), (outputs, 6), (outputs, 5)])
    #expect(score.hits == [true, false, false])
  }

  @Test func binaryComparesTheLargestScoreWithTheThreshold() throws {
    let found = Self.floats([-3, 0.25]), nothing = Self.floats([-3, 0])
    let score = try Self.score(.binary, [(found, 1), (nothing, 1), (nothing, 0), (found, 0)])
    #expect(score.hits == [true, false, true, false])
    let answer = Answer([found], expected: [Self.label(0)], threshold: 0.5)
    #expect(try Metric.binary.evidence(of: answer) == [1])
  }

  /// |1 − 2| + |2 − 2| + |3 − 5| over three numbers, and 0 over three.
  @Test func meanErrorIsOverAllElements() throws {
    let answers = [
      Answer([Self.floats([1, 2, 3])], expected: [Self.floats([2, 2, 5])]),
      Answer([Self.floats([1, 1, 1])], expected: [Self.floats([1, 1, 1])]),
    ]
    #expect(try Self.score(.meanError, answers).value == 0.5)
  }

  /// Signal 9 + 16 + 1, noise 1 + 0 + 0.04 (integers of scale 0.2), over two samples.
  @Test func signalToNoiseIsInDecibels() throws {
    let quantized = TensorType(.i8, [1], Quantization(scale: 0.2))
    let answers = [
      Answer([Self.floats([4, 4])], expected: [Self.floats([3, 4])]),
      Answer([Tensor(quantized, numbers: [6])], expected: [Self.floats([1])]),
    ]
    let value = try #require(try Self.score(.sqnr, answers).value)
    #expect(abs(value - 10 * log10(26 / 1.04)) < 1e-5)
    let equal = [Answer([Self.floats([1])], expected: [Self.floats([1])])]
    #expect(try Self.score(.sqnr, equal).value == nil)
  }

  /// (3·4 + 4·3) / (5 · 5)
  @Test func cosineIsThatOfTheAngle() throws {
    let answers = [Answer([Self.floats([3, 4])], expected: [Self.floats([4, 3])])]
    #expect(try Self.score(.cosine, answers).value == 24.0 / 25)
  }

  @Test func agreementIsThatOfTheLargestOutputs() throws {
    let answers = [
      Answer([Self.floats([0, 1])], expected: [Self.floats([5, 7])]),
      Answer([Self.floats([1, 1])], expected: [Self.floats([5, 7])]),
    ]
    #expect(try Self.score(.agreement, answers).hits == [true, false])
  }

  /// A network that diverged gives no class, so it is right about none: neither where all outputs are no numbers, nor
  /// where one is.
  @Test func outputsThatAreNoNumbersAreNeverRight() throws {
    for output in [[Double.nan, .nan], [5, .nan], [.nan, 5], [-5, .nan]].map(Self.floats) {
      for metric in [Metric.top1, .top5, .binary] {
        let score = try Self.score(metric, [(output, 0), (output, 1)])
        #expect(score.hits == [false, false], "\(metric.name)")
      }
      for other in [output, Self.floats([5, 7]), Self.floats([7, 5])] {
        let answers = [Answer([output], expected: [other]), Answer([other], expected: [output])]
        #expect(try Self.score(.agreement, answers).hits == [false, false])
      }
    }
  }

  @Test func metricsHaveNamesOfTheirOwn() {
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
    #expect(Metric.named("detection")?.name == "map" && Metric.named("nonsense") == nil)
  }

  @Test func labelsThatDoNotFitAreReported() {
    let output = Self.floats([1, 2])
    #expect(throws: (any Error).self) { try Self.score(.top1, [(output, 2)]) }
    #expect(throws: (any Error).self) { try Self.score(.top1, [(output, -1)]) }
    #expect(throws: (any Error).self) { try Self.score(.binary, [(output, 2)]) }
    for metric in Metric.all {
      let answer = Answer([output], expected: [Self.floats([1, 2, 3])])
      let problem = #expect(throws: Diagnostic.self) { try metric.evidence(of: answer) }
      let ids = ["label-form", "outputs-differ", "metric-output"]
      #expect(ids.contains(problem?.message.id ?? ""), "\(metric.name)")
    }
  }

  private static func floats(_ numbers: [Double]) -> Tensor {
    Tensor(TensorType(.f32, [1, numbers.count]), numbers: numbers)
  }

  private static func label(_ number: Int) -> Tensor {
    Tensor(TensorType(.i64, []), numbers: [Double(number)])
  }

  private static func score(_ metric: Metric, _ samples: [(Tensor, Int)]) throws -> Score {
    try score(metric, samples.map { Answer([$0.0], expected: [label($0.1)]) })
  }

  private static func score(_ metric: Metric, _ answers: [Answer]) throws -> Score {
    metric.score(try answers.map { try metric.evidence(of: $0) })
  }
}
