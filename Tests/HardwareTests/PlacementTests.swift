import GraphIR
import Hardware
import Operators
import TestSupport
import Tensors
import Testing

struct PlacementTests {
  private let target: TargetDescription

  init() throws { target = try Target(TargetVariant.path(of: "ethos-u55-128")).description }

  @Test func convolutionsRunOnTheArray() throws {
    #expect(try placement(Conv2D(), weights: [8, 3, 3, 4]) == .array)
    #expect(try placement(DepthwiseConv2D(), weights: [1, 3, 3, 4]) == .array)
    #expect(try placement(FullyConnected(), weights: [8, 4]) == .array)
    #expect(
      try placement(Conv2D(stride: [3, 3], dilation: [1, 1]), weights: [8, 3, 3, 4]) == .array)
    #expect(try placement(Conv2D(dilation: [2, 2]), weights: [8, 3, 3, 4]) == .array)
  }

  @Test func restRunsInTheOutputStage() throws {
    #expect(try placement(AveragePool2D(kernel: [2, 2])) == .output)
    #expect(try placement(MaxPool2D(kernel: [2, 2])) == .output)
    #expect(try placement(Add(), twice: true) == .output)
  }

  @Test func floatRunsOnTheHost() throws {
    let found = try placement(Conv2D(), weights: [8, 3, 3, 4], element: .f32)
    #expect(found == .host("elements are f32, not i8 or u8"))
  }

  @Test func unknownOperatorRunsOnTheHost() throws {
    let found = try placement(Transpose(permutation: [0, 2, 1, 3]))
    #expect(found == .host("the NPU has no `transpose`"))
  }

  @Test func limitsThatAreExceededAreNamed() throws {
    #expect(
      try placement(Conv2D(stride: [4, 1]), weights: [8, 3, 3, 4])
        == .host("stride [4, 1] exceeds [3, 3]"))
    #expect(
      try placement(Conv2D(dilation: [1, 3]), weights: [8, 3, 3, 4])
        == .host("dilation [1, 3] exceeds [2, 2]"))
    #expect(
      try placement(Conv2D(padding: .same), weights: [1, 65, 1, 4])
        == .host("kernel [65, 1] exceeds [64, 64]"))
    #expect(
      try placement(DepthwiseConv2D(), weights: [1, 3, 3, 8])
        == .host("depth multiplier 2 exceeds 1"))
    #expect(
      try placement(MaxPool2D(kernel: [2, 2], stride: [1, 4]))
        == .host("stride [1, 4] exceeds [3, 3]"))
  }

  /// Where a node runs that reads an image, and weights of the given shape.
  private func placement(
    _ op: any Operator, weights: Shape? = nil, twice: Bool = false, element: ElementType = .i8
  ) throws -> Placement {
    let scale = element == .i8 ? Quantization(scale: 0.5) : nil
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(element, [1, 80, 80, 4], scale))
    var operands = twice ? [x, x] : [x]
    if let weights {
      operands.append(graph.addConstant("w", TensorType(element, weights, scale), nil))
    }
    let types = try op.resultTypes(graph.types(of: operands))
    try graph.insert(
      op, operands, results: types.map { TensorType($0.element, $0.shape, scale) })
    return target.placement(of: graph.order[0], in: graph)
  }
}
