import Support

extension Explanation {
  /// One for each id that a diagnostic can have.
  static let all: [Explanation] = [
    files, runs, models, graphText, graphs, control, recurrent, shapes, operands, indexing,
    elements, arithmetic, targets, programs, onnxProducts,
  ].flatMap { $0 }
}
