import GraphIR
import Operators
import Support
import Tensors

extension ONNXGraphBuilder {
  /// A convolution of each channel of `[batches, channels, steps]` by itself, which sees the steps up to its own, those of the
  /// state before the first. Also gives the next state, the steps before the one to come.
  mutating func causalConvolution(_ node: ONNXNode) throws -> [ONNXValue] {
    let (x, weights) = (try node.operand(0), try node.operand(1))
    let (image, filters) = (shape(x).extents, shape(weights).extents)
    guard image.count == 3, filters.count == 3, Array(filters[..<2]) == [image[1], 1],
      filters[2] > 0
    else { throw Diagnostic(.shapes(node.kind, shape(x), shape(weights))) }
    let state = Shape([image[0], image[1], filters[2] - 1])
    if let past = try node.optional(3), shape(past) != state {
      throw Diagnostic(.shapes(node.kind, shape(x), shape(past)))
    }
    let steps = try withPast(x, state, node.optional(3))
    let window = try ONNXWindow(unpadded: node, axes: 1, kernel: [filters[2]])
    let sums = try channelsFirst(
      convolve(channelsLast(steps), weights, node.optional(2), window, image[1]))
    return [.tensor(try activated(sums, node)), .tensor(try lastSteps(of: steps, state))]
  }

  /// The steps of a state, or zeros, and those of the operand.
  private mutating func withPast(
    _ x: ValueID, _ state: Shape, _ past: ValueID?
  ) throws -> ValueID {
    guard state[2] > 0 else { return x }
    let before = try past ?? zeros(TensorType(element(x), state))
    return try apply(Concatenation(axis: 2), before, x)
  }

  private mutating func activated(_ sums: ValueID, _ node: ONNXNode) throws -> ValueID {
    let name = try node.string("activation", default: "none")
    let isSwish = try node.choice(
      "activation", name, ["none": false, "silu": true, "swish": true])
    return isSwish ? try apply(Swish(), sums) : sums
  }

  private mutating func lastSteps(of steps: ValueID, _ state: Shape) throws -> ValueID {
    guard state[2] > 0 else { return try zeros(TensorType(element(steps), state)) }
    let begin = shape(steps)[2] - state[2]
    return try apply(
      StridedSlice(begin: [0, 0, begin], size: state.extents, step: [1, 1, 1]), steps)
  }
}

extension Diagnostic.Message {
  fileprivate static func shapes(_ kind: String, _ steps: Shape, _ other: Shape) -> Self {
    Self(
      id: "onnx-convolution", .malformed,
      "`\(kind)` of steps of shape \(steps) cannot have an operand of shape \(other)")
  }
}
