import Evaluation
import Foundation
import GraphIR
import Importing
import ONNXSchema
import Support
import TestSupport
import Tensors
import Testing

/// Whatever is in an ONNX file, or beside it, it is read or reported.
struct ONNXHostileTests {
  /// With constants, an attribute of each kind, a function, and graphs within a node.
  private static let model = ONNXModelProto(
    [
      ONNXNodeProto("Reshape", ["x", "shape"], ["r"]),
      ONNXNodeProto("Twice", ["r"], ["t"], domain: "ours"),
      ONNXNodeProto("Concat", ["t", "w"], ["j"], .integer("axis", 1)),
      ONNXNodeProto("LeakyRelu", ["j"], ["l"], .float("alpha", 0.5)),
      ONNXNodeProto(
        "If", ["c"], ["y"],
        .graph("then_branch", ONNXGraphProto([ONNXNodeProto("Abs", ["l"], ["a"])], outputs: ["a"])),
        .graph("else_branch", ONNXGraphProto([ONNXNodeProto("Neg", ["l"], ["b"])], outputs: ["b"]))
      ),
    ],
    inputs: [.tensor("x", ["n", 6]), .tensor("c", [], element: 9)],
    constants: [
      ONNXTensorProto("shape", [2, 3]), ONNXTensorProto("w", floats: [1, 2, 3, 4], [2, 2]),
    ]
  ).with(ONNXFunctionProto("Twice", [ONNXNodeProto("Add", ["a", "a"], ["b"])]))

  @Test func filesThatAreNoModelsAreReported() throws {
    let files: [[UInt8]] = [
      [], [0], Array("ONNX".utf8), Array(repeating: 0, count: 4096),
      Array(repeating: 255, count: 4096),
      // The begin of a group in a group, and so on.
      Array(repeating: 0x0b, count: 1 << 16),
    ]
    for file in files { #expect(try problems(of: file) == ["not-onnx"]) }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ONNXWrongFile.all)
  func wrongFilesAreReported(file: ONNXWrongFile) throws {
    #expect(try problems(of: file.model.bytes()) == [file.id])
  }

  @Test(.timeLimit(.minutes(1)))
  func truncatedFilesAreReadOrReported() throws {
    let whole = try Self.model.bytes()
    #expect(try problems(of: whole).isEmpty)
    let reported = try (0..<whole.count).count { length in
      try !problems(of: Array(whole.prefix(length))).isEmpty
    }
    // Where a field ends, the file may end too, but what it lacks then is missed.
    #expect(reported > whole.count * 9 / 10)
  }

  @Test(.timeLimit(.minutes(5)))
  func damagedFilesAreReadOrReported() throws {
    let whole = try Self.model.bytes()
    var readCount = 0
    for seed in 0..<TestFiles.mutations {
      var generator = SeededGenerator(seed: UInt64(seed))
      var file = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let position = Int.random(in: 0..<file.count, using: &generator)
        file[position] = UInt8.random(in: 0...255, using: &generator)
      }
      if try problems(of: file).isEmpty { readCount += 1 }
    }
    // Both must occur, or the damage tests nothing.
    #expect(readCount > 0 && readCount < TestFiles.mutations)
  }

  /// Every integer of the model in turn becomes one of those that nobody means.
  @Test(.timeLimit(.minutes(5)), arguments: [-1, 0, 1 << 31, 1 << 40, .max, .min] as [Int64])
  func absurdIntegersAreReadOrReported(number: Int64) throws {
    for position in 0..<2 {
      let model = Self.model.changed { $0.graph.initializer[0].int64Data[position] = number }
      // As an extent, −1 stands for what is left.
      #expect(try problems(of: model.bytes()).isEmpty == (number == -1))
      let extents = Self.model.changed { $0.graph.initializer[1].dims[position] = number }
      #expect(try !problems(of: extents.bytes()).isEmpty)
      let input = Self.model.changed {
        $0.graph.input[0].type.tensorType.shape.dim[position].dimValue = number
      }
      _ = try problems(of: input.bytes())
    }
    let axis = Self.model.changed { $0.graph.node[2].attribute[0].i = number }
    #expect(try problems(of: axis.bytes()).isEmpty == (number == -1))
  }

  /// A fill makes gigabytes of a few bytes: not while the file is read.
  @Test(.timeLimit(.minutes(1)))
  func largeConstantsAreLeftToTheRun() throws {
    let fills = (0..<40).map { ONNXNodeProto("ConstantOfShape", ["s"], ["c\($0)"]) }
    let sums = (0..<40).map { index in
      ONNXNodeProto(
        "Add", [index == 0 ? "x" : "y\(index - 1)", "c\(index)"], [index == 39 ? "y" : "y\(index)"])
    }
    let graph = try ONNXModelProto(
      fills + sums, inputs: [.tensor("x", [1])], constants: [ONNXTensorProto("s", [1 << 27])]
    ).imported().graph
    let constants = graph.values.ids.compactMap(graph.constantData)
    #expect(constants.map(\.byteCount).reduce(0, +) <= 1 << 31)
    #expect(graph.order.count >= 78)
  }

  /// Graphs that only a run can choose between are kept, and their text holds all that are within.
  @Test(.timeLimit(.minutes(1)))
  func graphsWithinGraphsHaveAnEnd() throws {
    #expect(try problems(of: nestedBranches(4).bytes()).isEmpty)
    #expect(try problems(of: nestedBranches(20).bytes()) == ["too-deep"])
  }

  private func nestedBranches(_ depth: Int) -> ONNXModelProto {
    var inner = ONNXGraphProto([ONNXNodeProto("Abs", ["x"], ["y0"])], outputs: ["y0"])
    let other = ONNXGraphProto([ONNXNodeProto("Neg", ["x"], ["z"])], outputs: ["z"])
    for level in 1..<depth {
      let branches = ONNXNodeProto(
        "If", ["c"], ["y\(level)"], .graph("then_branch", inner), .graph("else_branch", other))
      inner = ONNXGraphProto([branches], outputs: ["y\(level)"])
    }
    let node = ONNXNodeProto(
      "If", ["c"], ["y"], .graph("then_branch", inner), .graph("else_branch", other))
    return ONNXModelProto([node], inputs: [.tensor("x", [2]), .tensor("c", [], element: 9)])
  }

  /// The ids of what is wrong with a file; if nothing is, its graph must be sound, print and run.
  private func problems(of file: [UInt8]) throws -> [String] {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/model.onnx"
      try FileBytes.write(file, to: path)
      do {
        try exercise(Model(path).graph)
        return []
      } catch let problem as Diagnostic {
        return [problem.message.id]
      } catch let problems as Diagnostics {
        return problems.all.map(\.message.id)
      }
    }
  }

  private func exercise(_ graph: Graph) throws {
    #expect(graph.verify().isEmpty)
    let byteCounts = graph.values.ids.map { graph.values[$0].type.byteCount }
    guard byteCounts.reduce(0, +) < 1 << 23 else { return }
    _ = graph.text()
    _ = try graph.evaluate(InputBinding(graph, given: [], seed: 1).tensors)
  }
}

/// The numbers of tensors may lie in other files, but only in the model's folder.
struct ONNXExternalDataTests {
  private static let bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]

  /// Those at offset 4 are 1 and 2.
  @Test(arguments: ["w.bin", "./w.bin", "sub/w.bin", "link-inside.bin"])
  func filesOfTheFolderAreRead(location: String) throws {
    let graph = try imported(["location": location, "offset": "4", "length": "8"])
    #expect(
      try graph.evaluate([Tensor(TensorType(.f32, [2]), numbers: [0, 0])])[0].storedNumbers == [
        1, 2,
      ])
  }

  @Test(arguments: [
    "/etc/hostname", "../outside.bin", "sub/../../outside.bin", "link.bin", "linked/outside.bin",
    "", ".", "..", "w.bin\0",
  ])
  func filesOutsideAreNot(location: String) {
    #expect(problem(["location": location]) == "external-location")
  }

  @Test(arguments: ["none.bin", "none/none.bin", "sub"])
  func missingFilesAreReported(location: String) {
    #expect(problem(["location": location]) == "unreadable-file")
  }

  @Test(arguments: [
    ["offset": "8"], ["offset": "-1"], ["offset": "9223372036854775807"], ["offset": "x"],
    ["offset": "99999999999999999999"], ["length": "4"], ["length": "-1"],
    ["length": "9223372036854775807"],
  ])
  func wrongRangesAreReported(range: [String: String]) {
    #expect(problem(range.merging(["location": "w.bin"]) { $1 }) == "external-range")
  }

  private func problem(_ entries: [String: String]) -> String? {
    do {
      _ = try imported(entries)
      return nil
    } catch {
      return (error as? Diagnostic ?? (error as? Diagnostics)?.all.first)?.message.id
    }
  }

  /// `x + w`, with `w` in another file.
  private func imported(_ entries: [String: String]) throws -> Graph {
    try TestFiles.withFolder { folder in
      let home = "\(folder)/home"
      for path in ["w.bin", "sub/w.bin", "../outside.bin"] {
        try FileBytes.createFolder(
          URL(fileURLWithPath: "\(home)/\(path)").deletingLastPathComponent().path)
        try FileBytes.write(Self.bytes, to: "\(home)/\(path)")
      }
      for (link, target) in [
        ("link.bin", "\(folder)/outside.bin"), ("linked", folder), ("link-inside.bin", "w.bin"),
      ] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(home)/\(link)", withDestinationPath: target)
      }
      let model = ONNXModelProto(
        [ONNXNodeProto("Add", ["x", "w"], ["y"])], constants: [ONNXTensorProto("w", in: entries)])
      try FileBytes.write(model.bytes(), to: "\(home)/model.onnx")
      return try Model("\(home)/model.onnx").graph
    }
  }
}
