/// Something the user should know about their input: what is wrong, where, and what to do.
///
/// Thrown when it stops the work; collected in a list when the user should see several at once.
public struct Diagnostic: Error, Hashable, Sendable {
  /// How much it matters: only an error stops the work.
  public enum Severity: String, Sendable { case note, warning, error }

  /// A message with its stable id, by which `dovetail explain` tells the long story.
  ///
  /// Messages are static members at the foot of the file that uses them. Text starts in lower case, has no
  /// final period, and puts names in backticks.
  public struct Message: Hashable, Sendable {
    /// In kebab case, and stable: users search for it, and `dovetail explain` looks it up.
    public let id: String
    /// Decides the exit status if the message ends the command.
    public let cause: Cause
    /// What is wrong, without the place: that stands in the diagnostic.
    public let text: String

    /// - Parameter id: may be shared by messages that one explanation serves.
    public init(id: String, _ cause: Cause, _ text: String) {
      self.id = id
      self.cause = cause
      self.text = text
    }
  }

  /// Why a command ends without its result; it decides the exit status.
  ///
  /// The raw value is the status; those from 64 on are the codes of BSD's `sysexits.h`.
  public enum Cause: Int32, Sendable {
    /// The command did its work, and what it was asked to check does not hold.
    case checkFailed = 1
    /// The arguments are not what the command takes.
    case usage = 64
    /// A file, or a graph, breaks the rules of its format.
    case malformed = 65
    /// A file is missing, or cannot be read.
    case unreadable = 66
    /// The input is sound, but asks for something that Dovetail does not do.
    case unsupported = 69
    /// A bug in Dovetail.
    case ourFault = 70
    /// A file or folder cannot be written.
    case unwritable = 74
  }

  /// Where the cause lies: a file, and a place in it such as a node or a line.
  public struct Place: Hashable, Sendable {
    /// The path as the user gave it; nil for what is in no file, or not known to be.
    public var file: String?
    /// Such as `line 3` or `operator 2 (CONV_2D)`; nil if the whole file is meant.
    public var spot: String?

    /// A place that is known as far as the arguments say; without any, an unknown one.
    public init(file: String? = nil, spot: String? = nil) {
      self.file = file
      self.spot = spot
    }
  }

  /// Whether it stops the work, warns, or only informs.
  public let severity: Severity
  /// What is wrong, with the id that leads to an explanation.
  public let message: Message
  /// Where the cause lies; callers that know more fill it in by `located(in:)`.
  public var place: Place
  /// What the user can do about it, without a final period; nil where nothing general helps.
  public let help: String?

  /// A diagnostic of any severity, with the file if it is known here.
  public init(
    _ severity: Severity, _ message: Message, at place: Place = Place(), help: String? = nil
  ) {
    self.severity = severity
    self.message = message
    self.place = place
    self.help = help
  }

  /// An error, the usual case.
  public init(_ message: Message, at spot: String? = nil, help: String? = nil) {
    self.init(.error, message, at: Place(spot: spot), help: help)
  }

  /// The same diagnostic with the parts of `outer` filled in that it does not know itself.
  public func located(in outer: Place) -> Diagnostic {
    var copy = self
    copy.place.file = place.file ?? outer.file
    copy.place.spot = place.spot ?? outer.spot
    return copy
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file, spot: error: text`, and below it the help and the id.
  public var description: String {
    let location = [place.file, place.spot].compactMap { $0 }.joined(separator: ", ")
    let prefix = location.isEmpty ? "" : "\(location): "
    let first = "\(prefix)\(severity.rawValue): \(message.text) [\(message.id)]"
    return help.map { "\(first)\n  help: \($0)" } ?? first
  }
}

/// Several diagnostics that together stop the work.
public struct Diagnostics: Error, Sendable, CustomStringConvertible {
  /// In the order in which they were found; they may hold warnings too.
  public var all: [Diagnostic]

  /// Diagnostics to throw together, or to be passed to `throwIfErrors` first.
  public init(_ all: [Diagnostic]) { self.all = all }

  /// All that an error reports; nothing if it is of another kind.
  public init(of error: any Error) {
    all = (error as? Diagnostic).map { [$0] } ?? (error as? Diagnostics)?.all ?? []
  }

  /// Each on lines of its own.
  public var description: String { all.map(\.description).joined(separator: "\n") }

  /// Throws itself if any of its diagnostics is an error.
  public func throwIfErrors() throws {
    if all.contains(where: { $0.severity == .error }) { throw self }
  }
}

/// Runs `body`, and adds `place` to whatever diagnostic it throws.
///
/// Other errors pass through as they are.
public func locating<Result>(in place: Diagnostic.Place, _ body: () throws -> Result) throws
  -> Result
{
  do {
    return try body()
  } catch let diagnostic as Diagnostic {
    throw diagnostic.located(in: place)
  } catch let diagnostics as Diagnostics {
    throw Diagnostics(diagnostics.all.map { $0.located(in: place) })
  }
}
