import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets a linear layer compute a sum that it is one summand of: the other is what it reads, perhaps scaled
  /// and shifted, or what a second layer of its kind computes from that.
  ///
  /// What a layer reads is itself times a kernel with a single 1, and kernels add up once they reach as far:
  /// so three branches of a RepVGG block become one convolution. A sum with any other tensor stays a node.
  public static let foldResidualAdd = rewrite(
    "fold-residual-add", "add what a linear layer reads, or a second layer, to its weights",
    .approximate("sums of products are added in another order"),
    Rule(replacing: Add.self) { graph, id, add in
      let operands = graph.nodes[id].inputs
      for (branch, other) in [(operands[0], operands[1]), (operands[1], operands[0])] {
        guard let layer = LinearBranch(branch, in: graph),
          let node = layer.adding(LinearBranch(other, in: graph))
            ?? layer.adding(graph.scaledIdentity(other, of: layer.node.operand)),
          node.op is any ClampedOperator || add.clamp.isOpen
        else { continue }
        return try node.insert(into: &graph, reading: node.operand, clamp: add.clamp, before: id)
      }
      return nil
    })
}

/// `factors · x + offsets` for the channels of a value `x`.
private struct ScaledIdentity {
  var factors: [Float]
  /// With the value that they take their name from; nil if there are none.
  var offsets: (numbers: [Float], name: ValueID)?
}

extension Graph {
  /// A value as channels of another that are scaled and shifted; nil if it is something else, or another node
  /// reads it on the way.
  fileprivate func scaledIdentity(_ value: ValueID, of x: ValueID) -> ScaledIdentity? {
    let count = values[x].type.shape.extents.last ?? 1
    var identity = ScaledIdentity(factors: Array(repeating: 1, count: count))
    var value = value
    if value != x, let (id, add) = soleProducer(of: value, as: Add.self), add.isUnlimited,
      let (constant, other, _) = constantAndOther(of: id),
      let numbers = channelNumbers(constant, count: count)
    {
      identity.offsets = (numbers, constant)
      value = other
    }
    if value != x, let (id, product) = soleProducer(of: value, as: Multiply.self),
      product.isUnlimited, let (constant, other, _) = constantAndOther(of: id),
      let numbers = channelNumbers(constant, count: count)
    {
      identity.factors = numbers
      value = other
    }
    return value == x ? identity : nil
  }
}

/// A layer whose result nobody reads but a sum.
private struct LinearBranch {
  let node: WeightedNode
  /// The operator without its padding.
  private let kind: AnyHashable
  /// Of the kernel; of a single element for layers that are no convolutions.
  private let kernel: Spatial
  private let stride: Spatial
  private let dilation: Spatial
  private let padBefore: Spatial
  /// Whether the result has the operand's type.
  private let keepsType: Bool
  /// An identity may make the largest weight of a channel so many times as large: integers of 8 bits then have 6 for the others.
  private static let largestGrowth: Float = 4

  /// - Returns: nil if the value is not computed by a linear layer with constant weights, limited, or read by others.
  init?(_ value: ValueID, in graph: Graph) {
    guard let node = graph.soleWeightedNode(of: value), node.takesBias,
      let id = graph.producer(of: value)
    else { return nil }
    self.node = node
    keepsType = graph.values[node.operand].type == graph.values[value].type
    let operands = graph.types(of: graph.nodes[id].inputs)
    let window: Window?
    switch node.op {
    case var op as Conv2D:
      window = try? op.window(operands)
      op.padding = .valid
      kind = AnyHashable(op)
    case var op as DepthwiseConv2D:
      window = try? op.window(operands)
      op.padding = .valid
      kind = AnyHashable(op)
    case let op as FullyConnected:
      (kind, kernel, stride, dilation) = (AnyHashable(op), .one, .one, .one)
      padBefore = Spatial(height: 0, width: 0)
      return
    default: return nil
    }
    guard let window else { return nil }
    (kernel, stride, dilation) = (window.kernel, window.stride, window.dilation)
    padBefore = window.padBefore
  }

  /// The layer with the weights of another added; nil if its kernel does not reach as far, or they differ in more.
  func adding(_ other: LinearBranch?) -> WeightedNode? {
    guard let other, other.node.operand == node.operand, other.kind == kind,
      let first = tap(atOffset: (-other.padBefore.height, -other.padBefore.width)),
      first.height + other.kernel.height <= kernel.height,
      first.width + other.kernel.width <= kernel.width,
      node.layout.outputs == other.node.layout.outputs,
      node.layout.inputsPerOutput == other.node.layout.inputsPerOutput
    else { return nil }
    var sum = node
    let inner = innerCount
    for (index, weight) in other.node.weights.enumerated() {
      let (outer, tap) = (
        index / inner / other.kernel.product, index / inner % other.kernel.product
      )
      let row = first.height + tap / other.kernel.width
      let column = first.width + tap % other.kernel.width
      let place = outer * kernel.product + row * kernel.width + column
      sum.weights[place * inner + index % inner] += weight
    }
    if let bias = other.node.bias { sum.shiftOutputs(by: bias, named: other.node.biasName) }
    return sum
  }

  /// The layer with what it reads added; nil if that is not within its kernel, or would make it hard to quantize.
  func adding(_ identity: ScaledIdentity?) -> WeightedNode? {
    guard let identity, keepsType, stride == .one, let center = tap(atOffset: (0, 0)) else {
      return nil
    }
    var sum = node
    let place = center.height * kernel.width + center.width
    for index in sum.weights.indices where index / innerCount % kernel.product == place {
      let (input, output) = (node.layout.input(of: index), node.layout.output(of: index))
      if input == output { sum.weights[index] += identity.factors[input] }
    }
    guard hasSimilarRanges(sum) else { return nil }
    if let offsets = identity.offsets {
      sum.shiftOutputs(by: offsets.numbers, named: offsets.name)
    }
    return sum
  }

  /// The element of the kernel that lies so far from the first pixel that the first window is for; nil if there is none.
  private func tap(atOffset offset: (Int, Int)) -> Spatial? {
    let (rows, columns) = (padBefore.height + offset.0, padBefore.width + offset.1)
    let tap = Spatial(height: rows / dilation.height, width: columns / dilation.width)
    guard rows >= 0, columns >= 0, tap.height * dilation.height == rows,
      tap.width * dilation.width == columns, tap.height < kernel.height, tap.width < kernel.width
    else { return nil }
    return tap
  }

  /// How many weights lie next to each other for one element of the kernel.
  private var innerCount: Int { node.layout.shape.extents.last ?? 1 }

  /// Whether scales of channels would not have to become much larger.
  private func hasSimilarRanges(_ sum: WeightedNode) -> Bool {
    let (old, new) = (node.largestWeights, sum.largestWeights)
    return zip(old, new).allSatisfy { $0 == 0 || $1 <= Self.largestGrowth * $0 }
  }
}

extension WeightedNode {
  /// The largest absolute weight of each output channel.
  fileprivate var largestWeights: [Float] {
    var largest = [Float](repeating: 0, count: layout.outputs)
    for (index, weight) in weights.enumerated() {
      let output = layout.output(of: index)
      largest[output] = max(largest[output], abs(weight))
    }
    return largest
  }
}
