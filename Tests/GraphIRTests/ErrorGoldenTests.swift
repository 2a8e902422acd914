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
  @Test(arguments: 0..<300 as Range<UInt64>)
  func damagedTextNeverCrashes(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed % 10, element: seed % 2 == 0 ? .f32 : .i8, size: 6)
    var text = Array(graph.text().utf8)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      damage(&text, &generator)
    }
    guard
      let read = try? GraphParser(String(decoding: text, as: UTF8.self), operators: Operators.all)
    else { return }
    _ = read.graph.verify()
    _ = read.graph.text()
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
