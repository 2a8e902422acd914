import ONNXSchema
import TestSupport
import Testing

private typealias Node = ONNXNodeProto
private typealias File = ONNXModelProto

/// Corners of the standard's arithmetic; expected numbers are those of its reference evaluator.
struct ONNXArithmeticTests {
  // MARK: Bytes over volumes

  private static let byteInputs: [ONNXValueInfoProto] = [
    .tensor("x", [1, 2, 3, 1, 2], element: 2), .tensor("w", [2, 1, 2, 1, 2], element: 2),
    .tensor("p", [], element: 2), .tensor("q", [], element: 2),
  ]

  private static let numbers: [[Double]] = [
    (1...12).map(Double.init), (1...8).map(Double.init), [3], [2],
  ]

  private static func convolution(_ kind: String, _ inputs: [String]) -> Node {
    Node(
      kind, inputs, ["y"], .integers("dilations", [2, 1, 1]),
      .integers("pads", [1, 0, 0, 1, 0, 0]), .integer("group", 2))
  }

  @Test func bytesOfVolumesAreConvolved() throws {
    let model = File(
      [Self.convolution("ConvInteger", ["x", "w", "p", "q"])], inputs: Self.byteInputs)
    #expect(try model.outputs(Self.numbers) == [[2, 10, 0, 72, 126, 46]])
  }

  @Test func quantizedVolumesAreConvolved() throws {
    let bias = ONNXValueInfoProto.tensor("b", [2], element: 6)
    let model = File(
      [Self.convolution("QLinearConv", ["x", "s", "p", "w", "t", "q", "u", "r", "b"])],
      inputs: Self.byteInputs + [.tensor("r", [], element: 2), bias],
      constants: [
        ONNXTensorProto("s", floats: [0.5], []), ONNXTensorProto("t", floats: [0.25], []),
        ONNXTensorProto("u", floats: [1], []),
      ])
    #expect(
      try model.outputs(Self.numbers + [[100], [4, -40]]) == [[101, 102, 100, 104, 111, 101]])
  }

  // MARK: Floats of 8 bits

  @Test(arguments: [(Int64(17), [448, .nan, -448, 1]), (Int64(19), [448, 448, -448, 1])])
  func quantizedFloatsNeedNotSaturate(_ element: Int64, _ expected: [Double]) throws {
    let model = File(
      [
        Node(
          "QuantizeLinear", ["x", "s"], ["q"], .integer("output_dtype", element),
          .integer("saturate", 0)),
        Node("Cast", ["q"], ["y"], .integer("to", 1)),
      ],
      inputs: [.tensor("x", [4])], constants: [ONNXTensorProto("s", floats: [2], [])], version: 21)
    let found = try model.outputs([[928, 930, -896, 2]])[0]
    #expect(found.description == expected.description)
  }

  // MARK: Products and unsigned integers

  @Test func productsRunAlongAnAxis() throws {
    let model = File(
      [Node("CumProd", ["x", "a"], ["y"], .integer("exclusive", 1), .integer("reverse", 1))],
      inputs: [.tensor("x", [3], element: 10)], constants: [ONNXTensorProto("a", [0], [])],
      version: 26)
    #expect(try model.outputs([[1, 2, 3]]) == [[6, 3, 1]])
  }

  @Test(arguments: [
    ("ReduceMax", 0x1p63), ("ReduceMin", 5), ("ArgMax", 1), ("ArgMin", 0),
  ])
  func highestBitsAreNoSigns(_ kind: String, _ expected: Double) throws {
    let model = File([Node(kind, ["x"], ["y"])], inputs: [.tensor("x", [3], element: 13)])
    #expect(try model.outputs([[5, 0x1p63, 7]]) == [[expected]])
  }

  /// The sum is taken modulo 2⁶⁴, and then divided.
  @Test func meansOfUnsignedIntegersHaveNoSign() throws {
    let model = File([Node("ReduceMean", ["x"], ["y"])], inputs: [.tensor("x", [2], element: 13)])
    #expect(try model.outputs([[0x1p63, 0x1p62]]) == [[0x1.8p62]])
  }

  @Test func powersOfUnsignedIntegersHaveNoSign() throws {
    let model = File(
      [Node("Pow", ["x", "e"], ["p"]), Node("Div", ["p", "x"], ["y"])],
      inputs: [.tensor("x", [2], element: 13)], constants: [ONNXTensorProto("e", [63], [])])
    #expect(try model.outputs([[2, 1]]) == [[0x1p62, 1]])
  }

  @Test func largestUnsignedIntegersComeFirst() throws {
    let model = File(
      [Node("TopK", ["x", "k"], ["y", "p"])], inputs: [.tensor("x", [3], element: 13)],
      outputs: ["y", "p"], constants: [ONNXTensorProto("k", [2])])
    #expect(try model.outputs([[5, 0x1p63, 7]]) == [[0x1p63, 7], [1, 2]])
  }

  // MARK: Recent operators

  /// 2 · 3 · σ(2) is 5.28478247.
  @Test func gatesAreSwishes() throws {
    let model = File(
      [Node("SwiGLU", ["a", "b"], ["y"])], inputs: [.tensor("a", [2]), .tensor("b", [2])],
      version: 28)
    let found = try model.outputs([[2, 0], [3, 5]])[0]
    #expect(abs(found[0] - 5.28478247) < 1e-6)
    #expect(found[1] == 0)
  }

  /// The kernel `[1, 10]` sees the step before: of the state for the first, and of nothing if there is no state.
  @Test(arguments: [true, false])
  func causalConvolutionsCarryAState(hasState: Bool) throws {
    let state: [ONNXValueInfoProto] = hasState ? [.tensor("s", [1, 2, 1])] : []
    let model = File(
      [Node("CausalConvWithState", ["x", "w", "b"] + (hasState ? ["s"] : []), ["y", "n"])],
      inputs: [.tensor("x", [1, 2, 3])] + state, outputs: ["y", "n"],
      constants: [
        ONNXTensorProto("w", floats: [1, 10, 2, 20], [2, 1, 2]),
        ONNXTensorProto("b", floats: [0, 1], [2]),
      ], version: 27)
    let inputs: [[Double]] = [[1, 2, 3, 4, 5, 6]] + (hasState ? [[7, 8]] : [])
    let first: [Double] = hasState ? [17, 97] : [10, 81]
    #expect(
      try model.outputs(inputs) == [[first[0], 21, 32, first[1], 109, 131], [3, 6]])
  }

  // MARK: Double precision

  @Test(arguments: [
    ("Conv", [2 + 0x1p-40, 0x1p-39]), ("ConvTranspose", [1, 2 + 0x1p-40, 0x1p-39]),
  ])
  func doublesAreConvolved(_ kind: String, _ expected: [Double]) throws {
    let weights: [Double] = kind == "Conv" ? [2, 1] : [1, 2]
    let pads: [Int64] = kind == "Conv" ? [0, 1] : [0, 0]
    let model = File(
      [Node(kind, ["x", "w"], ["y"], .integers("pads", pads))],
      inputs: [.tensor("x", [1, 1, 2], element: 11), .tensor("w", [1, 1, 2], element: 11)])
    #expect(try model.outputs([[1, 0x1p-40], weights]) == [expected])
  }

  /// 2⁻⁴⁰ beside 1 is more than single precision holds.
  private static let expectedOfDoubles: [(String, Double)] = [
    ("LeakyRelu", 1 + 0x1p-40), ("Elu", 1 + 0x1p-40), ("Celu", 1 + 0x1p-40),
    ("ThresholdedRelu", 1 + 0x1p-40), ("Shrink", 1 + 0x1p-40), ("HardSwish", 0.6666666666674246),
    ("Mish", 0.8650983882682645), ("Swish", 0.7310585786308486), ("Gelu", 0.8413447460695282),
  ]

  @Test(arguments: expectedOfDoubles)
  func activationsOfDoublesKeepTheirDigits(_ kind: String, _ expected: Double) throws {
    let model = File(
      [Node(kind, ["x"], ["y"])], inputs: [.tensor("x", [1], element: 11)], version: 24)
    let found = try model.outputs([[1 + 0x1p-40]])[0][0]
    #expect(abs(found - expected) < 1e-15)
  }

  // MARK: Sequences of different lengths

  @Test(arguments: [
    (Int64(0), [[10, 23], [0, 0, 0, 21, 23, 0]]), (Int64(1), [[10, 23], [0, 0, 0, 22, 23, 0]]),
  ])
  func scansEndWithTheirSequences(_ direction: Int64, _ expected: [[Double]]) throws {
    let body = ONNXGraphProto(
      [Node("Add", ["s", "a"], ["t"]), Node("Identity", ["t"], ["u"])], inputs: ["s", "a"],
      outputs: ["t", "u"])
    let model = File(
      [
        Node(
          "Scan", ["n", "i", "x"], ["last", "y"], .graph("body", body),
          .integer("num_scan_inputs", 1), .integers("directions", [direction]))
      ],
      inputs: [.tensor("i", [2, 1]), .tensor("x", [2, 3, 1])], outputs: ["last", "y"],
      constants: [ONNXTensorProto("n", [0, 2])], version: 8)
    #expect(try model.outputs([[10, 20], [7, 8, 9, 1, 2, 3]]) == expected)
  }
}
