import Foundation
import GraphIR
import Support
import Tensors

/// The objects that a detector has found: boxes are decoded from their anchors, and of those that overlap the best are
/// kept.
///
/// Operands: codes of boxes, `[1, boxes, 4 or more]`; scores of classes, `[1, boxes, classes]`, where classes that are
/// not counted stand in front; anchors, `[boxes, 4]` with center and size. Each is `f32`, or `u8` with one scale.
///
/// Results, all `f32`: corners of boxes, `[1, n, 4]`; their classes and their scores, `[1, n]`; and how many boxes were
/// found, `[1]`. Behind these there are zeros, where LiteRT leaves what was in memory.
///
/// TFLite: the custom operator `TFLite_Detection_PostProcess`.
public struct DetectionPostProcess: Operator {
  public static let name = "detection_post_process"
  public static let elements: [ElementType] = [.f32, .u8]
  /// How many boxes there are to be at most.
  public var detections: Int
  /// How many classes are given for each box; 1 with `suppressesByClass`.
  public var classesPerDetection: Int
  /// How many boxes of one class are kept at most, with `suppressesByClass`.
  public var detectionsPerClass: Int
  /// Whether boxes compete with those of the same class only, and not with all.
  public var suppressesByClass: Bool
  /// The lowest score of a box.
  public var scoreThreshold: Float
  /// The largest overlap with a better box: shared area by covered area.
  public var overlapThreshold: Float
  /// How many classes there are, without those that are not counted, such as the background.
  public var classes: Int
  /// By what the codes of y, x, height and width are divided.
  public var scales: [Float]

  public init() { self.init(detections: 1, classes: 1) }

  /// - Parameters:
  ///   - detections, classesPerDetection, detectionsPerClass, classes: 1 or more.
  ///   - overlapThreshold: more than 0, and at most 1.
  ///   - scales: four numbers other than 0.
  public init(
    detections: Int, classesPerDetection: Int = 1, detectionsPerClass: Int = 100,
    suppressesByClass: Bool = false, scoreThreshold: Float = 0, overlapThreshold: Float = 0.5,
    classes: Int, scales: [Float] = [1, 1, 1, 1]
  ) {
    self.detections = detections
    self.classesPerDetection = classesPerDetection
    self.detectionsPerClass = detectionsPerClass
    self.suppressesByClass = suppressesByClass
    self.scoreThreshold = scoreThreshold
    self.overlapThreshold = overlapThreshold
    self.classes = classes
    self.scales = scales
  }

  /// There is room for `detections` boxes, each as often as it may have classes.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    for (index, rank) in [3, 3, 2].enumerated() {
      try ElementChecks.rank(operands, index, rank, Self.name)
    }
    let (codes, scores) = (operands[0].shape, operands[1].shape)
    try ElementChecks.shape(operands, 2, [codes[1], 4], Self.name)
    try ElementChecks.shape(operands, 1, [1, codes[1], scores[2]], Self.name)
    let count = Work.product(max(0, detections), max(0, classesPerDetection))
    guard codes[0] == 1, codes[2] >= 4, (1...scores[2]).contains(classes), detectionsPerClass > 0,
      Shape(checking: [1, count, 4]) != nil
    else { throw Diagnostic(.badCounts(self, codes, scores)) }
    return [[1, count, 4], [1, count], [1, count], [1]].map { TensorType(.f32, Shape($0)) }
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    for (index, operand) in operands.enumerated() {
      try ElementChecks.sameElements([operand], Self.elements, Self.name)
      guard operand.element == .u8 else { continue }
      _ = try ElementChecks.perTensor(operand, "operand \(index)", Self.name)
    }
    guard overlapThreshold > 0, overlapThreshold <= 1, !scoreThreshold.isNaN, scales.count == 4,
      scales.allSatisfy({ $0.isFinite && $0 != 0 })
    else { throw Diagnostic(.badThresholds(overlapThreshold, scales)) }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let types = site.operands
    let room = site.results[1].elementCount
    return Kernel { operands, results, _ in
      let real = zip(types, operands).map { RealNumbers($0, $1) }
      let suppression = NonMaxSuppression(
        boxes: boxes(real[0], real[2], length: types[0].shape[2]),
        scoreThreshold: scoreThreshold, overlapThreshold: overlapThreshold)
      let scores = ClassScores(numbers: real[1], columns: types[1].shape[2], classes: classes)
      let found =
        suppressesByClass ? bestByClass(suppression, scores) : bestOfAll(suppression, scores)
      write(found, suppression.boxes, room: room, to: results)
    }
  }

  /// One operation for each score.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[1])
  }

  public static let examples = [
    Example(
      DetectionPostProcess(detections: 2, classes: 1),
      [
        Tensor(TensorType(.f32, [1, 3, 4]), numbers: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        Tensor(TensorType(.f32, [1, 3, 2]), numbers: [0, 0.5, 0, 0.75, 0, 0.25]),
        Tensor(TensorType(.f32, [3, 4]), numbers: [1, 1, 2, 2, 3, 3, 2, 2, 1, 1, 2, 2]),
      ],
      gives: [
        Tensor(TensorType(.f32, [1, 2, 4]), numbers: [4, 2, 6, 4, 0, 0, 2, 2]),
        Tensor(TensorType(.f32, [1, 2]), numbers: [0, 0]),
        Tensor(TensorType(.f32, [1, 2]), numbers: [0.75, 0.5]),
        Tensor(TensorType(.f32, [1]), numbers: [2]),
      ])
  ]
}

extension DetectionPostProcess {
  /// One entry of the results.
  private struct Detection {
    let box: Int
    let label: Int
    let score: Float
  }

  /// Anchors, moved and stretched by what the codes say.
  ///
  /// Source: `DecodeCenterSizeBoxes` of TFLite's `detection_postprocess`.
  private func boxes(_ codes: RealNumbers, _ anchors: RealNumbers, length: Int) -> [BoundingBox] {
    let scales = scales.map(Double.init)
    return (0..<anchors.count / 4).map { index in
      let code = (0..<4).map { Double(codes[index * length + $0]) / scales[$0] }
      let anchor = (0..<4).map { Double(anchors[index * 4 + $0]) }
      let y = Float(code[0] * anchor[2] + anchor[0])
      let x = Float(code[1] * anchor[3] + anchor[1])
      let halfHeight = Float(0.5 * exp(code[2]) * anchor[2])
      let halfWidth = Float(0.5 * exp(code[3]) * anchor[3])
      return BoundingBox(
        top: y - halfHeight, left: x - halfWidth, bottom: y + halfHeight, right: x + halfWidth)
    }
  }

  /// Boxes compete by the scores of their best classes, and are then given with several classes.
  private func bestOfAll(_ suppression: NonMaxSuppression, _ scores: ClassScores) -> [[Detection]] {
    let labels = suppression.boxes.indices.map { box in
      let sorted = NonMaxSuppression.descending(Array(0..<classes)) { scores[box, $0] }
      return Array(sorted.prefix(classesPerDetection))
    }
    let best = suppression.boxes.indices.map { scores[$0, labels[$0][0]] }
    return suppression.chosen(best, limit: detections).map { box in
      labels[box].map { Detection(box: box, label: $0, score: scores[box, $0]) }
    }
  }

  /// Boxes compete within each class, and those that are left by their scores.
  private func bestByClass(_ suppression: NonMaxSuppression, _ scores: ClassScores)
    -> [[Detection]]
  {
    var best: [Detection] = []
    for label in 0..<classes {
      let column = suppression.boxes.indices.map { scores[$0, label] }
      best += suppression.chosen(column, limit: detectionsPerClass)
        .map { Detection(box: $0, label: label, score: column[$0]) }
      best = Array(NonMaxSuppression.descending(best, by: \.score).prefix(detections))
    }
    return best.map { [$0] }
  }

  private func write(
    _ found: [[Detection]], _ boxes: [BoundingBox], room: Int,
    to results: [UnsafeMutableRawBufferPointer]
  ) {
    let pointers = results.map { $0.pointer(to: Float.self) }
    let entries = found.flatMap { $0 }
    for index in 0..<room {
      let entry = index < entries.count ? entries[index] : nil
      let corners = (entry.map { boxes[$0.box] } ?? .empty).corners
      for (place, corner) in corners.enumerated() { pointers[0][index * 4 + place] = corner }
      pointers[1][index] = Float(entry?.label ?? 0)
      pointers[2][index] = entry?.score ?? 0
    }
    pointers[3][0] = Float(found.count)
  }
}

/// Elements of `f32`, or of `u8` with a scale, as real numbers.
private struct RealNumbers {
  let count: Int
  private let bytes: UnsafeRawBufferPointer
  private let quantization: Quantization?

  init(_ type: TensorType, _ bytes: UnsafeRawBufferPointer) {
    count = type.elementCount
    self.bytes = bytes
    quantization = type.element == .u8 ? type.quantization : nil
  }

  subscript(index: Int) -> Float {
    guard let quantization else { return bytes.pointer(to: Float.self)[index] }
    return quantization.scale * Float(Int(bytes[index]) - quantization.zeroPoint)
  }
}

/// The scores of all boxes, without the classes in front that are not counted.
private struct ClassScores {
  let numbers: RealNumbers
  let columns: Int
  let classes: Int

  subscript(box: Int, label: Int) -> Float { numbers[box * columns + columns - classes + label] }
}

extension Diagnostic.Message {
  fileprivate static func badCounts(
    _ op: DetectionPostProcess, _ codes: Shape, _ scores: Shape
  ) -> Self {
    Self(
      id: "bad-detection", .malformed,
      "`detection_post_process` cannot find \(op.detections) boxes of \(op.classes) classes, "
        + "\(op.classesPerDetection) for each, among codes \(codes) and scores \(scores)")
  }

  fileprivate static func badThresholds(_ overlap: Float, _ scales: [Float]) -> Self {
    Self(
      id: "bad-detection", .malformed,
      "`detection_post_process` cannot use the overlap \(overlap) and the scales \(scales)")
  }
}
