import ONNXSchema

/// A model that something is wrong with, and the diagnostic that it must give.
struct ONNXWrongFile: CustomStringConvertible, Sendable {
  let id: String
  let title: String
  let model: ONNXModelProto

  var description: String { "\(id): \(title)" }

  init(_ id: String, _ title: String, _ model: ONNXModelProto) {
    self.id = id
    self.title = title
    self.model = model
  }

  static let all = files + tensors + names + attributes + control + sequences + sizes
}

private typealias Node = ONNXNodeProto
private typealias Model = ONNXModelProto

private let relu = Node("Relu", ["x"], ["y"])

extension ONNXWrongFile {
  private static let files = [
    Self("not-onnx", "no graph", Model()),
    Self("onnx-opset", "version 0", Model([relu], version: 0)),
    Self("unsupported-operator", "unknown", Model([Node("Rely", ["x"], ["y"])])),
    Self(
      "unsupported-operator", "of another domain",
      Model([Node("Relu", ["x"], ["y"], domain: "theirs")])),
    Self("open-shape", "two open axes", Model([relu], inputs: [.tensor("x", ["n", "m"])])),
    Self(
      "onnx-tensor-shape", "input of a negative extent",
      Model([relu], inputs: [.tensor("x", [2, -1])])),
    Self(
      "onnx-tensor-shape", "input of too many elements",
      Model([relu], inputs: [.tensor("x", [0x4000_0000_0000_0000, 4])])),
    Self(
      "onnx-element-type", "input of strings",
      Model([relu], inputs: [.tensor("x", [2], element: 8)])),
    Self("onnx-port-type", "input without a type", Model([relu], inputs: [.untyped("x")])),
    Self("depends-on-values", "input that is a list", Model([relu], inputs: [.sequence("x")])),
  ]

  private static let tensors = [
    Self("onnx-tensor-shape", "negative extent", constant(ONNXTensorProto("c", [1], [-1]))),
    Self("onnx-tensor-size", "too few numbers", constant(ONNXTensorProto("c", [1], [2]))),
    Self("onnx-tensor-size", "too many numbers", constant(ONNXTensorProto("c", [1, 2, 3], [2]))),
    Self(
      "onnx-tensor-size", "no number of gigabytes",
      constant(ONNXTensorProto("c", floats: [], [1 << 38]))),
    Self("onnx-element-type", "type 99", constant(ONNXTensorProto("c", [1]).of(type: 99))),
    Self("external-location", "absolute", constant(ONNXTensorProto("c", in: ["location": "/c"]))),
    Self("onnx-sparse-tensor", "index beyond the end", sparse([1], at: [3], [3])),
    Self("onnx-sparse-tensor", "negative index", sparse([1], at: [-1], [3])),
    Self("onnx-sparse-tensor", "more values than indices", sparse([1, 2], at: [0], [3])),
    Self("onnx-sparse-tensor", "too large", sparse([1], at: [0], [1 << 40])),
  ]

  private static func constant(_ tensor: ONNXTensorProto) -> Model {
    Model([Node("Add", ["x", "c"], ["y"])], constants: [tensor])
  }

  private static func sparse(_ values: [Float], at indices: [Int64], _ extents: [Int64]) -> Model {
    let tensor = ONNXSparseTensorProto(values, at: indices, extents)
    return Model([Node("Constant", [], ["y"], .sparse("sparse_value", tensor))])
  }

  private static let names = [
    Self("tensor-not-computed", "no such tensor", Model([Node("Add", ["x", "z"], ["y"])])),
    Self("tensor-not-computed", "own result", Model([Node("Add", ["x", "y"], ["y"])])),
    Self(
      "tensor-not-computed", "later result",
      Model([Node("Add", ["x", "z"], ["y"]), Node("Relu", ["x"], ["z"])])),
    Self("tensor-not-computed", "output", Model([relu], outputs: ["z"])),
    Self("tensor-defined-twice", "two results", Model([relu, relu])),
    Self(
      "tensor-defined-twice", "result and input",
      Model([Node("Relu", ["x"], ["x"])], outputs: ["x"])),
    Self("onnx-result", "second result of one", Model([Node("Relu", ["x"], ["y", "z"])])),
    Self("onnx-operand", "no operand", Model([Node("Relu", [], ["y"])])),
    Self("onnx-operand", "empty name", Model([Node("Relu", [""], ["y"])])),
  ]

  private static let attributes = [
    Self("onnx-attribute", "absent", Model([Node("Concat", ["x", "x"], ["y"])])),
    Self(
      "onnx-attribute", "float in place of an integer",
      Model([Node("Concat", ["x", "x"], ["y"], .float("axis", 0))])),
    Self("onnx-axis", "beyond", Model([Node("Softmax", ["x"], ["y"], .integer("axis", 1))])),
    Self(
      "onnx-axis", "far before",
      Model([Node("Softmax", ["x"], ["y"], .integer("axis", .min))])),
    Self(
      "axis-out-of-range", "single number for off and on",
      Model(
        [Node("OneHot", ["x", "d", "c"], ["y"])], inputs: [.tensor("x", [2], element: 7)],
        constants: [ONNXTensorProto("d", [3], []), one])),
    Self("strings", "constant", Model([Node("Constant", [], ["y"], .string("value_string", "a"))])),
    Self("bad-range", "no step", range(0, 5, 0)),
    Self("bad-range", "too long", range(.min, .max, 1)),
    Self(
      "depends-on-values", "shape that is an input",
      Model(
        [Node("Reshape", ["x", "s"], ["y"])],
        inputs: [.tensor("x", [2]), .tensor("s", [1], element: 7)])),
  ]

  private static func range(_ start: Int64, _ limit: Int64, _ delta: Int64) -> Model {
    Model(
      [Node("Range", ["a", "b", "c"], ["y"])],
      constants: [
        ONNXTensorProto("a", [start], []), ONNXTensorProto("b", [limit], []),
        ONNXTensorProto("c", [delta], []),
      ])
  }
}

extension ONNXWrongFile {
  private static let control = [
    Self(
      "onnx-attribute", "branch that is no graph",
      Model([Node("If", ["c"], ["y"])], constants: [one])),
    Self(
      "subgraph-inputs", "branch with an input",
      Model(
        [Node("If", ["c"], ["y"], .graph("then_branch", .init([], inputs: ["a"], outputs: ["a"])))],
        constants: [one])),
    Self("onnx-loop", "body without a condition", loop(["i", "k", "s"], gives: [])),
    Self("subgraph-inputs", "body without a state", loop(["i", "k"], gives: ["k", "x"])),
    Self(
      "endless-loop", "2^40 rounds", loop(["i", "k", "s"], gives: ["k", "s"], rounds: 1 << 40)),
    Self("onnx-scan", "over nothing", scan(0)),
    Self("onnx-scan", "over more than there is", scan(2)),
    Self("onnx-scan", "over a negative number", scan(.min)),
    Self("onnx-scan", "of more than the sequence", batchedScan(lengths: [2, 3])),
    Self("onnx-scan", "of a negative length", batchedScan(lengths: [2, -1])),
    Self("onnx-scan", "of lengths of another batch", batchedScan(lengths: [1])),
    Self(
      "too-deep", "function that calls itself",
      Model([Node("F", ["x"], ["y"], domain: "ours")])
        .with(ONNXFunctionProto("F", [Node("F", ["a"], ["b"], domain: "ours")]))),
  ]

  private static let one = ONNXTensorProto("c", [1], [])

  private static func loop(
    _ inputs: [String], gives outputs: [String], rounds: Int64 = 3
  ) -> Model {
    let body = ONNXGraphProto([], inputs: inputs, outputs: outputs)
    return Model(
      [Node("Loop", ["n", "", "x"], ["y"], .graph("body", body))],
      constants: [ONNXTensorProto("n", [rounds], [])])
  }

  private static func scan(_ count: Int64) -> Model {
    let body = ONNXGraphProto([Node("Relu", ["a"], ["b"])], inputs: ["a"], outputs: ["b"])
    return Model([
      Node("Scan", ["x"], ["y"], .graph("body", body), .integer("num_scan_inputs", count))
    ])
  }

  private static func batchedScan(lengths: [Int64]) -> Model {
    let body = ONNXGraphProto([Node("Relu", ["a"], ["b"])], inputs: ["a"], outputs: ["b"])
    return Model(
      [Node("Scan", ["n", "x"], ["y"], .graph("body", body), .integer("num_scan_inputs", 1))],
      inputs: [.tensor("x", [2, 2])], constants: [ONNXTensorProto("n", lengths)], version: 8)
  }

  private static let sequences = [
    Self(
      "bad-position", "beyond the end",
      Model(
        [Node("SequenceConstruct", ["x"], ["s"]), Node("SequenceAt", ["s", "i"], ["y"])],
        constants: [ONNXTensorProto("i", [1], [])])),
    Self("onnx-operand", "tensor for a list", Model([Node("SequenceLength", ["x"], ["y"])])),
    Self(
      "onnx-operand", "list for a tensor",
      Model([Node("SequenceConstruct", ["x"], ["s"]), Node("Relu", ["s"], ["y"])])),
    Self("no-tensors", "list of nothing", Model([Node("SequenceConstruct", [], ["y"])])),
  ]

  /// Small files that name large tensors.
  private static let sizes = [
    Self("impossible-shape", "too many elements", Model(doublings(50))),
    Self(
      "too-many-operators", "functions that call others twice",
      Model([Node("F0", ["x"], ["y"], domain: "ours")]).changed { model in
        model.functions = (0..<30).map { level in
          let inner = "F\(level + 1)"
          return ONNXFunctionProto(
            "F\(level)",
            [
              Node(inner, ["a"], ["c"], domain: "ours"), Node(inner, ["c"], ["b"], domain: "ours"),
            ])
        }
        model.functions.append(ONNXFunctionProto("F30", [Node("Relu", ["a"], ["b"])]))
      }),
  ]

  private static func doublings(_ count: Int) -> [Node] {
    (0..<count).map { index in
      let operand = index == 0 ? "x" : "x\(index)"
      let result = index == count - 1 ? "y" : "x\(index + 1)"
      return Node("Concat", [operand, operand], [result], .integer("axis", 0))
    }
  }
}

extension ONNXTensorProto {
  fileprivate func of(type: Int32) -> Self {
    var copy = self
    copy.dataType = type
    return copy
  }
}
