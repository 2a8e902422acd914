import GraphIR
import Operators
import Support
import Tensors

/// Seeded random networks, small enough to evaluate in a test.
public struct RandomGraph {
  private var generator: SeededGenerator
  private var graph = Graph(name: "random")
  private let element: ElementType
  /// The values that a new node may read.
  private var readable: [ValueID] = []

  /// A sound graph of about `size` nodes with `f32` or `i8` activations, which is the same for the same seed.
  public static func make(
    seed: UInt64, element: ElementType, size: Int = 12, extent: Int = 6, channels: Int = 4
  ) throws -> Graph {
    var maker = RandomGraph(seed: seed, element: element)
    maker.addInput([1, extent, extent, channels])
    for _ in 0..<size { try maker.addNode() }
    maker.chooseOutputs()
    return maker.graph
  }

  private init(seed: UInt64, element: ElementType) {
    generator = SeededGenerator(seed: seed)
    self.element = element
  }

  private mutating func addInput(_ shape: Shape) {
    readable.append(graph.addInput("x", TensorType(element, shape, activationScale())))
  }

  /// Tries operators until one accepts what is chosen for it.
  private mutating func addNode() throws {
    for _ in 0..<50 {
      let operand = pick(readable)
      let type = graph.values[operand].type
      let op = anyOperator(for: type)
      let operands = [operand] + otherOperands(of: op, type)
      guard let inferred = try? op.resultTypes(graph.types(of: operands)) else { continue }
      let results = inferred.map { requantized($0, by: op, type) }
      guard let new = try? graph.insert(op, operands, results: results) else { continue }
      return readable += new
    }
  }

  private mutating func anyOperator(for type: TensorType) -> any Operator {
    let rank = type.shape.rank
    let kernel = [pick([1, 2, 3]), pick([1, 2, 3])]
    let stride = [pick([1, 1, 2]), pick([1, 1, 2])]
    let padding = pick([Padding.same, .valid, .explicit(top: 1, left: 0, bottom: 2, right: 1)])
    let clamp = pick([Clamp.none, .relu, .relu6])
    switch pick(0...8) {
    case 0: return Conv2D(stride: stride, padding: padding, clamp: clamp)
    case 1: return DepthwiseConv2D(stride: stride, padding: padding, clamp: clamp)
    case 2: return AveragePool2D(kernel: kernel, padding: pick([.same, .valid]))
    case 3: return MaxPool2D(kernel: kernel, stride: stride, padding: pick([.same, .valid]))
    case 4: return Transpose(permutation: Array(0..<rank).shuffled(using: &generator))
    case 5: return Reshape(shape: type.shape.extents.shuffled(using: &generator))
    case 6: return Add(clamp: clamp)
    case 7: return pick([0, 1]) == 0 ? ReLU() : ReLU6()
    default: return FullyConnected(keepsAxes: pick([true, false]), clamp: clamp)
    }
  }

  private mutating func otherOperands(of op: any Operator, _ type: TensorType) -> [ValueID] {
    let depth = type.shape.extents.last ?? 1
    let (height, width) = (pick([1, 2, 3]), pick([1, 2, 3]))
    switch op {
    case is Conv2D: return weights([pick(1...5), height, width, depth], channelAxis: 0)
    case is DepthwiseConv2D: return weights([1, height, width, depth], channelAxis: 3)
    case is FullyConnected: return weights([pick(1...5), depth], channelAxis: 0)
    case is Add: return [pick(readable.filter { graph.values[$0].type.shape == type.shape })]
    default: return []
    }
  }

  /// Weights and bias; those of integers are quantized per output channel.
  private mutating func weights(_ shape: Shape, channelAxis: Int) -> [ValueID] {
    let channels = shape[channelAxis]
    let isQuantized = element == .i8
    let types = [
      TensorType(element, shape, isQuantized ? channelScales(channelAxis, channels) : nil),
      TensorType(
        isQuantized ? .i32 : .f32, [channels], isQuantized ? channelScales(0, channels) : nil),
    ]
    return types.map { type in
      let data = Tensor.random(type, seed: generator.next()).data
      return graph.addConstant("w\(graph.values.count)", type, data)
    }
  }

  private mutating func channelScales(_ axis: Int, _ count: Int) -> Quantization {
    let scales = (0..<count).map { _ in 0.001 + generator.unitFloat() * 0.02 }
    return Quantization(axis: axis, scales: scales, zeroPoints: Array(repeating: 0, count: count))
  }

  private mutating func activationScale() -> Quantization? {
    guard element == .i8 else { return nil }
    return Quantization(scale: 0.02 + generator.unitFloat() * 0.1, zeroPoint: pick(-20...20))
  }

  /// A result type with a scale: that of the operand where the operator does not change it.
  private mutating func requantized(
    _ type: TensorType, by op: any Operator, _ operand: TensorType
  ) -> TensorType {
    let keepsScale =
      op is AveragePool2D || op is MaxPool2D || op is Reshape || op is Transpose
    return TensorType(
      type.element, type.shape, keepsScale ? operand.quantization : activationScale())
  }

  /// The last value, and some others.
  private mutating func chooseOutputs() {
    let others = readable.dropFirst().dropLast().filter { _ in generator.next() % 8 == 0 }
    graph.setOutputs(others + [readable.last!])  // the input, at least, is readable
  }

  private mutating func pick<Item>(_ items: some Collection<Item>) -> Item {
    items.randomElement(using: &generator)!  // every collection above has an element
  }
}
