import GraphIR
import Operators
import Support
import Tensors

/// Losses of ONNX, and the normalization that goes with them.
extension ONNXImporter {
  static let losses: [String: ONNXConverter] = [
    "MeanVarianceNormalization": { try $0.standardized(&$1) },
    "NegativeLogLikelihoodLoss": { node, builder in
      [.tensor(try node.loss(of: node.operand(0), &builder))]
    },
    "SoftmaxCrossEntropyLoss": { node, builder in
      let scores = try node.operand(0)
      let classes = try node.axis(1, rank: builder.shape(scores).rank)
      let logarithms = try builder.withLastAxis(classes, of: scores) {
        try $0.apply(LogSoftmax(arithmetic: .onnx), $1)
      }
      return [.tensor(try node.loss(of: logarithms, &builder)), .tensor(logarithms)]
    },
  ]
}

extension ONNXNode {
  /// The loss of classifications, given by the logarithms of probabilities.
  fileprivate func loss(
    of logarithms: ValueID, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let reductions: [String: LossReduction] = ["none": .none, "sum": .sum, "mean": .mean]
    let reduction = try choice("reduction", string("reduction", default: "mean"), reductions)
    let ignored = try hasAttribute("ignore_index") ? [integer("ignore_index")] : []
    let op = NegativeLogLikelihoodLoss(reduction: reduction, ignoredClasses: ignored)
    let weights = try optional(2).map { [$0] } ?? []
    return try builder.apply(op, [logarithms, operand(1)] + weights)
  }

  /// `(x − mean) / (standard deviation + 10⁻⁹)`, both along the axes; by default along all but the channels'.
  fileprivate func standardized(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let x = try operand(0)
    let rank = builder.shape(x).rank
    let given = try (integers("axes") ?? [0, 2, 3]).map { try axis($0, rank: rank) }
    let axes = Set(given).sorted()
    let count = axes.reduce(1) { $0 * builder.shape(x)[$1] }
    let wide = builder.element(x).wideForm(ofSumsOver: count)
    let result = try builder.widened(x, to: wide) { builder, x in
      let mean = Mean(axes: axes, keepsAxes: true)
      let difference = try builder.apply(
        Subtract(clamp: .unlimited), x, builder.apply(mean, x))
      let variance = try builder.apply(mean, builder.apply(Square(), difference))
      let deviation = try builder.apply(SquareRoot(), variance)
      let least = builder.scalar(1e-9, builder.element(x))
      let divisor = try builder.apply(Add(clamp: .unlimited), deviation, least)
      return try builder.apply(Divide(clamp: .unlimited), difference, divisor)
    }
    return [.tensor(result)]
  }
}
