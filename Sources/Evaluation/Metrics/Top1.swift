import Support
import Tensors

extension Metric {
  /// How often the largest output is that of the right class; of several equal ones the first counts.
  public static let top1 = hits("top1", "share of samples whose class has the largest output") {
    try $0.classRank() == 0
  }
}

extension Answer {
  /// How many classes come before the right one: those with a larger output, and those in front of it with an equal one.
  /// Nil where an output is not a number: such a model gives no class, so it cannot be right.
  ///
  /// - Throws: a `Diagnostic` if the label is not the index of an output.
  func classRank() throws -> Int? {
    let (outputs, label) = (output.storedNumbers, try label())
    guard outputs.indices.contains(label) else {
      throw Diagnostic(
        .labelRange(label, classes: outputs.count),
        help: "labels count classes from 0 in the order of the output; choose it with `--output`")
    }
    guard !outputs.contains(where: \.isNaN) else { return nil }
    let right = outputs[label]
    return outputs.indices.count { outputs[$0] > right || (outputs[$0] == right && $0 < label) }
  }

  /// The class that the output gives, the first of equal ones; nil where an output is not a number.
  static func bestClass(_ numbers: [Double]) -> Int? {
    numbers.contains(where: \.isNaN)
      ? nil
      : numbers.indices.max { (numbers[$0], -$0) < (numbers[$1], -$1) }
  }
}

extension Diagnostic.Message {
  fileprivate static func labelRange(_ label: Int, classes: Int) -> Self {
    Self(
      id: "label-range", .malformed, "a label is \(label), but the output has \(classes) classes")
  }
}
