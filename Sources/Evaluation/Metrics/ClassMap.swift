import Support
import Tensors

/// Which class each pixel of an image belongs to.
struct ClassMap {
  /// Of each pixel, row by row.
  let classes: [Int]

  /// A label of this class is not counted, as is usual for what belongs to no class.
  static let ignored = 255
  /// What a pixel belongs to whose scores are not numbers: to no class, so that it is wrong.
  private static let none = -1

  /// The classes that the label of a sample gives, and those of the model's output for the same pixels.
  ///
  /// - Throws: a `Diagnostic` if the label is no map of integers, or the output has other pixels.
  static func pair(_ answer: Answer) throws -> (found: ClassMap, expected: ClassMap) {
    let label = answer.expected[0]
    guard !label.type.element.isFloat, label.type.elementCount > 1 else {
      throw Diagnostic(
        .noClassMap(label.type), help: "give integers of the shape [samples, height, width]")
    }
    let found = try ClassMap(answer.output, pixels: label.type.shape, answer.threshold)
    return (found, ClassMap(classes: label.storedNumbers.map { Int(ofClass: $0) }))
  }

  private init(classes: [Int]) { self.classes = classes }

  /// The classes of an output: integers as they are, the largest of the scores of classes that lie along the last axis or, if
  /// that does not fit, along the first; of a single score a 1 where it is above the threshold.
  private init(_ output: Tensor, pixels: Shape, _ threshold: Double) throws {
    let count = pixels.elementCount
    let classCount = output.type.elementCount / max(1, count)
    guard classCount > 0, output.type.elementCount == classCount * count else {
      throw Diagnostic(.otherPixels(output.type.shape, pixels))
    }
    if classCount == 1 {
      let isClass = !output.type.element.isFloat && output.type.quantization == nil
      classes =
        isClass
        ? output.storedNumbers.map { Int(ofClass: $0) }
        : output.realNumbers.map { $0.isNaN ? Self.none : $0 > threshold ? 1 : 0 }
      return
    }
    let scores = output.storedNumbers
    let isLast = output.type.shape.extents.last == classCount
    classes = (0..<count).map { pixel in
      let ofPixel = (0..<classCount).map {
        isLast ? scores[pixel * classCount + $0] : scores[$0 * count + pixel]
      }
      return Answer.bestClass(ofPixel) ?? Self.none
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func noClassMap(_ found: TensorType) -> Self {
    Self(
      id: "label-form", .malformed,
      "the label of a sample is \(found.element.rawValue)\(found.shape), expected classes of pixels"
    )
  }

  fileprivate static func otherPixels(_ output: Shape, _ pixels: Shape) -> Self {
    Self(
      id: "label-form", .malformed,
      "an output of \(output) has no classes for the pixels of a label of \(pixels)")
  }
}
