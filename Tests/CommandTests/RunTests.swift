import Foundation
import Support
import TestSupport
import Tensors
import Testing

/// What `dovetail run` and `evaluate` promise.
struct RunTests {
  private static let targets = ["ethos-u55-128", "ethos-u55-256"]

  @Test func numberOfThreadsChangesNothing() throws {
    let folders = try ["1", "2", "2"].map { threads in
      try Self.results(["--threads", threads, "--all-values", "--seed", "3"])
    }
    #expect(folders[0].count > 10)
    #expect(folders.allSatisfy { $0 == folders[0] })
  }

  @Test(arguments: targets)
  func simulatedValuesAreThoseOfTheReference(target: String) throws {
    let arguments = ["--all-values", "--seed", "5"]
    let reference = try Self.values(Self.results(arguments))
    let simulated = try Self.values(Self.results(arguments + ["--target", target]))
    let both = Set(reference.keys).intersection(simulated.keys)
    #expect(both.count == simulated.count && both.count > 10)
    for index in both { #expect(reference[index] == simulated[index], "tensor \(index)") }
  }

  /// Two steps at once are the steps one by one, behind each other.
  @Test func stepsAreStacked() throws {
    try TestFiles.withFolder { folder in
      let images = try NumPyFile.read(Example.images.inRepository)
      let parts = [0..<1, 1..<2, 0..<2].map { images.samples($0) }
      let outputs = try parts.enumerated().map { number, part in
        let path = "\(folder)/\(number).npy"
        try FileBytes.write(NumPyFile.bytes(of: part), to: path)
        return try Self.output(["--input", path, "--steps", String(part.type.shape[0])])
      }
      #expect(outputs[2].type.shape.extents == [2] + outputs[0].type.shape.extents.dropFirst())
      #expect(outputs[2].storedNumbers == outputs[0].storedNumbers + outputs[1].storedNumbers)
    }
  }

  /// As the test data of ONNX come: `dims: 2, data_type: FLOAT, float_data: [1, -2]`.
  @Test func inputsMayBeONNXTensors() throws {
    try TestFiles.withFolder { folder in
      let graph = "graph main(%x: f32[2]) {\n  %y = abs(%x) : f32[2]\n  return %y\n}\n"
      try FileBytes.write(Array(graph.utf8), to: "\(folder)/abs.graph")
      let tensor: [UInt8] = [0x08, 2, 0x10, 1, 0x22, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
      try FileBytes.write(tensor, to: "\(folder)/x.pb")
      try FileBytes.write(tensor.dropLast(), to: "\(folder)/short.pb")
      let run = ["run", "\(folder)/abs.graph", "--quiet", "--output-dir", "\(folder)/out"]
      let result = try DovetailCommand.run(run + ["--input", "\(folder)/x.pb"])
      #expect(result.status == 0, "\(result.messages)")
      let name = try #require(contents(of: "\(folder)/out").keys.first { $0.hasSuffix(".npy") })
      #expect(try NumPyFile.read("\(folder)/out/\(name)").storedNumbers == [1, 2])
      let short = try DovetailCommand.run(run + ["--input", "\(folder)/short.pb"])
      #expect(short.status == 65 && short.messages.contains("short.pb: error: "))
    }
  }

  @Test func noiseIsAnnounced() throws {
    let result = try DovetailCommand.run("run", Example.model)
    #expect(result.messages.hasPrefix("note: no data for input"))
    #expect(result.messages.contains("--seed 0"))
    let quiet = try DovetailCommand.run("run", Example.model, "--quiet")
    #expect(quiet.output.isEmpty && quiet.messages.isEmpty)
  }

  @Test func repetitionPrintsItsTime() throws {
    let result = try DovetailCommand.run(
      "run", Example.model, "--quiet", "--repeat", "3", "--threads", "2")
    let line =
      /time: median [0-9.]+ ms, min [0-9.]+ ms, max [0-9.]+ ms, 3 runs, 2 threads\n/
    #expect(try line.wholeMatch(in: result.messages) != nil, "\(result.messages)")
    #expect(result.output.isEmpty)
  }

  /// As its README says; the simulated NPU computes the same bits.
  @Test(arguments: [[], ["--target", targets[0]], ["--target", targets[1]]])
  func accuracyOfTheExample(target: [String]) throws {
    let data = ["--data", Example.images, "--labels", Example.labels]
    let result = try DovetailCommand.run(["evaluate", Example.model] + data + target)
    #expect(
      result.output == "top1 92.00 % (276 of 300; 95 % interval 88.4 % to 94.6 %)\n")
    let json = try DovetailCommand.run(
      ["evaluate", Example.model] + data + target + ["--json", "-"])
    #expect(json.output.contains("\"correct\" : 276"))
  }

  /// The files that a run writes.
  private static func results(_ arguments: [String]) throws -> [String: Data] {
    try TestFiles.withFolder { folder in
      let result = try DovetailCommand.run(
        ["run", Example.model, "--quiet", "--output-dir", folder] + arguments)
      #expect(result.status == 0, "\(result.messages)")
      return try contents(of: folder)
    }
  }

  private static func output(_ arguments: [String]) throws -> Tensor {
    try TestFiles.withFolder { folder in
      _ = try DovetailCommand.run(
        ["run", Example.model, "--quiet", "--output-dir", folder] + arguments)
      let files = try contents(of: folder).keys.filter { $0.hasSuffix(".npy") }
      #expect(files.count == 1)
      return try NumPyFile.read("\(folder)/\(files[0])")
    }
  }

  /// Of `values.json`, each value's file by its index.
  private static func values(_ files: [String: Data]) throws -> [Int: Data] {
    struct Entry: Decodable {
      let index: Int?
      let file: String
    }
    let entries = try JSONDecoder().decode([Entry].self, from: files["values.json"] ?? Data())
    return entries.reduce(into: [:]) { values, entry in
      if let index = entry.index { values[index] = files[entry.file] }
    }
  }
}

extension String {
  fileprivate var inRepository: String { TestFiles.repository.appending(path: self).path }
}

extension Tensor {
  /// Some indices of the first axis.
  fileprivate func samples(_ range: Range<Int>) -> Tensor {
    let each = type.elementCount / type.shape[0]
    let shape = Shape([range.count] + type.shape.extents.dropFirst())
    let numbers = storedNumbers[range.lowerBound * each..<range.upperBound * each]
    return Tensor(TensorType(type.element, shape), numbers: Array(numbers))
  }
}
