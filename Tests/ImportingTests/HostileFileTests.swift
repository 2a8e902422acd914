import Evaluation
import Foundation
import GraphIR
import Importing
import Operators
import Support
import TestSupport
import Tensors
import Testing

/// Model files come from strangers: whatever is in them, they are read or reported.
struct HostileFileTests {
  /// Small ones, so that damage hits structure rather than weights.
  private static let models = TestFiles.allModels.filter { path in
    size(path) < 100_000 && (try? Model(path)) != nil
  }

  private static let wrongFiles: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/errors").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().map { "\(folder)/\($0)" }
  }()

  @Test func filesThatAreNoModelsAreReported() throws {
    let files: [[UInt8]] = [
      [], [0], Array("TFL3".utf8), [0, 0, 0, 0] + Array("TFL3".utf8),
      [255, 255, 255, 255] + Array("TFL3".utf8), [8, 0, 0, 0] + Array("TFL2".utf8) + [0, 0, 0, 0],
      Array(repeating: 0, count: 4096), Array(repeating: 255, count: 4096),
    ]
    for file in files { #expect(try outcome(of: file) == .reported) }
  }

  /// Each is named for the diagnostic that it must give.
  @Test(.timeLimit(.minutes(1)), arguments: wrongFiles)
  func wrongFilesAreReported(path: String) throws {
    let name = path.split(separator: "/").last ?? ""
    let problems = try #require(throws: Diagnostics.self) { try Model(path) }
    #expect(problems.all.map(\.message.id) == [name.split(separator: ".").first.map(String.init)])
  }

  @Test(
    .enabled(if: !models.isEmpty, "no models beside the checkout"), .timeLimit(.minutes(5)),
    arguments: models)
  func truncatedFilesAreReported(path: String) throws {
    let whole = try bytes(of: path)
    var generator = SeededGenerator(seed: 1)
    let lengths =
      Array(0...40) + (0..<20).map { _ in Int.random(in: 0..<whole.count, using: &generator) }
    for length in lengths + [whole.count - 1] {
      // The last bytes may be padding, without which the file is whole.
      let result = try outcome(of: Array(whole.prefix(length)))
      #expect(result == .reported || length > whole.count - 64, "\(length) bytes of \(path)")
    }
  }

  @Test(
    .enabled(if: !models.isEmpty, "no models beside the checkout"), .timeLimit(.minutes(10)))
  func damagedFilesAreReadOrReported() throws {
    let wholes = try Self.models.map(bytes)
    var outcomes: [Outcome: Int] = [:]
    for seed in 0..<TestFiles.mutations {
      var generator = SeededGenerator(seed: UInt64(seed))
      var file = wholes[seed % wholes.count]
      damage(&file, &generator)
      outcomes[try outcome(of: file), default: 0] += 1
    }
    // Both must occur, or the damage tests nothing.
    #expect(outcomes[.reported] != nil)
    #expect(outcomes[.read] != nil)
  }

  /// Other digits in attributes, extents and scales: what is still a graph must run.
  @Test(.timeLimit(.minutes(10)))
  func changedNumbersAreReadOrReported() throws {
    let texts = try (0..<20 as Range<UInt64>).map { seed in
      try RandomGraph.make(seed: seed, element: seed % 2 == 0 ? .f32 : .i8, size: 6).text()
    }
    var outcomes: [Outcome: Int] = [:]
    for seed in 0..<TestFiles.mutations {
      var generator = SeededGenerator(seed: UInt64(seed))
      var text = Array(texts[seed % texts.count].utf8)
      let digits = text.indices.filter {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[$0])
      }
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let digit = Array("0123456789-".utf8).randomElement(using: &generator)
        text[digits.randomElement(using: &generator)!] = digit!  // every graph has extents
      }
      outcomes[try outcome(of: text, format: "graph"), default: 0] += 1
    }
    #expect(outcomes[.reported] != nil)
    #expect(outcomes[.read] != nil)
  }

  private enum Outcome { case read, reported }

  /// What becomes of a file with these bytes. If it is read, its graph must be sound, print and run.
  private func outcome(of file: [UInt8], format: String = "tflite") throws -> Outcome {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/model.\(format)"
      try FileBytes.write(file, to: path)
      do {
        try exercise(Model(path).graph)
        return .read
      } catch is Diagnostic {
        return .reported
      } catch is Diagnostics {
        return .reported
      }
    }
  }

  private func exercise(_ graph: Graph) throws {
    #expect(graph.verify().isEmpty)
    let isSmall = graph.values.ids.map { graph.values[$0].type.byteCount }.reduce(0, +) < 1 << 23
    let work = graph.order.map { graph.work(of: $0).macs + graph.work(of: $0).elementOperations }
    guard isSmall, work.reduce(0, +) < 1 << 26 else { return }
    let text = graph.text()
    #expect(try GraphParser(text, operators: Operators.all).graph.text() == text)
    _ = try graph.evaluate(InputBinding(graph, given: [], seed: 1).tensors)
  }

  /// Flips bits, writes extreme numbers, or copies one part over another.
  private func damage(_ file: inout [UInt8], _ generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      let position = Int.random(in: 0..<file.count - 8, using: &generator)
      switch generator.next() % 4 {
      case 0, 1: file[position] ^= 1 << (generator.next() % 8)
      case 2:
        let extremes: [Int32] = [0, -1, 1, .max, .min, 1 << 16, -2, 255]
        let number = extremes.randomElement(using: &generator)!  // there are some
        withUnsafeBytes(of: number.littleEndian) { bytes in
          file.replaceSubrange(position / 4 * 4..<position / 4 * 4 + 4, with: bytes)
        }
      default:
        let source = Int.random(in: 0..<file.count - 8, using: &generator)
        file.replaceSubrange(position..<position + 8, with: Array(file[source..<source + 8]))
      }
    }
  }

  private func bytes(of path: String) throws -> [UInt8] {
    let file = try FileBytes(mapping: path)
    return Array(file.bytes)
  }

  private static func size(_ path: String) -> Int {
    (try? FileBytes(mapping: path).bytes.count) ?? 0
  }
}
