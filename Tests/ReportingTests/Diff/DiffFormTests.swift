import Foundation
import GraphIR
import Operators
import Reporting
import Support
import TestSupport
import Testing

/// Differences in all forms: one source, and names of strangers do no harm in any.
struct DiffFormTests {
  static let names = [
    "<script>alert(1)</script>", #""><img src=x onerror=alert(1)>"#, "a|b`c``d",
    "line\nfeed\r\ttab",
    "\u{202e}gnirts", "\u{0}\u{1b}[31m\u{7f}\u{9b}", "::error file=x::y%0A", "😀👩‍👩‍👧‍👦 ]]> --> &amp;",
    String(repeating: "x", count: 10_000), "'; DROP TABLE layers; --", " ", "\u{fffe}\u{ffff}",
  ]

  @Test(arguments: names)
  func namesDoNoHarm(name: String) throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let changed = try EditedProfile.of(profile) { layers in
      layers[3]["name"] = name
      layers[3]["latencyCycles"] = 1
      layers[3]["operator"] = name
    }
    let difference = Difference(profile, changed)
    let page = DiffPage.text(difference)
    // The one script is the page's own.
    #expect(page.components(separatedBy: "<script").count == 2 && !page.contains("<img"))
    let markdown = DiffMarkdown.text(difference)
    #expect(!markdown.contains("<script") && !markdown.contains("<img"))
    #expect(markdown.split(separator: "\n").allSatisfy { !$0.hasPrefix("feed") })
    for text in [page, markdown, DiffTable(difference).text] {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202e}" })
    }
    let json = try JSONText.encode(difference)
    #expect(try JSONDecoder().decode(Difference.self, from: Data(json.utf8)) == difference)
  }

  @Test func nothingIsNothingInEveryForm() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let difference = Difference(profile, profile)
    #expect(DiffTable(difference).text == "fashion: no differences\n")
    #expect(DiffMarkdown.text(difference).contains("No differences."))
    #expect(DiffPage.text(difference).contains("No differences."))
  }

  @Test func figuresAreTheSameInEveryForm() throws {
    let a = try Profiled.profile(TestFiles.fashion)
    let b = try Profiled.profile(TestFiles.fashion, target: "ethos-u55-256")
    let difference = Difference(a, b)
    for total in [a, b].map({ Figures.grouped($0.totals.latencyCycles) }) {
      #expect(DiffTable(difference).text.contains(total))
      #expect(DiffMarkdown.text(difference).contains(total))
      #expect(DiffPage.text(difference).contains(total))
    }
  }

  /// Both sides of each layer that differs, in the order of the table, and what became better or worse in words.
  @Test func pageShowsBothSides() throws {
    let a = try Profiled.profile(TestFiles.fashion)
    let b = try Profiled.profile(TestFiles.fashion, target: "ethos-u55-256")
    let difference = Difference(a, b)
    let page = DiffPage.text(difference)
    let diff = try #require(difference.profile)
    #expect(page.components(separatedBy: "data-kinds=").count - 1 == diff.layers.count)
    for layer in diff.layers where layer.latencyChange != 0 {
      #expect(page.contains("\(Figures.grouped(Int(layer.latencyChange)))<small>"))
    }
    #expect(page.contains("The run is <b class=\"better\">faster</b>"))
    #expect(page.contains("bound compute → memory") || page.contains("bound memory → compute"))
    #expect(page.contains("peak of sram") && page.contains("read from sram"))
  }

  @Test func pageNeedsNothingElse() throws {
    let a = try Profiled.profile(TestFiles.fashion)
    let b = try Profiled.profile(TestFiles.fashion, target: "ethos-u55-256")
    let page = DiffPage.text(Difference(a, b))
    #expect(
      !page.contains("http:") && !page.contains("https:") && !page.contains("src=")
        && !page.contains("url("))
    #expect(page.hasPrefix("<!DOCTYPE html>"))
  }
}
