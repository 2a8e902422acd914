import GraphIR
import Support
import TestSupport
import Tensors
import Testing

import Evaluation

struct ArrayArchiveTests {
  private static let types = [TensorType(.f32, [1, 2]), TensorType(.i8, [1, 1])]

  @Test(arguments: [SampleFiles.storedArchive, SampleFiles.deflatedArchive])
  func arraysAreFoundByTheNamesOfInputs(bytes: [UInt8]) throws {
    try Self.withArchive(bytes) { path in
      let samples = try Samples(
        .files([SampleFile(path: path)], limit: nil), for: Self.graph,
        preprocessing: Preprocessing())
      #expect(samples.count == 3)
      #expect(try samples.inputs(at: 2).map(\.storedNumbers) == [[4, 5], [2]])
      let problem = Fixture.problem {
        try Samples(.files([SampleFile(path: path)], limit: 1), Self.types)
      }
      #expect(problem == "no-such-array")
    }
  }

  @Test func aSingleArrayNeedsNoName() throws {
    try Self.withArchive(SampleFiles.singleArchive) { path in
      let samples = try Samples(.files([SampleFile(path: path)], limit: nil), Self.types[0])
      #expect(try samples.inputs(at: 1)[0].storedNumbers == [2, 3])
    }
  }

  @Test func everyTruncationIsReported() throws {
    for count in 0..<SampleFiles.deflatedArchive.count {
      let id = try Self.problem(Array(SampleFiles.deflatedArchive.prefix(count)))
      #expect(id == "damaged-archive")
    }
  }

  /// What is changed may not matter, such as a date.
  @Test(arguments: 0..<TestFiles.mutations)
  func damageIsReportedOrHarmless(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var bytes = seed % 2 == 0 ? SampleFiles.deflatedArchive : SampleFiles.storedArchive
    for _ in 0..<1 + seed % 4 {
      bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(
        truncatingIfNeeded: generator.next())
    }
    #expect(!(try Self.problem(bytes)).contains(" "))
  }

  /// The fields that say so, at their places in the directory's first entry, in its end, or in both.
  @Test(arguments: [(8, 1, "unsupported-archive"), (10, 12, "unsupported-archive")])
  func otherArchivesAreRefused(place: Int, number: UInt8, id: String) throws {
    var bytes = SampleFiles.storedArchive
    let entry = try #require(bytes.firstRange(of: [0x50, 0x4b, 1, 2])).lowerBound
    bytes[entry + place] = number
    #expect(try Self.problem(bytes) == id)
  }

  @Test func largeArchivesAreRefused() throws {
    var bytes = SampleFiles.storedArchive
    for place in bytes.count - 6..<bytes.count - 2 { bytes[place] = 0xff }
    #expect(try Self.problem(bytes) == "unsupported-archive")
  }

  private static var graph: Graph {
    var graph = Graph(name: "g")
    graph.addInput("x", types[0])
    graph.addInput("y", types[1])
    return graph
  }

  private static func problem(_ bytes: [UInt8]) throws -> String {
    try withArchive(bytes) { path in
      Fixture.problem {
        let source = SampleSource.files([SampleFile(path: path)], limit: nil)
        let samples = try Samples(source, for: graph, preprocessing: Preprocessing())
        for index in 0..<samples.count { _ = try samples.inputs(at: index) }
      }
    }
  }

  private static func withArchive<Result>(
    _ bytes: [UInt8], _ body: (String) throws -> Result
  ) throws -> Result {
    try TestFiles.withFolder { folder in
      try FileBytes.write(bytes, to: "\(folder)/data.npz")
      return try body("\(folder)/data.npz")
    }
  }
}
