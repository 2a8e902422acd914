import Support
import Tensors

extension Metric {
  /// How far outputs are from labels that are arrays of numbers: the mean of `|output − label|` over all elements.
  public static let meanError = Metric(
    "mean-error", "mean absolute error against labels that are arrays", against: .labels,
    in: .error
  ) { answer in
    let expected = answer.expected[0]
    guard expected.type.elementCount == answer.output.type.elementCount else {
      throw Diagnostic(
        .labelShape(expected.type.shape, answer.output.type.shape),
        help: "a label has the shape of the output; choose another with `--output`")
    }
    let errors = zip(answer.output.realNumbers, expected.realNumbers).map { abs($0 - $1) }
    return [errors.reduce(0, +), Double(errors.count)]
  } figure: { evidence in
    evidence.reduce(0) { $0 + $1[0] } / evidence.reduce(0) { $0 + $1[1] }
  }
}

extension Diagnostic.Message {
  fileprivate static func labelShape(_ found: Shape, _ output: Shape) -> Self {
    Self(
      id: "label-form", .malformed,
      "the label of a sample has the shape \(found), but the output \(output)")
  }
}
