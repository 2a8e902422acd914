import Support
import Tensors

extension Metric {
  /// How well objects are detected: the mean over classes of the area under the curve of precision over recall, where a box
  /// counts that overlaps one of its class by half or more, each of which is found once (PASCAL VOC, from 2010 on).
  ///
  /// The outputs are boxes, classes and scores, as `detection_post_process` gives them; a label is boxes with
  /// their classes, −1 where there is none.
  public static let map = Metric(
    "map", "mean average precision of detected boxes at an overlap of 0.5", against: .labels,
    in: .share
  ) { answer in
    try DetectedBoxes.matches(try DetectedBoxes(answer), try DetectedBoxes(label: answer))
  } figure: { evidence in
    let entries = evidence.flatMap { sample in
      stride(from: 0, to: sample.count, by: 3).map { Array(sample[$0..<$0 + 3]) }
    }
    let classes = Set(entries.filter { $0[2] == DetectedBoxes.isTruth }.map { $0[0] }).sorted()
    let precisions = classes.map { kind in
      DetectedBoxes.averagePrecision(entries.filter { $0[0] == kind })
    }
    return precisions.reduce(0, +) / Double(precisions.count)
  }
}

/// Boxes with their classes and scores, of one image.
struct DetectedBoxes {
  /// Two opposite corners of each.
  let corners: [[Double]]
  let classes: [Int]
  let scores: [Double]

  /// Marks of evidence: a box of the label, and detections that found one or did not.
  static let isTruth = 2.0
  private static let isHit = 1.0
  private static let isMiss = 0.0

  /// The first three outputs; what has no score above 0 was not detected.
  init(_ answer: Answer) throws {
    guard answer.outputs.count >= 3, let boxes = Self.corners(answer.outputs[0]),
      answer.outputs[1...2].allSatisfy({ $0.type.elementCount == boxes.count })
    else {
      throw Diagnostic(
        .noDetections(answer.outputs.map(\.type)),
        help: "outputs are boxes [1, n, 4], classes [1, n] and scores [1, n]")
    }
    let (classes, scores) = (answer.outputs[1].realNumbers, answer.outputs[2].realNumbers)
    let detected = boxes.indices.filter { scores[$0] > 0 }
    corners = detected.map { boxes[$0] }
    self.classes = detected.map { Int(ofClass: classes[$0]) }
    self.scores = detected.map { scores[$0] }
  }

  /// Boxes and classes, or boxes that have their class as fifth number.
  init(label answer: Answer) throws {
    let (boxes, classes) = try Self.label(answer.expected)
    let present = boxes.indices.filter { classes[$0] >= 0 }
    corners = present.map { boxes[$0] }
    self.classes = present.map { classes[$0] }
    scores = present.map { _ in 0 }
  }

  private static func label(_ tensors: [Tensor]) throws -> (boxes: [[Double]], classes: [Int]) {
    if tensors.count == 1, let rows = rows(tensors[0], of: 5) {
      return (rows.map { Array($0.prefix(4)) }, rows.map { Int(ofClass: $0[4]) })
    }
    guard tensors.count == 2, let boxes = corners(tensors[0]),
      tensors[1].type.elementCount == boxes.count
    else {
      throw Diagnostic(
        .noBoxes(tensors.map(\.type)),
        help: "give boxes [samples, n, 4] with classes [samples, n], or both as [samples, n, 5]")
    }
    return (boxes, tensors[1].realNumbers.map { Int(ofClass: $0) })
  }

  private static func corners(_ tensor: Tensor) -> [[Double]]? { rows(tensor, of: 4) }

  private static func rows(_ tensor: Tensor, of size: Int) -> [[Double]]? {
    guard tensor.type.shape.extents.last == size else { return nil }
    // A corner that is not finite would let a box overlap with everything or nothing; it is taken for a far one.
    let numbers = tensor.realNumbers.map { $0.isFinite ? $0 : -1 }
    return stride(from: 0, to: numbers.count, by: size).map { Array(numbers[$0..<$0 + size]) }
  }
}

extension DetectedBoxes {
  /// The overlap from which on a box counts as found.
  private static let overlap = 0.5

  /// For each box of the label and each detection its class, its score and a mark. The best detections choose first.
  static func matches(_ detected: DetectedBoxes, _ truth: DetectedBoxes) throws -> [Double] {
    var evidence: [Double] = truth.classes.flatMap { [Double($0), 0, Self.isTruth] }
    var isFound = truth.classes.map { _ in false }
    let order = detected.scores.indices.sorted {
      (detected.scores[$1], $0) < (detected.scores[$0], $1)
    }
    for box in order {
      let overlaps = truth.corners.indices.map { candidate in
        truth.classes[candidate] == detected.classes[box]
          ? intersectionOverUnion(detected.corners[box], truth.corners[candidate]) : 0
      }
      let best = overlaps.indices.max { (overlaps[$0], -$0) < (overlaps[$1], -$1) }
      let found = best.flatMap { overlaps[$0] >= overlap && !isFound[$0] ? $0 : nil }
      if let found { isFound[found] = true }
      evidence += [Double(detected.classes[box]), detected.scores[box]]
      evidence.append(found == nil ? isMiss : isHit)
    }
    return evidence
  }

  private static func intersectionOverUnion(_ a: [Double], _ b: [Double]) -> Double {
    func area(_ box: [Double]) -> Double { max(0, box[2] - box[0]) * max(0, box[3] - box[1]) }
    let shared = area([max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])])
    let union = area(a) + area(b) - shared
    return union > 0 ? shared / union : 0
  }

  /// The area under the curve of precision over recall, made to fall from left to right.
  static func averagePrecision(_ entries: [[Double]]) -> Double {
    let truths = entries.count { $0[2] == isTruth }
    let detections = entries.filter { $0[2] != isTruth }.enumerated()
      .sorted { ($1.element[1], $0.offset) < ($0.element[1], $1.offset) }.map(\.element)
    var hits = 0
    var curve: [(recall: Double, precision: Double)] = []
    for (rank, detection) in detections.enumerated() {
      if detection[2] == isHit { hits += 1 }
      curve.append((Double(hits) / Double(truths), Double(hits) / Double(rank + 1)))
    }
    var (area, best, right) = (0.0, 0.0, curve.last?.recall ?? 0)
    for point in curve.reversed() {
      area += (right - point.recall) * best
      best = max(best, point.precision)
      right = point.recall
    }
    return area + right * best
  }
}

extension Diagnostic.Message {
  fileprivate static func noDetections(_ found: [TensorType]) -> Self {
    let types = found.map { "\($0.shape)" }.joined(separator: ", ")
    return Self(
      id: "metric-output", .unsupported, "outputs of \(types) are no boxes, classes and scores")
  }

  fileprivate static func noBoxes(_ found: [TensorType]) -> Self {
    let types = found.map { "\($0.element.rawValue)\($0.shape)" }.joined(separator: ", ")
    return Self(
      id: "label-form", .malformed, "the label of a sample is \(types), expected boxes and classes")
  }
}
