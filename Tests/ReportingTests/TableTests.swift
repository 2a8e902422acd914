import Foundation
import Reporting
import Support
import TestSupport
import Testing

struct ProfileTableTests {
  @Test(arguments: Profiled.models, TargetVariant.roomy)
  func tablesFitTheTerminal(path: String, target: String) throws {
    let profile = try Profiled.profile(path, target: target)
    for width in [80, 100, 132] { expectFit(profile, width) }
  }

  @Test(arguments: [
    "a", String(repeating: "scope/", count: 60) + "end", String(repeating: "x", count: 300),
    "😀👩‍👩‍👧‍👦 names", String(repeating: "👩‍👩‍👧‍👦", count: 100), "名前", "a;b;c", "/", ";", " ",
    String(repeating: "層", count: 90),
  ])
  func anyNameFitsTheTerminal(name: String) throws {
    expectFit(try Profiled.profile(text: Profiled.addition(named: name)), 80)
  }

  @Test func headingAndTotalAreThere() throws {
    let text = ProfileTable(try Profiled.profile(text: Profiled.addition(named: "sum"))).text
    #expect(text.hasPrefix("model on ethos-u55-128 at 500 MHz\n"))
    #expect(text.contains("\n  latency  "))
    #expect(text.contains("total"))
    #expect(text.hasSuffix("\n"))
  }

  /// What takes most of the cycles comes first.
  @Test func headingShowsWhatTheCriticalPathIsSpentOn() throws {
    let profile = try Profiled.profile(
      text: """
        graph g(%a: i8<0.5>[1, 2, 2, 8], %b: i8<0.5>[1, 2, 2, 8]) {
          %c = add(%a, %b) : i8<0.5>[1, 2, 2, 8]
          return %c
        }
        """)
    let text = ProfileTable(profile).text
    #expect(text.contains("\n  bound    dependency 53.3 %, output 40.0 %, sram 6.7 %\n"))
    let row = "| bound | dependency 53.3 %, output 40.0 %, `sram` 6.7 % |"
    #expect(ProfileMarkdown(profile).text.contains(row))
  }

  @Test func floatNetworksAreToldHowToBeQuantized() throws {
    let profile = try Profiled.profile(
      text: """
        graph g(%a: f32[1, 4, 4, 8]) {
          %w = constant(random(1)) : f32[8, 1, 1, 8]
          %c = conv2d(%a, %w) : f32[1, 4, 4, 8]
          return %c
        }
        """)
    let text = ProfileTable(profile).text
    #expect(text.contains("dovetail quantize model.graph --calibration SAMPLES.npy"))
    expectFit(profile, 80)
  }

  @Test func convertedInputsAreToldOfIntegerPorts() throws {
    let profile = try Profiled.profile(
      text: """
        graph g(%a: f32[1, 16, 16, 8]) {
          %q = quantize(%a) : i8<0.5>[1, 16, 16, 8]
          %c = add(%q, %q) : i8<0.5>[1, 16, 16, 8]
          return %c
        }
        """)
    #expect(ProfileTable(profile).text.contains("--integer-ports"))
    expectFit(profile, 80)
    let plain = try Profiled.profile(text: Profiled.addition(named: "sum"))
    #expect(!ProfileTable(plain).text.contains("--integer-ports"))
  }

  private func expectFit(_ profile: Profile, _ width: Int) {
    let table = ProfileTable(profile, width: width).text
    for line in table.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
  }

  @Test func wideTerminalsShowScopes() throws {
    let profile = try Profiled.profile(text: Profiled.addition(named: "net/block/unit/sum"))
    #expect(ProfileTable(profile, width: 80).text.contains("  unit/sum "))
    #expect(ProfileTable(profile, width: 120).text.contains("  net/block/unit/sum "))
  }
}

struct TextTableTests {
  @Test func cellsAreAligned() {
    var table = TextTable([.init("name"), .init("n", .right)])
    table.add(["a", "1"])
    table.add(["long", "1000"])
    #expect(table.lines(width: 80) == ["name     n", "──────────", "a        1", "long  1000"])
  }

  @Test func combiningMarksAndDirectionsTakeNoColumn() {
    var table = TextTable([.init("name"), .init("n")])
    table.add(["e\u{301}\u{302}", "1"])
    table.add(["\u{202e}ab\u{200b}c", "2"])
    #expect(table.lines(width: 80).dropFirst(2) == ["e\u{301}\u{302}     1", "ab\u{200b}c   2"])
  }

  @Test func optionalColumnsAreLeftOutLast() {
    var table = TextTable([
      .init("name", isElastic: true), .init("n"), .init("extra", isOptional: true),
      .init("more", isOptional: true),
    ])
    table.add(["abcdefghijklmnopqrstuvwxyz", "1", "2", "3"])
    #expect(table.lines(width: 24).last == "…tuvwxyz  1  2      3")
    #expect(table.lines(width: 20).last == "…rstuvwxyz  1  2")
    #expect(table.lines(width: 12).last == "…stuvwxyz  1")
    #expect(table.lines(width: 5).last == "…tuvwxyz  1")
  }

  @Test func elasticColumnGivesWayFromItsBeginning() {
    var table = TextTable([.init("name", isElastic: true), .init("n", .right)])
    table.add(["abcdefghijklmnopqrstuvwxyz", "1"])
    #expect(table.lines(width: 13) == ["name        n", "─────────────", "…rstuvwxyz  1"])
  }

  @Test func wideCharactersTakeTwoColumns() {
    var table = TextTable([.init("name"), .init("n")])
    table.add(["名前", "1"])
    table.add(["👩‍👩‍👧‍👦", "2"])
    table.add(["abcde", "3"])
    #expect(table.lines(width: 80).dropFirst(2) == ["名前   1", "👩‍👩‍👧‍👦     2", "abcde  3"])
  }

  @Test func controlCharactersAreShown() {
    var table = TextTable([.init("name"), .init("n")])
    table.add(["a\u{1b}[31m\r\nb", "1"])
    #expect(table.lines(width: 80).last == #"a\u{1b}[31m\r\nb  1"#)
  }

  @Test func emptyTableHasAHeading() {
    #expect(TextTable([.init("a"), .init("b")]).lines(width: 80) == ["a  b", "────"])
  }
}

struct ProfileCSVTests {
  @Test func cellsWithCommasAndQuotesAreQuoted() throws {
    let name = #"a,b\"c"#
    let profile = try Profiled.profile(text: Profiled.addition(named: name))
    let line = ProfileCSV.text(profile).components(separatedBy: "\r\n")[1]
    #expect(line.hasPrefix(#"0,"a,b""c",add,ADD 0,output,"#))
  }

  @Test func headingNamesUnits() throws {
    let profile = try Profiled.profile(text: Profiled.addition(named: "sum"))
    let lines = ProfileCSV.text(profile).components(separatedBy: "\r\n")
    #expect(
      lines[0] == "layer,name,operator,sources,engine,latencyCycles,computeCycles,macs,utilization,"
        + "bound,flashReadBytes,flashWriteBytes,sramReadBytes,sramWriteBytes")
    #expect(lines.count == 3 && lines[2].isEmpty)
  }
}
