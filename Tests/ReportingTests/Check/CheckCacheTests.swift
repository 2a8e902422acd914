import Foundation
import Hardware
import Reporting
import Support
import TestSupport
import Testing

/// What did not change is not measured again; what is damaged is.
struct CheckCacheTests {
  @Test func secondRunMeasuresNothing() throws {
    try TestFiles.withFolder { folder in
      let (first, second) = (Counter(), Counter())
      let entries = try Self.entries()
      let a = Self.run(folder, first).measured(entries, jobs: 2)
      let b = Self.run(folder, second).measured(entries, jobs: 2)
      #expect(first.count == entries.count && second.count == 0)
      #expect(a.map(\.facts) == b.map(\.facts))
      #expect(b.map(\.isCached) == entries.map { _ in true })
    }
  }

  @Test func anotherToolOrModelIsMeasured() throws {
    try TestFiles.withFolder { folder in
      let counter = Counter()
      let entries = Array(try Self.entries().prefix(1))
      _ = Self.run(folder, counter).measured(entries, jobs: 1)
      _ = Self.run(folder, counter, tool: "another").measured(entries, jobs: 1)
      #expect(counter.count == 2)
      let other = Suite.Entry(
        model: entries[0].model, target: entries[0].target, disabledPasses: ["fuse-clamps"])
      _ = Self.run(folder, counter).measured([other], jobs: 1)
      #expect(counter.count == 3)
    }
  }

  /// One digit changed, the end cut off, emptied, or no text at all.
  @Test func damagedEntriesAreMeasuredAgain() throws {
    try TestFiles.withFolder { folder in
      let entries = Array(try Self.entries().prefix(1))
      let sound = Self.run(folder, Counter()).measured(entries, jobs: 1)
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
      let path = "\(folder)/\(name)"
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      var text = String(decoding: bytes, as: UTF8.self)
      let cycles = try #require(text.firstMatch(of: /"latencyCycles" : [0-9]+/))
      text.replaceSubrange(cycles.range, with: "\"latencyCycles\" : 12345")
      for damaged in [Array(text.utf8), Array(bytes.dropLast(9)), [], [0xff, 0xfe, 10, 0xff]] {
        try FileBytes.write(damaged, to: path)
        let counter = Counter()
        let again = Self.run(folder, counter).measured(entries, jobs: 1)
        #expect(counter.count == 1)
        #expect(again.map(\.facts) == sound.map(\.facts))
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
      }
    }
  }

  @Test func orderIsThatOfTheSuite() throws {
    let entries = try Self.entries() + Self.entries() + Self.entries()
    for jobs in [1, 2, 5] {
      let run = CheckRun(cache: nil, tool: "", measure: CheckFixture.measure)
      #expect(run.measured(entries, jobs: jobs).map(\.entry.target) == entries.map(\.target))
    }
  }

  @Test func folderThatCannotBeWrittenIsNoFailure() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([1], to: "\(folder)/file")
      let found = Self.run("\(folder)/file/below", Counter()).measured(try Self.entries(), jobs: 1)
      #expect(found.allSatisfy { $0.facts != nil })
    }
  }

  @Test func networkThatCannotBeMeasuredDoesNotStopOthers() throws {
    let target = TargetVariant.path(of: "ethos-u55-128")
    let entries = [Suite.Entry(model: "missing.tflite", target: target)] + (try Self.entries())
    let run = CheckRun(cache: nil, tool: "", measure: CheckFixture.measure)
    let found = run.measured(entries, jobs: 2)
    #expect(found[0].diagnostics.map(\.message.cause) == [.unreadable])
    #expect(found.dropFirst().allSatisfy { $0.facts != nil })
  }

  private static func entries() throws -> [Suite.Entry] {
    TargetVariant.names.map {
      Suite.Entry(model: TestFiles.fashion, target: TargetVariant.path(of: $0))
    }
  }

  private static func run(_ folder: String, _ counter: Counter, tool: String = "tool") -> CheckRun {
    CheckRun(cache: CheckCache(folder: folder), tool: tool) { entry, target in
      counter.add()
      return try CheckFixture.measure(entry, target)
    }
  }
}
