import Evaluation
import GraphIR
import Operators
import Reporting
import Simulation
import Support
import Tensors
import TestSupport
import Testing

/// Evaluations of models that give what they get, and so are wrong where the test says.
struct EvaluationReportTests {
  private static let right: [Double] = [1, 0, 0]
  private static let wrong: [Double] = [0, 0.5, 0]

  @Test func oneModelIsOneLine() throws {
    let run = try Self.run([Self.right, Self.right, Self.wrong, Self.right])
    #expect(
      EvaluationText(Self.report(run)).text
        == "top1 75.00 % (3 of 4; 95 % interval 30.1 % to 95.4 %)\n")
    let json = try JSONText.encode(Self.report(run))
    for field in ["\"schema\" : \"dovetail.accuracy/1\"", "\"correct\" : 3", "\"samples\" : 4"] {
      #expect(json.contains(field))
    }
  }

  /// Of four samples the other model is right on three, this one on two; the drop is a quarter.
  @Test func twoModelsAreComparedOnTheSameSamples() throws {
    let run = try Self.run(
      [Self.right, Self.wrong, Self.wrong, Self.right],
      against: [Self.right, Self.right, Self.right, Self.wrong])
    #expect(run.model.value == 0.5 && run.other?.value == 0.75)
    #expect(run.paired?.onlyFirst == 1 && run.paired?.onlySecond == 2)
    #expect(run.nearness.map(\.metric.name) == ["sqnr", "cosine", "agreement"])
    #expect(run.nearness[2].value == 0.25)
    let text = EvaluationText(Self.report(run, isCompared: true)).text
    #expect(text.contains("drop       25.00 points (95 % interval "))
    #expect(text.contains("\nright alone"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let json = try JSONText.encode(Self.report(run, isCompared: true))
    #expect(json.contains("\"schema\" : \"dovetail.evaluation/1\""))
    #expect(json.contains("\"onlyOtherCorrect\" : 2") && json.contains("\"points\" : 25"))
  }

  @Test func equalModelsHaveNoNoise() throws {
    let run = try Self.run([Self.right], metric: .sqnr, against: [Self.right])
    let text = EvaluationText(Self.report(run, isCompared: true)).text
    #expect(text.contains("SQNR without noise, cosine 1.00000"))
    #expect(EvaluationLimits(minimum: 60).breaches(Self.report(run, isCompared: true)).isEmpty)
  }

  @Test func threadsChangeNothing() throws {
    let samples = (0..<7).map { [Double($0 % 3), 1, Double($0)] }
    let others = samples.map { $0.map { $0 * 1.01 } }
    let texts = try [1, 2, 5].map { threads in
      let run = try Self.run(samples, against: others, threads: threads)
      return try JSONText.encode(Self.report(run, isCompared: true))
    }
    #expect(texts[1] == texts[0] && texts[2] == texts[0])
  }

  @Test func limitsAreHeldOrNamed() throws {
    let run = try Self.run(
      [Self.right, Self.wrong, Self.wrong, Self.right],
      against: [Self.right, Self.right, Self.right, Self.right])
    let report = Self.report(run, isCompared: true)
    #expect(EvaluationLimits(minimum: 50, maximumDrop: 50).breaches(report).isEmpty)
    let breaches = EvaluationLimits(minimum: 50.1, maximumDrop: 49.9).breaches(report)
    #expect(breaches.map(\.message.id) == ["below-minimum", "large-drop"])
    #expect(breaches.allSatisfy { $0.message.cause == .checkFailed })
  }

  /// A device that gives other bits is found out.
  @Test func otherBitsAreCounted() throws {
    let run = try EvaluationRun(
      Self.measure(.top1, 2), of: Self.subject([Self.right, Self.right]),
      on: Self.subject([Self.right, [1, 0, 0.001]]), samples: 2)
    #expect(run.differing == 1)
  }

  @Test func anErrorOfASampleEndsTheEvaluation() throws {
    #expect(throws: Diagnostic.self) { try Self.run([Self.right], classes: [3]) }
  }

  private static func run(
    _ samples: [[Double]], metric: Metric = .top1, against others: [[Double]]? = nil,
    classes: [Int]? = nil, threads: Int = 1
  ) throws -> EvaluationRun {
    try EvaluationRun(
      EvaluationRun.Measure(
        metric, truth: Truth(classes: classes ?? samples.map { _ in 0 })),
      of: subject(samples, threads: threads),
      against: others.map { try subject($0, threads: threads) }, samples: samples.count)
  }

  private static func measure(_ metric: Metric, _ samples: Int) -> EvaluationRun.Measure {
    EvaluationRun.Measure(metric, truth: Truth(classes: Array(repeating: 0, count: samples)))
  }

  private static func subject(
    _ samples: [[Double]], threads: Int = 1
  ) throws -> EvaluationRun.Subject {
    var graph = Graph(name: "g")
    let type = TensorType(.f32, [1, 3])
    let x = graph.addInput("x", type)
    graph.setOutputs(try graph.insert(Reshape(shape: [3]), [x]))
    let first = try ReferenceExecution(graph)
    let executions = try [first] + (1..<threads).map { _ in try first.twin() }
    return EvaluationRun.Subject(executions) { [Tensor(type, numbers: samples[$0])] }
  }

  private static func report(_ run: EvaluationRun, isCompared: Bool = false) -> EvaluationReport {
    func subject(_ name: String) -> EvaluationReport.Subject {
      EvaluationReport.Subject(name: name, format: "graph", sha256: "00", output: "y")
    }
    return EvaluationReport(
      run, of: subject("model"), on: nil, against: isCompared ? subject("other") : nil)
  }
}
