import GraphIR
import Operators
import Support
import TestSupport
import Testing

struct ErrorGoldenTests {
  @Test(arguments: Golden.all(beside: #filePath))
  func wrongTextIsReportedWhereItIsWrong(_ golden: Golden) throws {
    let problems = try golden.problemsWithErrors()
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  /// Whatever stands in the text, reading it ends with a graph or a diagnostic.
  @Test func damagedTextNeverCrashes() throws {
    let texts = try (0..<10 as Range<UInt64>).map { seed in
      try RandomGraph.make(seed: seed, element: seed % 2 == 0 ? .f32 : .i8, size: 6).text()
    }
    for seed in 0..<TestFiles.mutations {
      var generator = SeededGenerator(seed: UInt64(seed))
      var text = Array(texts[seed % texts.count].utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) { damage(&text, &generator) }
      try exercise(String(decoding: text, as: UTF8.self))
    }
  }

  private func exercise(_ text: String) throws {
    do {
      let graph = try GraphParser(text, operators: Operators.all).graph
      guard graph.verify().isEmpty else { return }
      #expect(try GraphParser(graph.text(), operators: Operators.all).graph == graph)
    } catch is Diagnostic {
      // What else is thrown fails the test.
    }
  }

  private func damage(_ text: inout [UInt8], _ generator: inout SeededGenerator) {
    let position = Int.random(in: 0..<text.count, using: &generator)
    switch generator.next() % 4 {
    case 0: text.remove(at: position)
    case 1: text[position] = UInt8.random(in: 9...126, using: &generator)
    case 2:
      text.insert(Array("0-9e%#[]{}<>:,\"".utf8).randomElement(using: &generator)!, at: position)
    default: text.removeSubrange(position..<min(text.count, position + 20))
    }
  }
}
