import Evaluation
import Exporting
import GraphIR
import Importing
import Operators
import Support
import TestSupport
import Tensors
import Testing

/// The examples of all operators, each as a graph of one node that goes through a file.
struct TFLiteExamplesTests {
  @Test(arguments: Operators.all.all.map { $0.name })
  func examplesOfOperatorsSurviveTheFile(name: String) throws {
    let kind = try #require(Operators.all[name])
    let written = try kind.examples.map(Self.problems)
    #expect(written.flatMap { $0 ?? [] } == [])
    let isAbsent = written.allSatisfy { $0 == nil }
    #expect(isAbsent == Self.absent.contains(name), "the list of what TFLite lacks is not right")
  }

  /// Operators none of whose examples TFLite has operators for. States of examples begin with other numbers than 0.
  private static let absent: Set<String> = [
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "attention", "basic_lstm",
    "bidirectional_lstm",
    "bidirectional_rnn", "bitwise_and", "bitwise_not", "bitwise_or", "border_pad", "cache_update",
    "columns_to_image", "cosh", "cumprod", "deformable_patches", "determinant", "dft",
    "dynamic_quantize", "erf", "gather_elements", "grid_sample", "group_normalization",
    "integer_conv2d", "integer_matmul", "is_infinite", "left_shift", "log_sum_exp",
    "lp_normalization", "lstm", "max_pool_places", "max_roi_pool", "max_unpool",
    "negative_log_likelihood_loss", "remainder", "resize", "rnn", "roi_align", "rotary_embedding",
    "round_in_blocks",
    "scatter_elements", "sequence_gru", "sequence_lstm", "sequence_rnn", "shrink", "sinh", "stft",
    "svdf", "term_frequencies", "triangle", "update_nd",
    "window_pool",
  ]

  /// What differs from the example behind the file; nil where TFLite has no operators for it.
  private static func problems(_ example: Example) throws -> [String]? {
    // The results of these show an order of additions that no operator of TFLite has, or integers that no float holds, as
    // which the importer reads them.
    let text = String(describing: example.op)
    let cannotBeTold =
      text.contains("fusesProducts: true") || text.contains(".onnx")
      || example.op is Pad && example.operands[0].type.element == .i64
    // Some operands must be constants in one format or the other: the more, the more can be said.
    for constants in [0, 1, example.operands.count] {
      guard let found = try results(of: example, inputs: example.operands.count - constants)
      else { continue }
      return cannotBeTold
        ? [] : zip(example.results, found).compactMap { difference($0, $1, relative: 1e-5) }
    }
    return nil
  }

  /// The results behind the file, the last operands being constants; nil where it cannot be written or read so.
  private static func results(of example: Example, inputs: Int) throws -> [Tensor]? {
    guard inputs >= 0 else { return nil }
    var graph = Graph(name: "example")
    let operands = example.operands.enumerated().map { position, operand in
      position < inputs
        ? graph.addInput("x\(position)", operand.type)
        : graph.addConstant("x\(position)", operand.type, operand.data)
    }
    graph.setOutputs(
      try graph.insert(example.op, operands, results: example.results.map(\.type)))
    guard let read = try? graph.throughTFLite() else { return nil }
    return try read.evaluate(Array(example.operands.prefix(inputs)))
  }
}

extension Graph {
  /// The graph that is read from the file that it is written to.
  func throughTFLite(_ options: TFLiteExporter.Options = .init()) throws -> Graph {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/model.tflite"
      try FileBytes.write(TFLiteExporter.file(of: self, options), to: path)
      return try Model(path).graph
    }
  }
}
