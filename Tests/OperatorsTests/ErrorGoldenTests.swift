import TestSupport
import Testing

struct ErrorGoldenTests {
  @Test(arguments: Golden.all(beside: #filePath))
  func wrongOperandsAreReported(_ golden: Golden) throws {
    let problems = try golden.problemsWithErrors()
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}
