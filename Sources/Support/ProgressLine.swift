import Foundation

/// A line that says what is done, how far it is, and how long it will yet take: on standard error, only where that is a
/// terminal, and only if the work lasts over a second.
///
/// A class because whoever does the work moves the line that whoever began it shows.
public final class ProgressLine {
  private let title: String
  private let total: Int
  private let display: Display?
  private let start: Duration
  private var done = 0
  /// When the line was written last; nil until then.
  private var shown: Duration?

  /// Where the line goes, and by which clock.
  public struct Display {
    /// The time since any moment that stays the same.
    public let now: () -> Duration
    /// Takes text with what steers the terminal.
    public let write: (String) -> Void
    /// Columns of the terminal.
    public let width: Int

    /// What a test gives, or another front end than a terminal.
    public init(width: Int = 80, now: @escaping () -> Duration, write: @escaping (String) -> Void) {
      self.now = now
      self.write = write
      self.width = width
    }

    /// Standard error; nil where that is no terminal.
    public static var terminal: Display? {
      guard isatty(STDERR_FILENO) == 1 else { return nil }
      var size = winsize()
      let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
      let begin = ContinuousClock.now
      return Display(
        width: isKnown ? Int(size.ws_col) : 80, now: { ContinuousClock.now - begin },
        write: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
    }
  }

  /// - Parameters:
  ///   - title: what is done, such as `evaluating`; without control characters.
  ///   - total: how many steps there are.
  ///   - display: nil to stay silent.
  public init(_ title: String, total: Int, on display: Display?) {
    self.title = title
    self.total = max(1, total)
    self.display = display
    start = display?.now() ?? .zero
  }

  /// A line that is never shown.
  public static var silent: ProgressLine { ProgressLine("", total: 1, on: nil) }

  /// Says that steps are done.
  public func advance(by steps: Int = 1) {
    done = min(total, done + steps)
    guard let display else { return }
    let now = display.now()
    guard now - start >= Self.patience, shown.map({ now - $0 >= Self.interval }) ?? true else {
      return
    }
    shown = now
    display.write(
      "\r\(text(after: now - start).prefix(max(0, display.width - 1)))\(Self.clearRest)")
  }

  /// Removes the line, so that nothing of it stays between results.
  public func finish() {
    guard shown != nil else { return }
    shown = nil
    display?.write("\r\(Self.clearRest)")
  }

  /// Work that is done sooner shows nothing.
  private static let patience = Duration.seconds(1)
  /// More often nobody can read it.
  private static let interval = Duration.milliseconds(100)
  /// ANSI: erases from the cursor to the end of the line.
  private static let clearRest = "\u{1b}[K"

  /// `evaluating: 120 of 300, 40 %, 3 s left`.
  private func text(after elapsed: Duration) -> String {
    let left = elapsed * (Double(total - done) / Double(max(1, done)))
    let rest = done == 0 ? "" : ", \(Self.time(left)) left"
    return "\(title): \(done) of \(total), \(done * 100 / total) %\(rest)"
  }

  /// `3 s`, `2 min 05 s`, `1 h 02 min`.
  private static func time(_ duration: Duration) -> String {
    let seconds = Int(min((duration / .seconds(1)).rounded(.up), 1e9))
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return String(format: "%d min %02d s", seconds / 60, seconds % 60) }
    return String(format: "%d h %02d min", seconds / 3600, seconds / 60 % 60)
  }
}
