import Support

extension Explanation {
  /// One for each id that a diagnostic can have.
  static let all: [Explanation] = [
    files, runs, evaluation, models, graphText, graphs, control, recurrent, shapes, images,
    operands, indexing,
    elements, arithmetic, signals, onnxFiles, onnxOperators, onnxProducts, targets, programs,
    programFiles, comparisons, samples, quantization, tfliteWriting,
  ].flatMap { $0 }
}
