import Support
import Tensors

/// Chooses for each image and class, among boxes that overlap, those with the highest scores.
///
/// Source: the specification of `NonMaxSuppression`; ties and empty boxes as in ONNX Runtime.
struct ONNXNonMaxSuppression {
  /// Edges of a box: the lowest and the highest coordinate along both axes.
  private struct Box {
    let low: (Float, Float)
    let high: (Float, Float)

    /// From any two opposite corners.
    init(corners: ArraySlice<Float>) {
      let x = Array(corners)
      low = (min(x[0], x[2]), min(x[1], x[3]))
      high = (max(x[0], x[2]), max(x[1], x[3]))
    }

    /// From the middle and the extents.
    init(center: ArraySlice<Float>) {
      let x = Array(center)
      low = (x[0] - x[2] / 2, x[1] - x[3] / 2)
      high = (x[0] + x[2] / 2, x[1] + x[3] / 2)
    }

    private var area: Float { (high.0 - low.0) * (high.1 - low.1) }

    /// Whether the part that both share of what they cover together is more than `limit`.
    func overlaps(_ other: Box, moreThan limit: Float) -> Bool {
      let shared = (
        min(high.0, other.high.0) - max(low.0, other.low.0),
        min(high.1, other.high.1) - max(low.1, other.low.1)
      )
      guard shared.0 > 0, shared.1 > 0, area > 0, other.area > 0 else { return false }
      let intersection = shared.0 * shared.1
      let union = area + other.area - intersection
      return union > 0 && intersection / union > limit
    }
  }

  private let boxes: [Box]
  private let scores: [Float]
  private let (images, classes, boxCount): (Int, Int, Int)
  private let limit: Int
  private let overlapThreshold: Float
  private let scoreThreshold: Float?

  init(_ node: ONNXNode, _ builder: ONNXGraphBuilder) throws {
    let corners = try builder.constantTensor(node.operand(0), "the boxes of `NonMaxSuppression`")
    let scores = try builder.constantTensor(node.operand(1), "the scores of `NonMaxSuppression`")
    let (extents, scored) = (corners.type.shape.extents, scores.type.shape.extents)
    guard extents.count == 3, scored.count == 3, extents[2] == 4, extents[0] == scored[0],
      extents[1] == scored[2]
    else { throw Diagnostic(.boxes(corners.type.shape, scores.type.shape)) }
    (images, classes, boxCount) = (scored[0], scored[1], scored[2])
    self.scores = scores.storedNumbers.map { Float($0) }
    let numbers = corners.storedNumbers.map { Float($0) }
    let isCentered = try node.integer("center_point_box", default: 0) != 0
    boxes = stride(from: 0, to: numbers.count, by: 4).map { start in
      let box = numbers[start..<start + 4]
      return isCentered ? Box(center: box) : Box(corners: box)
    }
    let limit = try node.number(2, "the limit of `NonMaxSuppression`", builder) ?? 0
    self.limit = Int(min(max(limit, 0), 0x1p40))
    overlapThreshold = Float(
      try node.number(3, "the threshold of `NonMaxSuppression`", builder) ?? 0)
    scoreThreshold = try node.number(4, "the threshold of `NonMaxSuppression`", builder)
      .map { Float($0) }
  }

  /// Image, class and box of each that is chosen, class by class and by falling score.
  func chosen() -> [Int] {
    (0..<images).flatMap { image in
      (0..<classes).flatMap { number in
        chosen(image, number).flatMap { [image, number, $0] }
      }
    }
  }

  private func chosen(_ image: Int, _ number: Int) -> [Int] {
    let scores = scores[
      (image * classes + number) * boxCount..<(image * classes + number + 1) * boxCount]
    let start = scores.startIndex
    let candidates = (0..<boxCount)
      .filter { box in scoreThreshold.map { scores[start + box] > $0 } ?? true }
      .sorted { (scores[start + $0], $1) > (scores[start + $1], $0) }
    var chosen: [Int] = []
    for candidate in candidates {
      guard chosen.count < limit else { break }
      let box = boxes[image * boxCount + candidate]
      let isCovered = chosen.contains {
        boxes[image * boxCount + $0].overlaps(box, moreThan: overlapThreshold)
      }
      if !isCovered { chosen.append(candidate) }
    }
    return chosen
  }
}

extension ONNXNode {
  /// The only number of an optional operand.
  fileprivate func number(_ index: Int, _ role: String, _ builder: ONNXGraphBuilder) throws
    -> Double?
  {
    guard let operand = try optional(index) else { return nil }
    guard let number = try builder.floats(operand, role).first, !number.isNaN else {
      throw Diagnostic(.notOneNumber(role))
    }
    return number
  }
}

extension Diagnostic.Message {
  fileprivate static func boxes(_ boxes: Shape, _ scores: Shape) -> Self {
    Self(
      id: "bad-boxes", .malformed,
      "`NonMaxSuppression` cannot give scores of shape \(scores) to boxes of shape \(boxes)")
  }

  fileprivate static func notOneNumber(_ role: String) -> Self {
    Self(id: "not-one-number", .malformed, "\(role) is no number")
  }
}
