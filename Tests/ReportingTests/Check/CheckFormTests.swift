import Foundation
import Reporting
import Support
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The files that continuous integration reads: each valid for any name.
struct CheckFormTests {
  @Test(arguments: DiffFormTests.names)
  func formsAreValidForAnyName(name: String) throws {
    let report = try Self.report(layer: name)
    #expect(report.networks[0].breaches.count == 1)
    let xml = XMLParser(data: Data(JUnit.text(report).utf8))
    #expect(xml.parse(), "\(xml.parserError?.localizedDescription ?? "")")
    try expectSARIF(SARIF.text(report), count: 1)
    let lines = Annotations.text(report, file: "a,b:c.json").split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.allSatisfy { $0.hasPrefix("::error file=a%2Cb%3Ac.json,title=") })
    let markdown = CheckMarkdown.text(report)
    #expect(!markdown.contains("<script") && !markdown.contains("<img"))
    #expect(!CheckText.text(report).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  /// What the schema requires of a log, a run, a tool, a rule and a result.
  private func expectSARIF(_ text: String, count: Int) throws {
    let log = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(log["version"] as? String == "2.1.0")
    #expect((log["$schema"] as? String)?.contains("sarif-2.1.0") == true)
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
    #expect(driver["name"] is String)
    let rules = try #require(driver["rules"] as? [[String: Any]])
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.count == count)
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
      #expect((result["message"] as? [String: Any])?["text"] is String)
      #expect(["none", "note", "warning", "error"].contains(result["level"] as? String))
      let location = try #require((result["locations"] as? [[String: Any]])?.first)
      let physical = try #require(location["physicalLocation"] as? [String: Any])
      let uri = (physical["artifactLocation"] as? [String: Any])?["uri"] as? String
      #expect(uri.flatMap { URL(string: $0) } != nil)
    }
  }

  @Test func testsAreCounted() throws {
    let report = try CheckFixture().report()
    let text = JUnit.text(report)
    let cases = text.components(separatedBy: "<testcase").count - 1
    #expect(text.contains("tests=\"\(cases)\" failures=\"0\""))
  }

  /// A budget that a layer of any name breaks.
  private static func report(layer name: String) throws -> CheckReport {
    let fixture = try CheckFixture()
    let budget = Budget(metric: "latencyCycles", layers: name + "x", maximum: 1)
    var baseline = fixture.baseline
    for key in baseline.networks.keys { baseline.networks[key]?.budgets = [budget] }
    return CheckReport(fixture.measured, baseline, .standard, isUpdate: false, isWhole: true)
  }
}
