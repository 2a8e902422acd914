import Foundation
import Reporting
import Support
import TestSupport
import Testing

/// The gate: what is worse fails, what is only called otherwise does not.
struct CheckTests {
  @Test func unchangedNetworkPasses() throws {
    let report = try CheckFixture().report()
    #expect(!report.hasBreaches)
    #expect(report.networks[0].improvements.isEmpty && report.networks[0].notes.isEmpty)
  }

  /// As if every layer in turn had become 2 % slower since the baseline was written, and all of them renamed.
  @Test func slowerLayerFailsWhateverItIsCalled() throws {
    let fixture = try CheckFixture()
    let count = fixture.measured[0].facts?.layers.count ?? 0
    #expect(count > 10)
    for position in 0..<count {
      let line = fixture.line(position)
      let cycles = try #require(line.firstMatch(of: /"cycles": ([0-9]+)/).flatMap { Int($0.1) })
      guard cycles > 0 else { continue }
      let faster = line.replacing("\"cycles\": \(cycles)", with: "\"cycles\": \(cycles * 98 / 100)")
      let report = try fixture.report((line, faster), ("\"name\": \"", "\"name\": \"new "))
      #expect(report.networks[0].breaches.map(\.rule) == [.layer], "\(line)")
    }
  }

  @Test func renamingIsIgnored() throws {
    let fixture = try CheckFixture()
    let report = try fixture.report(
      ("\"name\": \"", "\"name\": \"other "), ("[\"CONV_2D", "[\"CONVOLUTION"))
    #expect(!report.hasBreaches)
    #expect(report.networks[0].notes.isEmpty)
  }

  @Test func worseTotalsFail() throws {
    let fixture = try CheckFixture()
    for name in ["latencyCycles", "peakMemoryBytes.sram", "trafficBytes.sram.read", "imageBytes"] {
      let value = try #require(fixture.measured[0].facts?.totals[name])
      let old = "\"\(name)\": \(Int(value))"
      let report = try fixture.report((old, "\"\(name)\": \(Int(value * 0.98))"))
      #expect(report.networks[0].breaches.map(\.subject) == [name])
      let better = try fixture.report((old, "\"\(name)\": \(Int(value * 1.02))"))
      #expect(!better.hasBreaches)
      #expect(better.networks[0].improvements.map(\.subject) == [name])
    }
  }

  @Test func toleranceAllowsWhatItSays() throws {
    let fixture = try CheckFixture()
    let cycles = try #require(fixture.measured[0].facts?.totals["latencyCycles"])
    let text = fixture.baseline.text.replacing(
      "\"latencyCycles\": \(Int(cycles))", with: "\"latencyCycles\": \(Int(cycles * 0.99))")
    let accepted = try CheckFixture.baseline(text)
    for (tolerance, fails) in [(0.005, true), (0.02, false)] {
      let report = CheckReport(
        fixture.measured, accepted, Tolerance(totals: tolerance, layers: 0), isUpdate: false,
        isWhole: true)
      #expect(report.hasBreaches == fails)
    }
  }

  @Test(arguments: [
    (#"{"metric": "latencyCycles", "maximum": 10}"#, true),
    (#"{"metric": "latencyCycles", "maximum": 10000000}"#, false),
    (#"{"metric": "trafficBytes.sram", "maximum": 10}"#, true),
    (#"{"metric": "trafficBytes.flash", "maximum": 1000000}"#, false),
    (#"{"metric": "latencyCycles", "layers": "residual*.add", "maximum": 1}"#, true),
    (#"{"metric": "latencyCycles", "layers": "residual?.add", "maximum": 8000000}"#, false),
    (#"{"metric": "latencyCycles", "layers": "nothing*", "maximum": 80000}"#, true),
    (#"{"metric": "nonsense", "maximum": 1}"#, true),
    (#"{"metric": "hostOperators", "maximum": 0}"#, false),
    (#"{"metric": "latencyCycles", "minimum": 10000000}"#, true),
  ])
  func budgetsAreKept(budget: String, fails: Bool) throws {
    let report = try CheckFixture().report(
      ("      \"totals\"", "      \"budgets\": [\n        \(budget)\n      ],\n      \"totals\""))
    #expect(report.hasBreaches == fails)
  }

  /// A budget may allow one figure more than the tolerance does.
  @Test func relativeBudgetReplacesTheTolerance() throws {
    let fixture = try CheckFixture()
    let cycles = try #require(fixture.measured[0].facts?.totals["latencyCycles"])
    let budget = #"{"metric": "latencyCycles", "maximumIncrease": 0.05}"#
    let report = try fixture.report(
      ("\"latencyCycles\": \(Int(cycles))", "\"latencyCycles\": \(Int(cycles * 0.97))"),
      ("      \"totals\"", "      \"budgets\": [\n        \(budget)\n      ],\n      \"totals\""))
    #expect(!report.hasBreaches)
  }

  @Test func networkWithoutAcceptedFiguresFails() throws {
    let fixture = try CheckFixture()
    let report = CheckReport(
      fixture.measured, Baseline(), .standard, isUpdate: false, isWhole: true)
    #expect(report.networks[0].breaches.map(\.rule) == [.baseline])
  }

  @Test func baselineReadsBackWithItsBudgets() throws {
    let fixture = try CheckFixture()
    let budget = #"{"metric": "latencyCycles", "layers": "a\"b*", "maximum": 12.5}"#
    let text = fixture.baseline.text.replacing(
      "      \"totals\"",
      with: "      \"budgets\": [\n        \(budget)\n      ],\n      \"totals\"")
    let baseline = try CheckFixture.baseline(text)
    #expect(baseline.text == text)
    #expect(baseline.updated(fixture.measured, isWhole: true).text == text)
    #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
  }

  @Test func updateDropsWhatTheSuiteNoLongerHas() throws {
    let fixture = try CheckFixture()
    let text = fixture.baseline.text.replacing("\"fashion on", with: "\"gone on")
    let baseline = try CheckFixture.baseline(text)
    #expect(baseline.updated(fixture.measured, isWhole: true).networks.count == 1)
    #expect(baseline.updated(fixture.measured, isWhole: false).networks.count == 2)
    let report = CheckReport(
      fixture.measured, baseline, .standard, isUpdate: false, isWhole: true)
    #expect(report.leftOver.count == 1)
  }

  @Test(arguments: [
    ("{", "line"), ("", "empty"), ("[]", "is not a mapping"),
    ("{\"schema\": \"x\", \"networks\": {}}", "schema"),
    ("{\"schema\": \"dovetail.baseline/1\", \"networks\": {\"a\": {\"model\": 1}}}", "layers"),
    ("{\"schema\": \"dovetail.baseline/1\", \"networks\": {}, \"x\": 1}", "there is no field `x`"),
    (String(repeating: "[", count: 5000), "line"),
  ])
  func damagedBaselineIsRefused(text: String, problem: String) throws {
    let error = try #require(throws: Diagnostic.self) { try CheckFixture.baseline(text) }
    #expect(error.message.id == "bad-baseline")
    #expect(error.description.contains(problem), "\(error.description)")
  }

  @Test func cutBaselinesAreRefused() throws {
    let bytes = Array(try CheckFixture().baseline.text.utf8)
    for length in stride(from: 0, to: bytes.count - 2, by: 97) {
      #expect(throws: Diagnostic.self) {
        try CheckFixture.baseline(String(decoding: bytes[..<length], as: UTF8.self))
      }
    }
  }
}
