import Evaluation
import Support
import Tensors
import Testing

/// Metrics of segmentation and detection, against computations by hand.
struct ImageMetricTests {
  private static let label = Tensor(TensorType(.u8, [2, 3]), numbers: [1, 1, 0, 2, 0, 255])

  /// Found 1 1 0 / 0 2 9: the last pixel is not counted. Of what is not class 0, both have 2 pixels and either has 4.
  @Test func intersectionOverUnionLeavesOutWhatBelongsToNoClass() throws {
    let map = Tensor(TensorType(.i32, [1, 2, 3]), numbers: [1, 1, 0, 0, 2, 9])
    #expect(try Self.value(.iou, map, Self.label) == 0.5)
    // Class 0: 1 of 3; class 1: 2 of 2; class 2: 0 of 2.
    let mean = try #require(try Self.value(.meanIoU, map, Self.label))
    #expect(abs(mean - (1.0 / 3 + 1 + 0) / 3) < 1e-12)
  }

  /// Scores of classes may lie along the last or the first axis.
  @Test func scoresBecomeClasses() throws {
    let last = Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [0, 1, 1, 0])
    let first = Tensor(TensorType(.f32, [1, 3, 1, 2]), numbers: [0, 1, 1, 0, 0, 0])
    let label = Tensor(TensorType(.u8, [1, 2]), numbers: [1, 0])
    #expect(try Self.value(.iou, last, label) == 1)
    #expect(try Self.value(.iou, first, label) == 1)
    let single = Tensor(TensorType(.f32, [1, 1, 2]), numbers: [0.5, -0.5])
    #expect(try Self.value(.iou, single, label) == 1)
  }

  /// Pixels without numbers belong to no class, neither to the background nor to what is looked for.
  @Test func scoresThatAreNoNumbersAreOfNoClass() throws {
    let scores = Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [.nan, 1, 0, .nan])
    let single = Tensor(TensorType(.f32, [1, 1, 2]), numbers: [.nan, .nan])
    for output in [scores, single] {
      #expect(try Self.value(.iou, output, Tensor(TensorType(.u8, [1, 2]), numbers: [1, 0])) == 0)
      #expect(
        try Self.value(.meanIoU, output, Tensor(TensorType(.u8, [1, 2]), numbers: [0, 1])) == 0)
    }
  }

  /// Two boxes of one class; detections by score: a hit, a miss, a hit. Recall and precision are (1/2, 1), (1/2, 1/2) and
  /// (1, 2/3), and the area is 1/2 · 1 + 1/2 · 2/3.
  @Test func averagePrecisionIsTheAreaUnderTheCurve() throws {
    let outputs = Self.detections(
      boxes: [[0, 0, 1, 1], [5, 5, 6, 6], [2, 2, 3, 3]], classes: [0, 0, 0],
      scores: [0.9, 0.8, 0.7])
    let truth = Self.truth(boxes: [[0, 0, 1, 1], [2, 2, 3, 3]], classes: [0, 0])
    let value = try #require(try Self.value(outputs, truth))
    #expect(abs(value - (0.5 + 0.5 * 2 / 3)) < 1e-12)
  }

  /// The second finds what the first has found already; the third has another class; half of the last overlaps.
  @Test func eachBoxIsFoundOnce() throws {
    let truth = Self.truth(boxes: [[0, 0, 1, 1], [4, 4, 6, 5]], classes: [0, 1])
    let twice = Self.detections(
      boxes: [[0, 0, 1, 1], [0, 0, 1, 1], [4, 4, 6, 5]], classes: [0, 0, 0],
      scores: [0.9, 0.8, 0.7])
    #expect(try Self.value(twice, truth) == 0.5)
    let half = Self.detections(
      boxes: [[0, 0, 1, 1], [4, 4, 5, 5]], classes: [0, 1], scores: [0.9, 0.8])
    #expect(try Self.value(half, truth) == 1)
  }

  /// What has class −1 in a label, or no score in an output, is not there.
  @Test func paddingIsNotCounted() throws {
    let truth = Self.truth(boxes: [[0, 0, 1, 1], [0, 0, 0, 0]], classes: [0, -1])
    let outputs = Self.detections(
      boxes: [[0, 0, 1, 1], [0, 0, 0, 0]], classes: [0, 0], scores: [0.9, 0])
    #expect(try Self.value(outputs, truth) == 1)
    #expect(try Self.value(outputs, Self.truth(boxes: [[0, 0, 0, 0]], classes: [-1])) == nil)
  }

  private static func value(_ metric: Metric, _ output: Tensor, _ label: Tensor) throws -> Double? {
    metric.score([try metric.evidence(of: Answer([output], expected: [label]))]).value
  }

  private static func value(_ outputs: [Tensor], _ truth: [Tensor]) throws -> Double? {
    Metric.map.score([try Metric.map.evidence(of: Answer(outputs, expected: truth))]).value
  }

  private static func detections(
    boxes: [[Double]], classes: [Double], scores: [Double]
  ) -> [Tensor] {
    let count = boxes.count
    return [
      Tensor(TensorType(.f32, [1, count, 4]), numbers: boxes.flatMap { $0 }),
      Tensor(TensorType(.f32, [1, count]), numbers: classes),
      Tensor(TensorType(.f32, [1, count]), numbers: scores),
    ]
  }

  private static func truth(boxes: [[Double]], classes: [Double]) -> [Tensor] {
    [
      Tensor(TensorType(.f32, [boxes.count, 4]), numbers: boxes.flatMap { $0 }),
      Tensor(TensorType(.i32, [boxes.count]), numbers: classes),
    ]
  }
}
