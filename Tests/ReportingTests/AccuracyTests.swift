import GraphIR
import Operators
import Reporting
import Simulation
import Support
import TestSupport
import Tensors
import Testing

struct AccuracyTests {
  /// Of equal largest values the first counts.
  @Test func tiesAreWonByTheFirst() throws {
    let accuracy = try Self.accuracy(
      samples: [[1, 1, 0], [0, 5, 5], [3, 3, 3]], labels: [0, 1, 0])
    #expect(accuracy.correct == 3)
    #expect(try Self.accuracy(samples: [[1, 1, 0]], labels: [1]).correct == 0)
  }

  /// Wilson's interval with z = 1.96, by hand:
  /// (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
  @Test func intervalIsWilsons() throws {
    let half = try Self.accuracy(samples: [[1, 0, 0], [1, 0, 0]], labels: [0, 1])
    // n = 2, p = 1/2: 0.5 ± 1.96·√(0.125 + 0.2401) / 2.9208 = 0.5 ± 0.40547
    #expect(abs(half.interval.lowerBound - 0.0945) < 1e-4)
    #expect(abs(half.interval.upperBound - 0.9055) < 1e-4)
    let none = try Self.accuracy(samples: [[1, 0, 0]], labels: [2])
    #expect(none.interval.lowerBound == 0)
    // z² / (1 + z²) = 3.8416 / 4.8416
    #expect(abs(none.interval.upperBound - 0.79346) < 1e-5)
    let all = try Self.accuracy(samples: [[1, 0, 0]], labels: [0])
    #expect(all.interval.upperBound == 1)
  }

  /// 276 of 300, as in Examples/fashion/README.md: 0.91469 ± 0.03096
  @Test func textIsForPeople() throws {
    let samples = (0..<300).map { _ in [1.0, 0, 0] }
    let labels = (0..<300).map { $0 < 276 ? 0 : 1 }
    let accuracy = try Self.accuracy(samples: samples, labels: labels)
    #expect(
      accuracy.text == "top1 92.00 % (276 of 300; 95 % interval 88.4 % to 94.6 %)")
    #expect(accuracy.fraction == 0.92)
  }

  @Test func wrongDataIsReported() throws {
    #expect(throws: Diagnostic.self) {
      _ = try Self.accuracy(samples: [[1, 0, 0]], labels: [0, 1])
    }
    let graph = try Self.graph()
    let data = Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4])
    let labels = Tensor(TensorType(.u8, [2]), numbers: [0, 0])
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Accuracy(of: ReferenceExecution(graph), graph, data: data, labels: labels)
    }
    #expect(problem.message.id == "sample-type")
    #expect(problem.message.cause == .malformed)
  }

  @Test func jsonHasItsSchema() throws {
    let accuracy = try Self.accuracy(samples: [[1, 0, 0]], labels: [0])
    let text = try JSONText.encode(accuracy)
    #expect(text.contains("\"schema\" : \"dovetail.accuracy/1\""))
    #expect(text.contains("\"correct\" : 1"))
  }

  /// A model that gives what it gets, for samples of three.
  private static func graph() throws -> Graph {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [1, 3]))
    graph.setOutputs(try graph.insert(Reshape(shape: [3]), [x]))
    return graph
  }

  private static func accuracy(samples: [[Double]], labels: [Int]) throws -> Accuracy {
    let graph = try graph()
    let data = Tensor(TensorType(.f32, [samples.count, 3]), numbers: samples.flatMap { $0 })
    let classes = Tensor(
      TensorType(.i64, [labels.count]), numbers: labels.map(Double.init))
    return try Accuracy(of: ReferenceExecution(graph), graph, data: data, labels: classes)
  }
}
