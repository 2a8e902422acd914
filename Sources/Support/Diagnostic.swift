/// Something the user should know about their input: what is wrong, where, and what to do.
///
/// Thrown when it stops the work; collected in a list when the user should see several at once.
public struct Diagnostic: Error, Hashable, Sendable {
  public enum Severity: String, Sendable { case note, warning, error }

  /// A message with its stable id, by which `dovetail explain` tells the long story.
  ///
  /// Messages are static members at the foot of the file that uses them. Text starts in lower case, has no
  /// final period, and puts names in backticks.
  public struct Message: Hashable, Sendable {
    public let id: String
    public let cause: Cause
    public let text: String

    public init(id: String, _ cause: Cause, _ text: String) {
      self.id = id
      self.cause = cause
      self.text = text
    }
  }

  /// Why a command ends without its result; it decides the exit status.
  public enum Cause: Int32, Sendable {
    case checkFailed = 1
    case usage = 64
    case malformed = 65
    case unreadable = 66
    case unsupported = 69
    case ourFault = 70
    case unwritable = 74
  }

  /// Where the cause lies: a file, and a place in it such as a node or a line.
  public struct Place: Hashable, Sendable {
    public var file: String?
    public var spot: String?

    public init(file: String? = nil, spot: String? = nil) {
      self.file = file
      self.spot = spot
    }
  }

  public let severity: Severity
  public let message: Message
  public var place: Place
  public let help: String?

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
  public var all: [Diagnostic]

  public init(_ all: [Diagnostic]) { self.all = all }

  public var description: String { all.map(\.description).joined(separator: "\n") }

  /// Throws itself if any of its diagnostics is an error.
  public func throwIfErrors() throws {
    if all.contains(where: { $0.severity == .error }) { throw self }
  }
}

/// Runs `body`, and adds `place` to whatever diagnostic it throws.
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
