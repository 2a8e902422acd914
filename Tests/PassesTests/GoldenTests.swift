import GraphIR
import Passes
import TestSupport
import Testing

struct GoldenTests {
  private static let goldens = Golden.all(beside: #filePath)

  @Test(arguments: goldens)
  func golden(_ golden: Golden) throws {
    let pass = try #require(Pass.all.first { $0.name == golden.folder }, "no such pass")
    let problems = try golden.problems(with: pass)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func everyPassHasThreeGoldensAndOneWhereItMustNotFire() {
    for pass in Pass.all {
      let goldens = Self.goldens.filter { $0.folder == pass.name }
      #expect(goldens.count >= 3, "\(pass.name)")
      #expect(goldens.contains { $0.isLeftAlone }, "\(pass.name)")
    }
  }
}

extension Golden {
  /// Whether the pass must not change the input.
  fileprivate var isLeftAlone: Bool { input == "// \(title)\n\(expected)" }
}
