import Foundation
import Reporting
import TestSupport
import Testing

/// All forms of a profile come from one value, and show the same figures.
struct FormTests {
  @Test(arguments: Profiled.models)
  func figuresAreTheSameInEveryForm(path: String) throws {
    let profile = try Profiled.profile(path)
    let cycles = profile.totals.latencyCycles
    let figures = [
      Figures.grouped(cycles), String(format: "%.3f ms", profile.totals.latencyMilliseconds),
      Figures.percent(profile.totals.utilization),
    ]
    for text in [ProfileTable(profile).text, ProfileMarkdown(profile).text] {
      #expect(figures.allSatisfy { text.contains($0) })
    }
    let rows = CSVFile(ProfileCSV.text(profile)).rows.dropFirst()
    #expect(rows.reduce(0) { $0 + (Int($1[5]) ?? 0) } == cycles)
    #expect(rows.map { $0[7] } == profile.layers.map { String($0.macs) })
    let folded = FoldedStacks.text(profile).split(separator: "\n").compactMap {
      $0.split(separator: " ").last.flatMap { Int($0) }
    }
    #expect(folded.reduce(0, +) == cycles)
    let nodes = try NodeDataFile(NodeData(profile, graph: "main"), graph: "main")
    #expect(nodes.values.values.reduce(0, +) == cycles)
  }

  /// Every layer stands in the Markdown once, those that take longest before the fold.
  @Test(arguments: Profiled.models)
  func markdownHasEveryLayer(path: String) throws {
    let profile = try Profiled.profile(path)
    let text = ProfileMarkdown(profile).text
    let rows = text.matches(of: /\n\| ([0-9]+) \|/).compactMap { Int($0.1) }
    #expect(rows.sorted() == Array(profile.layers.indices))
    let cycles = rows.map { profile.layers[$0].latencyCycles }
    #expect(cycles == cycles.sorted(by: >))
    #expect(text.contains("<details>") == (profile.layers.count > 10))
  }

  @Test func foldedStacksHaveScopes() throws {
    let run = try Profiled.chain(named: ["net/block/add;net/fused", "net//add2", "plain"])
    let cycles = run.profile.layers.map(\.latencyCycles)
    #expect(
      FoldedStacks.text(run.profile) == """
        output;net;block;add;add \(cycles[0])
        output;net;add2;add \(cycles[1])
        output;plain;add \(cycles[2])

        """)
  }

  @Test func equalStacksAreOne() throws {
    let profile = try Profiled.chain(named: ["a;1", "a;2"]).profile
    #expect(FoldedStacks.text(profile) == "output;a;add \(profile.totals.latencyCycles)\n")
  }

  @Test func nodeDataHasTheViewersForm() throws {
    let profile = try Profiled.chain(named: ["a", "a", "37"]).profile
    let data = NodeData(profile, graph: "main")
    let cycles = profile.layers.map(\.latencyCycles)
    // Equal names count together; a number is not the name of a tensor but, here, operator 2.
    let file = try NodeDataFile(data, graph: "main")
    #expect(file.values == ["a": cycles[0] + cycles[1], "2": cycles[2]])
    #expect(file.stops == [0, 0.5, 1])
  }
}

/// Names mean nothing in any form but themselves.
struct NastyNameTests {
  private let profile: Profile

  init() throws { profile = try Profiled.chain(named: NastyNames.all).profile }

  @Test func namesAreReadBackFromTheGraph() {
    #expect(profile.layers.map(\.name) == NastyNames.all)
    #expect(Set(NastyNames.all).count == NastyNames.all.count)
  }

  @Test func namesAreReadBackFromJSON() throws {
    let text = try JSONText.encode(profile)
    #expect(try JSONDecoder().decode(Profile.self, from: Data(text.utf8)) == profile)
    expectNoSteering(text)
    let data = try JSONText.encode(NodeData(profile, graph: "main"))
    expectNoSteering(data)
    let names = try NodeDataFile(NodeData(profile, graph: "main"), graph: "main").values.keys
    #expect(Set(names).isSuperset(of: NastyNames.all.filter { $0 != "37" }))
  }

  /// A row for each layer, in which nothing is a formula.
  @Test func csvHasItsCells() {
    let file = CSVFile(ProfileCSV.text(profile))
    #expect(file.rows.count == NastyNames.all.count + 1)
    #expect(file.rows.allSatisfy { $0.count == file.rows[0].count })
    for (row, name) in zip(file.rows.dropFirst(), NastyNames.all) {
      let cell = row[1]
      #expect(!"=+-@＝\t\r\n".unicodeScalars.contains { $0 == cell.unicodeScalars.first })
      let isWhole = !name.unicodeScalars.contains { scalar in
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
          || "\u{2028}\u{2029}".unicodeScalars.contains(scalar)
      }
      if isWhole { #expect(cell == name || cell == "'" + name) }
    }
  }

  @Test func markdownStaysATable() {
    let text = ProfileMarkdown(profile).text
    expectNoSteering(text)
    let rows = text.split(separator: "\n").filter { $0.contains(/^\| [0-9]+ \|/) }
    #expect(rows.count == NastyNames.all.count)
    let columns = text.split(separator: "\n").first { $0.hasPrefix("| # |") }?.count { $0 == "|" }
    for row in rows {
      #expect(row.unicodeScalars.count { $0 == "|" } == columns, "\(row)")
      // The only markup is ours.
      let tags = row.matches(of: /<[^>]*>/).map { String($0.output) }
      #expect(tags.isEmpty || tags == ["<code>", "</code>"], "\(row)")
      // Around the name, if it is plain, and around the operator.
      #expect([2, 4].contains(row.unicodeScalars.count { $0 == "`" }), "\(row)")
      #expect(row.utf8.count < 4_000 || row.unicodeScalars.contains("\u{301}"))
    }
    #expect(text.matches(of: /<details>/).count == 1)
  }

  @Test func foldedStacksAreLines() {
    let text = FoldedStacks.text(profile)
    expectNoSteering(text)
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      // Byte by byte, for a semicolon with an accent is another character.
      #expect(line.starts(with: "output;".utf8), "\(line)")
      let cycles = line.split(separator: UInt8(ascii: " ")).last.flatMap { String($0) }
      #expect(cycles.flatMap { Int($0) } != nil)
    }
  }

  @Test(arguments: [60, 80, 100, 132, 250])
  func tableFitsTheTerminal(width: Int) {
    let text = ProfileTable(profile, width: width).text
    expectNoSteering(text)
    let lines = text.split(separator: "\n")
    for line in lines { #expect(TerminalColumns.count(line) <= width, "\(line)") }
    #expect(lines.count { $0.contains("  output  ") } == NastyNames.all.count)
  }

  /// No control characters but line feeds, and nothing that turns the direction of text.
  private func expectNoSteering(_ text: String) {
    let steering = text.unicodeScalars.first { scalar in
      scalar != "\n" && scalar.properties.generalCategory == .control
        || scalar.properties.isBidiControl
    }
    #expect(steering == nil)
  }
}

struct EscapingTests {
  @Test func controlCharactersShow() {
    #expect(Escaping.terminal("a\u{1b}[31m\r\n\tb\u{9b}\u{0}") == #"a\u{1b}[31m\r\n\tb\u{9b}\u{0}"#)
    #expect(Escaping.terminal("a\u{202e}b\u{2066}c\u{200f}\u{206a}\u{fffa}") == "abc")
    #expect(Escaping.terminal("名前 👩‍👩‍👧‍👦 é") == "名前 👩‍👩‍👧‍👦 é")
  }

  @Test func linesOfATextStayLines() {
    let text = "a\u{202e}b\n\tc\u{1b}[31m ─\r\n"
    #expect(Escaping.terminalLines(text) == "ab\n\tc\\u{1b}[31m ─\\r\n")
    #expect(Escaping.terminalLines("plain\n\ttext\n") == "plain\n\ttext\n")
  }

  @Test func formulasAreText() {
    let cases = [
      ("=1", #""'=1""#), ("+1", #""'+1""#), ("-1", #""'-1""#), ("@x", #""'@x""#), ("a=1", "a=1"),
      (#"a"b"#, #""a""b""#), ("a,b", #""a,b""#), ("a\nb", "\"a\nb\""), ("a\u{0}", #"a\u{0}"#),
    ]
    for (text, cell) in cases { #expect(Escaping.csvCell(text) == cell) }
  }

  @Test func markdownIsText() {
    #expect(Escaping.markdownCode("net/add_1 (x)") == "`net/add_1 (x)`")
    #expect(Escaping.markdownCode("a|b") == "<code>a&#124;b</code>")
    #expect(Escaping.markdownCode("`") == "<code>&#96;</code>")
    #expect(Escaping.markdownCode("<b>") == "<code>&#60;b&#62;</code>")
    #expect(Escaping.markdownText("*a* @b") == "&#42;a&#42; &#64;b")
    #expect(Escaping.markdownCode(String(repeating: "x", count: 200)).count == 98)
  }

  @Test func jsonIsAString() throws {
    for name in NastyNames.all {
      let bytes = Escaping.json(name)
      let data = Data("[".utf8) + Data(bytes) + Data("]".utf8)
      #expect(try JSONDecoder().decode([String].self, from: data) == [name])
    }
  }
}

/// Columns as terminals count them, told by another rule than the table's own: by scalars, a joined emoji as one.
private enum TerminalColumns {
  static func count(_ text: Substring) -> Int {
    text.reduce(0) { sum, character in
      let scalars = character.unicodeScalars
      if scalars.contains(where: { $0.properties.isEmojiPresentation || $0 == "\u{fe0f}" }) {
        return sum + 2
      }
      return sum + scalars.reduce(0) { $0 + count($1) }
    }
  }

  private static func count(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let isWide =
      (0x1100...0x115f).contains(scalar.value)
      || (0x2e80...0xa4cf).contains(scalar.value) || (0xff01...0xff60).contains(scalar.value)
    return isWide ? 2 : 1
  }
}

/// Comma-separated values, parsed after RFC 4180.
struct CSVFile {
  private(set) var rows: [[String]] = []

  init(_ text: String) {
    var (row, cell, isQuoted) = ([String](), String.UnicodeScalarView(), false)
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch (scalar, isQuoted) {
      case ("\"", true) where scalars.first == "\"": cell.append(scalars.removeFirst())
      case ("\"", _): isQuoted.toggle()
      case (",", false):
        row.append(String(cell))
        cell = .init()
      case ("\r", false) where scalars.first == "\n":
        scalars.removeFirst()
        rows.append(row + [String(cell)])
        (row, cell) = ([], .init())
      default: cell.append(scalar)
      }
    }
  }
}

/// Node data, read as the viewer reads it.
private struct NodeDataFile {
  let values: [String: Int]
  let stops: [Double]

  init(_ data: NodeData, graph: String) throws {
    struct Graph: Decodable {
      let results: [String: Result]
      let gradient: [Stop]
    }
    struct Result: Decodable { let value: Int }
    struct Stop: Decodable {
      let stop: Double
      let bgColor: String
    }
    let text = try JSONText.encode(data)
    let graphs = try JSONDecoder().decode([String: Graph].self, from: Data(text.utf8))
    let found = try #require(graphs[graph])
    values = found.results.mapValues(\.value)
    stops = found.gradient.map(\.stop)
    #expect(found.gradient.allSatisfy { $0.bgColor.contains(/^#[0-9a-f]{6}$/) })
  }
}
