import Support
import Testing

struct DiagnosticTests {
  private let message = Diagnostic.Message(id: "too-many", .malformed, "4 operands, expected 3")

  @Test func textNamesPlaceMessageIdAndHelp() {
    let diagnostic = Diagnostic(
      .warning, message, at: .init(file: "a.tflite", spot: "operator 3"), help: "drop one")
    #expect(
      diagnostic.description
        == "a.tflite, operator 3: warning: 4 operands, expected 3 [too-many]\n  help: drop one")
  }

  @Test func textWithoutPlaceBeginsWithTheSeverity() {
    #expect(Diagnostic(message).description == "error: 4 operands, expected 3 [too-many]")
  }

  @Test func placesAreFilledInButNotReplaced() {
    let inner = Diagnostic(message, at: "line 3")
    let located = inner.located(in: .init(file: "a.graph", spot: "elsewhere"))
    #expect(located.place == .init(file: "a.graph", spot: "line 3"))
  }

  @Test func locatingReachesEveryDiagnostic() throws {
    let thrown = try #require(throws: Diagnostics.self) {
      try locating(in: .init(file: "a.graph")) {
        throw Diagnostics([Diagnostic(message), Diagnostic(message, at: "line 2")])
      }
    }
    #expect(thrown.all.map(\.place.file) == ["a.graph", "a.graph"])
    #expect(thrown.all.map(\.place.spot) == [nil, "line 2"])
  }

  @Test func onlyErrorsAreThrown() throws {
    try Diagnostics([Diagnostic(.warning, message)]).throwIfErrors()
    #expect(throws: Diagnostics.self) {
      try Diagnostics([Diagnostic(.warning, message), Diagnostic(message)]).throwIfErrors()
    }
  }
}
