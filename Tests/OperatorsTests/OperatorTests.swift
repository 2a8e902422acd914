import GraphIR
import Operators
import TestSupport
import Tensors
import Testing

struct OperatorTests {
  @Test(arguments: Operators.all.all.map { $0.name })
  func operatorDoesWhatItsExamplesSay(name: String) throws {
    let problems = try checkOperator(#require(Operators.all[name]))
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test func namesAreSortedLowerSnakeCase() {
    let names = Operators.all.all.map { $0.name }
    #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } })
    #expect(Set(names).count == names.count)
  }
}
