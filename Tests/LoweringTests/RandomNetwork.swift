import GraphIR
import Operators
import Support
import Tensors

/// Seeded random networks of signed or unsigned bytes with what lowering must get right: odd extents, batches, strides, dilations, all kinds
/// of padding, depths that are no multiple of 8, values that are read twice, several inputs and outputs.
struct RandomNetwork {
  private var generator: SeededGenerator
  private(set) var graph = Graph(name: "random")
  private var readable: [ValueID] = []
  private let element: ElementType

  /// The same network for the same seed; every third is of unsigned bytes.
  ///
  /// - Parameter joins: whether values are joined and cut, too.
  static func make(seed: UInt64, size: Int = 8, joins: Bool = false) throws -> Graph {
    let element: ElementType = seed % 3 == 2 ? .u8 : .i8
    var maker = RandomNetwork(generator: SeededGenerator(seed: seed), element: element)
    for number in 0..<maker.pick([1, 1, 2, 3]) { maker.addInput("x\(number)") }
    for number in 0..<size {
      if joins, number % 3 == 2 { try maker.join() } else { try maker.addNode() }
    }
    maker.chooseOutputs()
    return maker.graph
  }

  private init(generator: SeededGenerator, element: ElementType) {
    self.generator = generator
    self.element = element
  }

  private mutating func addInput(_ name: String) {
    let shape: Shape = [
      pick(1...3), pick(1...13), pick(1...13), pick([1, 3, 5, 8, 12, 17, 33, 40]),
    ]
    readable.append(graph.addInput(name, TensorType(element, shape, activationScale())))
  }

  /// Joins two values of one quantization that are made for it, or cuts one.
  private mutating func join() throws {
    let operand = pick(readable)
    let type = graph.values[operand].type
    let axis = pick(0..<type.shape.rank)
    guard pick(0...2) > 0, type.shape.rank == 4 else {
      guard type.shape[axis] > 1 else { return }
      let first = pick(1..<type.shape[axis])
      let split = Split(axis: axis, sizes: [first, type.shape[axis] - first])
      return readable += try graph.insert(split, [operand])
    }
    let pool = MaxPool2D(kernel: kernel(), stride: [1, 1], padding: .same)
    let others = try graph.insert(pool, [operand], results: [type])
    readable += try graph.insert(
      Concatenation(axis: axis), pick([[operand] + others, others + [operand]]))
  }

  /// Tries operators until one accepts what is chosen for it.
  private mutating func addNode() throws {
    for _ in 0..<50 {
      let operand = pick(readable)
      let type = graph.values[operand].type
      let op = anyOperator(for: type)
      let operands = [operand] + otherOperands(of: op, type)
      guard let inferred = try? op.resultTypes(graph.types(of: operands)) else { continue }
      let results = inferred.map { TensorType(element, $0.shape, scale(of: op, type)) }
      guard let new = try? graph.insert(op, operands, results: results) else { continue }
      return readable += new
    }
  }

  private mutating func anyOperator(for type: TensorType) -> any Operator {
    switch pick(0...11) {
    case 0, 1, 2:
      return Conv2D(stride: strides(), dilation: dilations(), padding: padding(), clamp: clamp())
    case 3, 4:
      return DepthwiseConv2D(
        stride: strides(), dilation: dilations(), padding: padding(), clamp: clamp())
    case 5: return AveragePool2D(kernel: kernel(), stride: strides(), padding: padding())
    case 6: return MaxPool2D(kernel: kernel(), stride: strides(), padding: padding())
    case 7: return Reshape(shape: type.shape.extents.shuffled(using: &generator))
    case 8: return Reshape(shape: [type.shape[0], type.elementCount / type.shape[0]])
    case 9: return Softmax()
    case 10: return FullyConnected(keepsAxes: pick([true, false]), clamp: clamp())
    default: return pick([Add(clamp: clamp()), Add(), ReLU6()] as [any Operator])
    }
  }

  private mutating func strides() -> [Int] { [pick([1, 1, 2, 3, 4]), pick([1, 1, 2, 3])] }
  private mutating func dilations() -> [Int] { [pick([1, 1, 1, 2, 3]), pick([1, 1, 1, 2])] }
  private mutating func kernel() -> [Int] { [pick(1...4), pick(1...4)] }
  private mutating func clamp() -> Clamp { pick([.none, .relu, .relu6]) }

  private mutating func padding() -> Padding {
    let explicit = Padding.explicit(
      top: pick(0...3), left: pick(0...3), bottom: pick(0...4), right: pick(0...4))
    return pick([.same, .valid, explicit])
  }

  private mutating func otherOperands(of op: any Operator, _ type: TensorType) -> [ValueID] {
    let depth = type.shape.extents.last ?? 1
    let (height, width) = (pick([1, 1, 2, 3, 9]), pick([1, 1, 2, 3, 5]))
    let outputs = pick([1, 2, 7, 8, 16, 19, 40])
    switch op {
    case is Conv2D: return weights([outputs, height, width, depth], channelAxis: 0)
    case is DepthwiseConv2D:
      return weights([1, height, width, depth * pick([1, 1, 1, 2])], channelAxis: 3)
    case is FullyConnected: return weights([outputs, depth], channelAxis: 0)
    case is Add: return [otherSummand(type)]
    default: return []
    }
  }

  /// A value of the same shape, or one that is stretched, or a constant.
  private mutating func otherSummand(_ type: TensorType) -> ValueID {
    switch pick(0...4) {
    case 0: return constant(TensorType(element, type.shape, activationScale()))
    case 1: return constant(TensorType(element, [type.shape.extents.last ?? 1], activationScale()))
    default: return pick(readable.filter { graph.values[$0].type.shape == type.shape })
    }
  }

  /// Weights, quantized per channel or as a whole, and often a bias.
  private mutating func weights(_ shape: Shape, channelAxis: Int) -> [ValueID] {
    let channels = shape[channelAxis]
    let scales = (0..<channels).map { _ in 0.001 + generator.unitFloat() * 0.01 }
    let zeros = Array(repeating: 0, count: channels)
    let isPerAxis = element == .i8 && pick([true, true, false])
    func quantization(_ axis: Int) -> Quantization {
      isPerAxis
        ? Quantization(axis: axis, scales: scales, zeroPoints: zeros)
        : Quantization(scale: scales[0])
    }
    let weightScale =
      element == .i8
      ? quantization(channelAxis) : Quantization(scale: scales[0], zeroPoint: pick(0...255))
    let weights = constant(TensorType(element, shape, weightScale))
    guard pick(0...3) > 0 else { return [weights] }
    return [weights, constant(TensorType(.i32, [channels], quantization(0)))]
  }

  private mutating func constant(_ type: TensorType) -> ValueID {
    let data = Tensor.random(type, seed: generator.next()).data
    return graph.addConstant("c\(graph.values.count)", type, data)
  }

  private mutating func activationScale() -> Quantization {
    let range = element == .i8 ? -128...127 : 0...255
    return Quantization(scale: 0.02 + generator.unitFloat() * 0.1, zeroPoint: pick(range))
  }

  private mutating func scale(of op: any Operator, _ operand: TensorType) -> Quantization? {
    if op is Softmax { return Quantization(scale: 1 / 256, zeroPoint: element == .i8 ? -128 : 0) }
    let keepsScale = op is AveragePool2D || op is MaxPool2D || op is Reshape
    return keepsScale ? operand.quantization : activationScale()
  }

  /// What nobody reads, and some others, which may be inputs.
  private mutating func chooseOutputs() {
    graph.setOutputs(
      readable.filter { graph.values[$0].uses.isEmpty || generator.next() % 5 == 0 })
  }

  private mutating func pick<Item>(_ items: some Collection<Item>) -> Item {
    items.randomElement(using: &generator)!  // every collection above has an element
  }
}
