import Foundation
import Reporting
import Support
import TestSupport
import Testing

/// The accuracy of layers in profiles.
struct LayerAccuracyTests {
  @Test func profilesShowWhatEvaluationsFound() throws {
    let run = try Profiled.run(text: Profiled.addition(named: "sum"))
    let profile = try Self.add(Self.json(of: run.profile, layer: "sum"), to: run.profile)
    #expect(profile.layers[0].accuracy?.aloneDecibels == 28.25)
    #expect(ProfileTable(profile).text.contains("alone, dB"))
    #expect(ProfileCSV.text(profile).contains(",sqnrDecibels,aloneDecibels,cosine\r\n"))
    #expect(ProfileCSV.text(profile).contains(",30.5,28.25,0.5\r\n"))
    #expect(ProfileMarkdown(profile).text.contains("| 28.2 |"))
    #expect(try JSONText.encode(profile).contains("\"aloneDecibels\" : 28.25"))
    #expect(profile.layerAccuracy?.values == [28.25])
    #expect(run.profile.layerAccuracy == nil)
    #expect(try !JSONText.encode(run.profile).contains("accuracy"))
  }

  /// Layers whose names differ are known by the operators of the file that they came from.
  @Test func layersAreFoundByTheirSources() throws {
    let run = try Profiled.chain(named: ["a", "b"])
    let source = try #require(run.profile.layers[1].sources.first)
    let profile = try Self.add(
      Self.json(of: run.profile, layer: "elsewhere", source: source), to: run.profile)
    #expect(profile.layers.map { $0.accuracy?.aloneDecibels } == [nil, 28.25])
  }

  @Test(arguments: [
    "no JSON", "{}", "{\"schema\": \"x\", \"model\": {\"name\": \"m\"}}",
    "{\"schema\": \"x\", \"model\": {\"name\": \"m\", \"format\": \"graph\", \"sha256\": \"0\"}}",
  ])
  func whatDoesNotFitIsReported(text: String) throws {
    let profile = try Profiled.run(text: Profiled.addition(named: "sum")).profile
    let problem = #expect(throws: Diagnostic.self) { try Self.add(text, to: profile) }
    #expect(problem?.message.id == "bad-evaluation")
  }

  private static func add(_ json: String, to profile: Profile) throws -> Profile {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(json.utf8), to: "\(folder)/e.json")
      var profile = profile
      try profile.addAccuracy(reading: "\(folder)/e.json")
      return profile
    }
  }

  /// An evaluation of one layer.
  private static func json(
    of profile: Profile, layer: String, source: Profile.Source? = nil
  ) -> String {
    let sources = source.map { "{\"index\": \($0.index), \"operator\": \"\($0.operator)\"}" } ?? ""
    func figures(_ decibels: Double) -> String {
      "{\"sqnrDecibels\": \(decibels), \"cosine\": 0.5, \"isExact\": false}"
    }
    return """
      {"schema": "dovetail.evaluation/1",
       "model": {"name": "m", "format": "graph", "sha256": "\(profile.model.sha256)"},
       "layerAccuracy": {"layerCount": 1, "foundByName": 1, "medianAloneDecibels": 28.25,
         "weakest": null, "layers": [{"name": "\(layer)", "operator": "add", "sources": [\(sources)],
           "run": \(figures(30.5)), "alone": \(figures(28.25))}]}}
      """
  }
}
