import GraphIR
import Hardware
import Lowering
import Operators
import TestSupport
import Testing

/// Graphs with the text of their program or schedule, by the name of the folder.
struct GoldenTests {
  private static let goldens = Golden.all(beside: #filePath)

  @Test(arguments: goldens)
  func golden(_ golden: Golden) throws {
    let graph = try GraphParser(golden.input, operators: Operators.all).graph
    let program = try Program(lowering: graph, to: TestTarget.make())
    #expect(program.verify() == [])
    #expect(!golden.title.isEmpty)
    let text =
      golden.folder == "schedule" ? program.scheduleDescription : program.description
    let problems = try golden.compare(text)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    let found = try graph.disagreements(on: TestTarget.make())
    #expect(found == [])
  }
}
