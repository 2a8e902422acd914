import Reporting
import Support
import Synchronization
import TestSupport
import Testing

/// A suite may take minutes: who waits sees how far it is.
struct CheckProgressTests {
  @Test func lineMovesWithEachNetworkAndGoes() throws {
    let entries = ["ethos-u55-32", "ethos-u55-64", "ethos-u55-128"].map {
      Suite.Entry(model: TestFiles.fashion, target: TargetVariant.path(of: $0))
    }
    let screen = Screen()
    let run = CheckRun(cache: nil, tool: "", measure: CheckFixture.measure)
    let found = run.measured(
      entries, jobs: 2,
      progress: ProgressLine("checking", total: entries.count, on: screen.display))
    #expect(found.count == entries.count)
    let written = screen.written
    #expect(written.count == entries.count + 1)
    #expect(written[0].hasPrefix("\rchecking: 1 of 3, 33 %"))
    #expect(written[2].hasPrefix("\rchecking: 3 of 3, 100 %"))
    #expect(written[3] == "\r\u{1b}[K")
  }
}

/// A terminal on which two seconds pass whenever somebody looks at the clock.
private final class Screen: Sendable {
  private let state = Mutex<(looks: Int, written: [String])>((0, []))

  var written: [String] { state.withLock { $0.written } }

  var display: ProgressLine.Display {
    ProgressLine.Display(
      now: {
        self.state.withLock { state in
          state.looks += 1
          return .seconds(2 * state.looks)
        }
      }, write: { text in self.state.withLock { $0.written.append(text) } })
  }
}
