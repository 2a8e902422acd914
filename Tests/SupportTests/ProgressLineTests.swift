import Support
import Testing

/// The line is for people who wait: nobody sees it where nobody waits.
struct ProgressLineTests {
  @Test func quickWorkShowsNothing() {
    let terminal = FakeTerminal()
    let line = ProgressLine("working", total: 10, on: terminal.display)
    for _ in 0..<10 {
      terminal.time += .milliseconds(99)
      line.advance()
    }
    line.finish()
    #expect(terminal.text.isEmpty)
  }

  @Test func longWorkShowsHowFarItIs() {
    let terminal = FakeTerminal()
    let line = ProgressLine("evaluating", total: 300, on: terminal.display)
    for _ in 0..<120 {
      terminal.time += .milliseconds(25)
      line.advance()
    }
    #expect(terminal.lines.first == "evaluating: 40 of 300, 13 %, 7 s left")
    #expect(terminal.lines.last == "evaluating: 120 of 300, 40 %, 5 s left")
    // Twenty times in the two seconds behind the first.
    #expect(terminal.lines.count == 21)
    line.finish()
    #expect(terminal.text.hasSuffix("\r\u{1b}[K"))
  }

  @Test func timesAreForPeople() {
    let cases: [(Duration, String)] = [
      (.seconds(10), "10 s"), (.seconds(125), "2 min 05 s"), (.seconds(3720), "1 h 02 min"),
    ]
    for (elapsed, text) in cases {
      let terminal = FakeTerminal()
      let line = ProgressLine("x", total: 2, on: terminal.display)
      terminal.time += elapsed
      line.advance()
      #expect(terminal.lines == ["x: 1 of 2, 50 %, \(text) left"])
    }
  }

  @Test func lineFitsTheTerminal() {
    let terminal = FakeTerminal(width: 12)
    let line = ProgressLine("evaluating", total: 2, on: terminal.display)
    terminal.time += .seconds(2)
    line.advance()
    #expect(terminal.lines == ["evaluating:"])
  }

  @Test func moreStepsThanSaidAreNotCounted() {
    let terminal = FakeTerminal()
    let line = ProgressLine("x", total: 2, on: terminal.display)
    terminal.time += .seconds(2)
    line.advance(by: 5)
    #expect(terminal.lines == ["x: 2 of 2, 100 %, 0 s left"])
  }

  @Test func silenceNeedsNoClock() {
    let line = ProgressLine.silent
    line.advance()
    line.finish()
  }
}

/// A terminal that keeps what is written to it, and whose clock stands until it is set.
private final class FakeTerminal {
  var time = Duration.zero
  private(set) var text = ""
  private let width: Int

  init(width: Int = 80) { self.width = width }

  var display: ProgressLine.Display {
    ProgressLine.Display(width: width, now: { self.time }, write: { self.text += $0 })
  }

  /// What stood in the line, time by time.
  var lines: [String] {
    text.split(separator: "\r").map { String($0.prefix { $0 != "\u{1b}" }) }.filter { !$0.isEmpty }
  }
}
