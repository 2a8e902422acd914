import Foundation
import Reporting
import Support
import TestSupport
import Testing

/// What a page holds can be told from its text; how it works is tested in a browser, by `Scripts/test reports`.
struct ProfilePageTests {
  @Test(arguments: Profiled.models)
  func pagesNeedNothingElse(path: String) throws {
    let text = try Profiled.run(path).page.text
    for reference in ["http:", "https:", " src=", "url(", "@import", "href=\"/"] {
      #expect(!text.contains(reference))
    }
    #expect(text.utf8.count < 500_000)
  }

  @Test(arguments: Profiled.models)
  func figuresAreThoseOfTheProfile(path: String) throws {
    let run = try Profiled.run(path)
    let (text, profile) = (run.page.text, run.profile)
    #expect(rows(text).count == profile.layers.count)
    for (row, layer) in zip(rows(text), profile.layers) {
      #expect(row.contains("<td>\(Figures.grouped(layer.latencyCycles))</td>"))
      #expect(row.contains("<td class=\"left\">\(layer.operator)</td>"))
      #expect(row.contains("<td class=\"keyed \(layer.engine)\">\(layer.engine)</td>"))
    }
    let figures = try figures(text)
    #expect(figures.total == profile.totals.latencyCycles)
    #expect(figures.cycles == profile.layers.map(\.latencyCycles))
    #expect(figures.macs == profile.layers.map(\.macs))
    #expect(
      figures.memory.map { $0.reduce(0, +) }.sorted()
        == profile.totals.trafficBytes.filter { (profile.totals.peakMemoryBytes[$0.key] ?? 0) > 0 }
        .map(\.value.sum).sorted())
  }

  @Test func samePageEachTime() throws {
    let text = Profiled.addition(named: "sum")
    #expect(try Profiled.run(text: text).page.text == Profiled.run(text: text).page.text)
  }

  /// The critical path, as in the table and in Markdown.
  @Test func theSummarySaysWhatBoundsTheNetwork() throws {
    let run = try Profiled.run(text: Profiled.addition(named: "sum"))
    let page = run.page.text
    let bound = ProfileTable(run.profile).text.split(separator: "\n").first {
      $0.hasPrefix("  bound")
    }
    let parts = try #require(bound).dropFirst("  bound    ".count).components(separatedBy: ", ")
    #expect(parts.count > 1)
    for part in parts {
      let words = part.split(separator: " ", maxSplits: 1)
      #expect(page.contains("</i>\(words[0]) <b>\(words[1])</b>"))
    }
  }

  @Test func aGraphWithoutLayersHasAPage() throws {
    let page = try Profiled.run(
      text: """
        graph g(%x: i8<0.5>[1, 4]) {
          %y = reshape(%x) {shape: [4]} : i8<0.5>[4] from RESHAPE 0
          return %y
        }
        """
    ).page.text
    #expect(rows(page).count == 1)
    #expect(page.contains("(eliminated)"))
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "</script><!--", "\\\"><img src=x onerror=alert(1)>", "a'b",
    "\u{202e}fed", "&lt;", "\u{1b}[2J", String(repeating: "x", count: 10_000),
    "e" + String(repeating: "\u{301}", count: 5_000),
  ])
  func namesDoNoHarm(name: String) throws {
    let plain = try Profiled.run(text: Profiled.addition(named: "sum")).page.text
    let text = try Profiled.run(text: Profiled.addition(named: name)).page.text
    for character in ["<", ">"] {
      #expect(text.count { "\($0)" == character } == plain.count { "\($0)" == character })
    }
    #expect(!text.unicodeScalars.contains("\u{202e}") && !text.unicodeScalars.contains("\u{1b}"))
    #expect(text.utf8.count < plain.utf8.count + 10_000)
  }

  @Test func adviceAndAccuracyAreShownWhereThereIsSome() throws {
    let run = try Profiled.run(text: Profiled.addition(named: "sum"))
    #expect(!run.page.text.contains("id=\"advice\""))
    let advice = [
      ProfileAdvice(title: "Small", detail: "b", gainCycles: 1, layers: []),
      ProfileAdvice(title: "Large <b>", detail: "a", gainCycles: 20, layers: [0]),
    ]
    let page = ProfilePage(
      run.profile, run.program, run.timeline,
      accuracy: LayerAccuracy(title: "SQNR, dB", values: [41.25]), advice: advice
    ).text
    let large = try #require(page.range(of: "<h3>Large &lt;b&gt;</h3>"))
    let small = try #require(page.range(of: "<h3>Small</h3>"))
    #expect(large.lowerBound < small.lowerBound)
    #expect(page.contains("data-key=\"accuracy\"") && rows(page)[0].contains("41.25"))
  }

  private func rows(_ page: String) -> [Substring] {
    page.split(separator: "\n").filter { $0.hasPrefix("<tr data-l=\"") }
  }

  /// What the page's script sorts and draws by.
  private struct PageFigures: Decodable {
    let total: Int
    let cycles: [Int]
    let macs: [Int]
    let memory: [[Int]]
  }

  private func figures(_ page: String) throws -> PageFigures {
    let match = try #require(page.firstMatch(of: /id="figures">(.*)<\/script>/))
    return try JSONDecoder().decode(PageFigures.self, from: Data(match.1.utf8))
  }
}
