import Exporting
import GraphIR
import ONNXSchema
import Operators
import Support
import TestSupport
import Tensors
import Testing

/// What stands in a file: nodes, names, versions.
struct ONNXStructureTests {
  /// As it comes of a file with channels first.
  private static let network = """
    graph net(%x: f32[1, 2, 4, 4]) {
      %w = constant(random(1)) : f32[3, 3, 3, 2]
      %f = constant(random(2)) : f32[3, 1, 1]
      %0 = transpose(%x) {permutation: [0, 2, 3, 1]} : f32[1, 4, 4, 2]
      %1 = conv2d(%0, %w) {padding: "same", clamp: [0, 6]} : f32[1, 4, 4, 3]
      %a = transpose(%1) {permutation: [0, 3, 1, 2]} : f32[1, 3, 4, 4]
      %b = add(%a, %f) : f32[1, 3, 4, 4]
      %2 = transpose(%b) {permutation: [0, 2, 3, 1]} : f32[1, 4, 4, 3]
      %3 = mean(%2) {axes: [1, 2]} : f32[1, 3]
      %y = softmax(%3) : f32[1, 3]
      return %y
    }
    """

  @Test func channelsGoBackToTheFrontWithoutTransposes() throws {
    let model = try exported(Self.network, within: 1e-6)
    #expect(
      model.nodeList == """
        a/Conv = Conv(x, w)
        a = Clip(a/Conv, a/min, a/max)
        b = Add(a, f)
        3 = ReduceMean(b)
        y = Softmax(3)
        """)
    #expect(model.version == 13 && model.irVersion == 7 && model.producerName == "dovetail")
  }

  /// Optimizers that quantize results of a `Reshape` again find nothing to do.
  @Test func quantizedRowsAreReshapedAsTheyAreStored() throws {
    let model = try exported(
      """
      graph rows(%x: f32[1, 2, 2]) {
        %w = constant(random(1)) : f32[3, 4]
        %q = quantize(%x) {element: "i8", roundsHalfToEven: true} : i8<0.5>[1, 2, 2]
        %d = dequantize(%q) : f32[1, 2, 2]
        %y = fully_connected(%d, %w) : f32[1, 3]
        return %y
      }
      """)
    #expect(
      model.nodeList == """
        q = QuantizeLinear(x, q/scale, q/zero_point)
        y/Reshape = Reshape(q, y/shape)
        y/DequantizeLinear = DequantizeLinear(y/Reshape, q/scale, q/zero_point)
        y = Gemm(y/DequantizeLinear, w)
        """)
  }

  /// So they do before and behind a layer of rows with more axes, which they would make a matrix of themselves.
  @Test func quantizedRowsAreMatricesBetweenTheirReshapes() throws {
    let model = try exported(
      """
      graph rows(%x: f32[1, 2, 4]) {
        %w = constant(random(1)) : f32[3, 4]
        %q = quantize(%x) {element: "i8", roundsHalfToEven: true} : i8<0.5>[1, 2, 4]
        %d = dequantize(%q) : f32[1, 2, 4]
        %p = fully_connected(%d, %w) {keepsAxes: true} : f32[1, 2, 3]
        %s = quantize(%p) {element: "i8", roundsHalfToEven: true} : i8<0.25>[1, 2, 3]
        %y = dequantize(%s) : f32[1, 2, 3]
        return %y
      }
      """)
    #expect(
      model.nodeList == """
        q = QuantizeLinear(x, q/scale, q/zero_point)
        p/Reshape = Reshape(q, p/shape)
        p/DequantizeLinear = DequantizeLinear(p/Reshape, q/scale, q/zero_point)
        p = Gemm(p/DequantizeLinear, w)
        s/QuantizeLinear = QuantizeLinear(p, s/scale, q/zero_point)
        s = Reshape(s/QuantizeLinear, s/shape)
        y = DequantizeLinear(s, s/scale, q/zero_point)
        """)
  }

  /// Weights in groups of four along their rows, as quantization makes them.
  private static let lowBits = """
    graph low(%x: f32[2, 8]) {
      %w = constant(random(1)) : i4<axis 0, 0.5, 0.25, 0.125, 1, 0.5, 0.25>[6, 4]
      %c = constant(dense(3, -4, 5)) : i32<axis 0, 0.01, 0.02, 0.03>[3]
      %q = quantize(%x) {element: "i16", roundsHalfToEven: true} : i16<0.001>[2, 8]
      %d = dequantize(%q) : f32[2, 8]
      %groups = dequantize(%w) : f32[6, 4]
      %rows = reshape(%groups) {shape: [3, 8]} : f32[3, 8]
      %bias = dequantize(%c) : f32[3]
      %p = fully_connected(%d, %rows, %bias) : f32[2, 3]
      %h = cast(%p) {element: "bf16"} : bf16[2, 3]
      %y = cast(%h) {element: "f32"} : f32[2, 3]
      return %y
    }
    """

  @Test func lowBitsAskForVersion21() throws {
    let model = try exported(Self.lowBits, within: 1e-6)
    #expect(
      model.nodeList == """
        q = QuantizeLinear(x, q/scale, q/zero_point)
        d = DequantizeLinear(q, q/scale, q/zero_point)
        rows = DequantizeLinear(w, p/scale, p/zero_point)
        bias = DequantizeLinear(c, p/scale_2)
        p = Gemm(d, rows, bias)
        h = Cast(p)
        y = Cast(h)
        """)
    #expect(model.version == 21 && model.irVersion == 10)
  }

  /// Filters of 4 bits in groups, rounded to 16, of 8 bits in floats, and quantized on the way.
  @Test func weightsAreArrangedWithTheirConstants() throws {
    let model = try exported(
      """
      graph weights(%x: f32[1, 8, 4, 5]) {
        %0 = transpose(%x) {permutation: [0, 2, 3, 1]} : f32[1, 4, 5, 8]
        %w = constant(random(1)) : i4<axis 0, 0.5, 0.25, 0.125, 1, 0.5, 0.25>[6, 4]
        %groups = dequantize(%w) : f32[6, 4]
        %rows = reshape(%groups) {shape: [3, 1, 1, 8]} : f32[3, 1, 1, 8]
        %a = conv2d(%0, %rows) {fusesProducts: true} : f32[1, 4, 5, 3]
        %v = constant(random(2)) : f32[1, 3, 3, 3]
        %vh = cast(%v) {element: "bf16"} : bf16[1, 3, 3, 3]
        %vf = cast(%vh) {element: "f32"} : f32[1, 3, 3, 3]
        %b = depthwise_conv2d(%a, %vf) {padding: "same", fusesProducts: true} : f32[1, 4, 5, 3]
        %u = constant(random(3)) : f8e4m3[2, 1, 1, 3]
        %uf = cast(%u) {element: "f32"} : f32[2, 1, 1, 3]
        %c = conv2d(%b, %uf) {fusesProducts: true} : f32[1, 4, 5, 2]
        %t = constant(random(4)) : f32[2, 1, 1, 2]
        %tq = quantize(%t) {roundsHalfToEven: true} : i8<axis 0, 0.02, 0.03>[2, 1, 1, 2]
        %tf = dequantize(%tq) : f32[2, 1, 1, 2]
        %d = conv2d(%c, %tf) {fusesProducts: true} : f32[1, 4, 5, 2]
        %y = transpose(%d) {permutation: [0, 3, 1, 2]} : f32[1, 2, 4, 5]
        return %y
      }
      """)
    let counts = model.counts
    #expect(counts == ["Conv": 4, "DequantizeLinear": 2, "QuantizeLinear": 1, "Cast": 3])
  }

  @Test func integersAreComputedAsRealNumbers() throws {
    let model = try exported(
      """
      graph sum(%a: i8<0.5:1>[1, 2, 2, 3], %b: i8<0.25>[3]) {
        %s = add(%a, %b) {clamp: [0, null]} : i8<1:-2>[1, 2, 2, 3]
        %y = max_pool2d(%s) {kernel: [2, 2]} : i8<1:-2>[1, 1, 1, 3]
        return %s, %y
      }
      """, within: 1)
    #expect(
      model.nodeList == """
        a/real = DequantizeLinear(a, s/scale, s/zero_point)
        b/real = DequantizeLinear(b, s/scale_2, s/zero_point_2)
        s/Add = Add(a/real, b/real)
        s/Relu = Relu(s/Add)
        s = QuantizeLinear(s/Relu, s/scale_3, s/zero_point_3)
        s/channels_first = Transpose(s)
        s/channels_first/real = DequantizeLinear(s/channels_first, s/scale_3, s/zero_point_3)
        y/MaxPool = MaxPool(s/channels_first/real)
        y/channels_first = QuantizeLinear(y/MaxPool, s/scale_3, s/zero_point_3)
        y = Transpose(y/channels_first)
        """)
  }

  @Test(arguments: [
    ("hard_swish", 14), ("gelu", 20), ("relu6", 13), ("bitwise_not", 18), ("mish", 18),
  ])
  func versionsAreAsLowAsOperatorsPermit(name: String, version: Int) throws {
    let example = try #require(Operators.all[name]?.examples.first)
    var graph = Graph(name: "one")
    let inputs = example.operands.map { graph.addInput("x", $0.type) }
    graph.setOutputs(try graph.insert(example.op, inputs, results: example.results.map(\.type)))
    #expect(try graph.onnxModel().version == version)
  }

  /// Axes of means became an operand with version 18.
  @Test func operatorsAreWrittenInTheVersionOfTheFile() throws {
    let model = try exported(
      """
      graph two(%x: f32[2, 3]) {
        %m = mean(%x) {axes: [1]} : f32[2]
        %y = gelu(%m) : f32[2]
        return %y
      }
      """)
    #expect(model.graph.node.first?.input == ["x", "m/axes"])
  }

  // MARK: Names

  @Test func namesAreUnique() throws {
    var graph = Graph(name: "same")
    let x = graph.addInput("x", TensorType(.f32, [2]))
    let first = try graph.insert(Abs(), [x])[0]
    let second = try graph.insert(Abs(), [first])[0]
    for value in [first, second] { graph.rename(value, "x", sourceIndex: nil) }
    graph.setOutputs([second, x, second])
    let model = try graph.onnxModel()
    let names = model.graph.node.flatMap(\.output) + model.graph.input.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(model.graph.output.map(\.name)).count == 3)
    let back = try graph.throughONNX()
    let given = Tensor(TensorType(.f32, [2]), numbers: [-1, 2])
    #expect(try back.evaluate([given]).map(\.storedNumbers) == [[1, 2], [-1, 2], [1, 2]])
  }

  /// A mean along no axes is its operand, which the sum reads too.
  @Test func valuesThatAreOneTensorShareItsName() throws {
    let model = try exported(
      """
      graph same(%q: i8<0.5>[2]) {
        %d = dequantize(%q) : f32[2]
        %m = mean(%d) {axes: []} : f32[2]
        %y = add(%m, %d) : f32[2]
        return %y, %m
      }
      """)
    #expect(
      model.nodeList == """
        d = DequantizeLinear(q, m/scale, m/zero_point)
        y = Add(d, d)
        m = Identity(d)
        """)
  }

  @Test func bytesAreTheSameEveryTime() throws {
    let graph = try Graph.parsed(Self.lowBits)
    #expect(try graph.onnxFile() == graph.onnxFile())
  }

  // MARK: What cannot be written

  @Test func nodesWithoutCounterpartAreAllNamed() throws {
    let graph = try Graph.parsed(
      """
      graph shifts(%x: i32[2]) {
        %a = left_shift(%x, %x) : i32[2]
        %b = right_shift(%x, %x) : i32[2]
        %y = add(%a, %b) : i32[2]
        return %y
      }
      """)
    #expect(
      problems(graph).map(\.place.spot) == ["node `a` (left_shift)", "node `b` (right_shift)"])
    #expect(problems(graph).allSatisfy { $0.message.cause == .unsupported && $0.help != nil })
  }

  @Test func elidedConstantsAreRefused() throws {
    let graph = try Graph.parsed(
      """
      graph hollow(%x: f32[2]) {
        %w = constant(elided) : f32[2]
        %y = add(%x, %w) : f32[2]
        return %y
      }
      """)
    #expect(problems(graph).map(\.message.id) == ["elided-constant"])
  }

  @Test func statesAreRefused() throws {
    var graph = Graph(name: "memory")
    let type = TensorType(.f32, [1])
    let state = graph.addState("s", type, initial: TensorData([Float(0)]))
    graph.setOutputs(try graph.insert(Abs(), [state]))
    #expect(problems(graph).map(\.message.id) == ["onnx-states"])
  }

  private func problems(_ graph: Graph) -> [Diagnostic] {
    do {
      _ = try graph.onnxFile()
      return []
    } catch { return Diagnostics(of: error).all }
  }
}
