import ArgumentParser
import Support

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the long story behind a diagnostic.")

  @Argument(help: "The id in brackets at the end of a message; without it, all ids are listed.")
  var id: String?

  func run() throws {
    guard let id else {
      return try Console.result(Explanation.all.map(\.id).sorted().joined(separator: "\n") + "\n")
    }
    guard let explanation = Explanation.all.first(where: { $0.id == id }) else {
      throw Diagnostic(.unknownID(id), help: "`dovetail explain` without an id lists them all")
    }
    try Console.result("\(explanation.id)\n\n\(explanation.text)\n")
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownID(_ id: String) -> Self {
    Self(id: "unknown-id", .usage, "there is no diagnostic `\(id)`")
  }
}
