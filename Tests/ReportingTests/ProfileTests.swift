import Foundation
import Importing
import Reporting
import Support
import TestSupport
import Testing

/// The profile's JSON is a contract: scripts rely on its fields.
struct ProfileTests {
  private static let text = Profiled.addition(named: "sum")

  @Test func fieldsAreThoseOfTheContract() throws {
    let json = try Self.json(Profiled.profile(text: Self.text))
    #expect(json["schema"] as? String == "dovetail.profile/1")
    #expect(try Self.keys(json, "model") == ["format", "name", "sha256"])
    #expect(
      try Self.keys(json, "target") == [
        "clockMHz", "configuration", "memoryMode", "name", "sha256", "systemConfig",
      ])
    let totals = [
      "criticalCycles", "energyMicrojoules", "latencyCycles", "imageBytes",
      "latencyMilliseconds", "macs", "peakMemoryBytes",
      "trafficBytes", "utilization",
    ]
    #expect(try Set(totals).isSubset(of: Self.keys(json, "totals")))
    let layer = try #require((json["layers"] as? [[String: Any]])?.first)
    let fields = [
      "bound", "computeCycles", "criticalCycles", "engine", "latencyCycles", "macs", "name",
      "operator", "sources", "stallCycles", "trafficBytes", "utilization",
    ]
    #expect(Set(fields).isSubset(of: layer.keys))
  }

  @Test(arguments: Profiled.models)
  func totalsAreTheSameWithoutLayers(path: String) throws {
    let run = try Profiled.run(path)
    #expect(Profile.Totals(of: run.program, run.timeline) == run.profile.totals)
  }

  @Test func kindsAreThoseOfTheContract() throws {
    let json = try Self.json(Profiled.profile(text: Self.text))
    let totals = try #require(json["totals"] as? [String: Any])
    #expect(totals["latencyCycles"] is Int)
    #expect(totals["latencyMilliseconds"] is Double)
    let traffic = try #require(totals["trafficBytes"] as? [String: [String: Int]])
    #expect(traffic.keys.sorted() == ["flash", "sram"])
    #expect(traffic["sram"]?.keys.sorted() == ["read", "write"])
    let cycles = try #require(totals["criticalCycles"] as? [String: Any])
    let purposes = [
      "compute", "dependency", "host", "memory", "output", "overhead", "weightDecode",
    ]
    #expect(cycles.keys.sorted() == purposes)
    #expect((cycles["memory"] as? [String: Int])?.keys.sorted() == ["flash", "sram"])
    let layer = try #require((json["layers"] as? [[String: Any]])?.first)
    let source = try #require((layer["sources"] as? [[String: Any]])?.first)
    #expect(source["index"] as? Int == 0)
    #expect(source["operator"] as? String == "ADD")
  }

  /// What has no model is null, never 0, and never left out.
  @Test func unknownsAreNull() throws {
    let json = try Self.json(Profiled.profile(text: Self.text))
    let totals = try #require(json["totals"] as? [String: Any])
    #expect(totals["energyMicrojoules"] is NSNull)
    let layer = try #require((json["layers"] as? [[String: Any]])?.first)
    #expect(layer["hostReason"] is NSNull)
  }

  @Test func profileReadsBackFromItsJSON() throws {
    let profile = try Profiled.profile(text: Self.text)
    let text = try JSONText.encode(profile)
    #expect(try JSONDecoder().decode(Profile.self, from: Data(text.utf8)) == profile)
    #expect(text.hasSuffix("}\n"))
  }

  @Test(arguments: Profiled.models, TargetVariant.roomy)
  func layersAddUpToTheTotals(path: String, target: String) throws {
    let profile = try Profiled.profile(path, target: target)
    let totals = profile.totals
    #expect(profile.layers.reduce(0) { $0 + $1.latencyCycles } == totals.latencyCycles)
    #expect(profile.layers.reduce(0) { $0 + $1.macs } == totals.macs)
    for memory in totals.trafficBytes.keys {
      let sums = profile.layers.map { $0.trafficBytes[memory] }
      #expect(sums.reduce(0) { $0 + ($1?.read ?? 0) } == totals.trafficBytes[memory]?.read)
      #expect(sums.reduce(0) { $0 + ($1?.write ?? 0) } == totals.trafficBytes[memory]?.write)
    }
    #expect((0...1).contains(totals.utilization))
    #expect(profile.layers.allSatisfy { (0...1).contains($0.utilization) })
    let milliseconds = Double(totals.latencyCycles) / (profile.target.clockMHz * 1000)
    #expect(totals.latencyMilliseconds == milliseconds)
  }

  @Test(arguments: Profiled.models, TargetVariant.roomy)
  func criticalCyclesAddUpToTheTotals(path: String, target: String) throws {
    let profile = try Profiled.profile(path, target: target)
    let total = try #require(profile.totals.criticalCycles)
    #expect(Self.sum(total) == profile.totals.latencyCycles)
    let layers = profile.layers.compactMap(\.criticalCycles)
    #expect(layers.count == profile.layers.count)
    #expect(layers.reduce(0) { $0 + Self.sum($1) } == profile.totals.latencyCycles)
    #expect(layers.reduce(0) { $0 + $1.compute } == total.compute)
    #expect(layers.reduce(0) { $0 + $1.weightDecode } == total.weightDecode)
    for (memory, cycles) in total.memory {
      #expect(layers.reduce(0) { $0 + ($1.memory[memory] ?? 0) } == cycles)
    }
  }

  @Test(arguments: Profiled.models)
  func energiesOfLayersAddUpToTheTotal(path: String) throws {
    let profile = try Profiled.profile(path, target: "ethos-u65-256")
    let layers = profile.layers.compactMap(\.energyMicrojoules)
    guard let total = profile.totals.energyMicrojoules else { return #expect(layers == []) }
    #expect(layers.count == profile.layers.count)
    #expect(abs(layers.reduce(0, +) - total) <= 1e-9 * total)
    let source = try #require(profile.target.energySource)
    #expect(ProfileTable(profile, width: 200).text.contains("estimated from \(source)"))
  }

  /// Profiles of before there was a critical path have none, and their tables show what layers are bound by.
  @Test func profilesWithoutACriticalPathAreRead() throws {
    let text = try JSONText.encode(Profiled.profile(text: Self.text))
    let older = text.replacing("\"criticalCycles\"", with: "\"unknownCycles\"")
    let profile = try JSONDecoder().decode(Profile.self, from: Data(older.utf8))
    #expect(profile.totals.criticalCycles == nil)
    #expect(profile.layers.allSatisfy { $0.criticalCycles == nil })
    #expect(ProfileTable(profile).text.contains("\n  bound    compute "))
  }

  private static func sum(_ cycles: Profile.CriticalCycles) -> Int {
    cycles.memory.values.reduce(0, +) + cycles.compute + cycles.weightDecode + cycles.output
      + cycles.dependency + cycles.overhead + cycles.host
  }

  @Test(arguments: Profiled.models)
  func everySourceOperatorStandsInOneLayer(path: String) throws {
    let found = try Profiled.profile(path).layers.flatMap(\.sources).map(\.index)
    let count = try ModelOutline(path).operators.count
    #expect(found.sorted() == Array(0..<count))
  }

  /// Dead, folded, merged and reshaping operators, and transposes that cancel each other.
  @Test func everySourceOperatorOfAnEditedGraphStandsInOneLayer() throws {
    let profile = try Profiled.profile(
      text: """
        graph g(%x: i8<0.5>[1, 4, 4, 8]) {
          %c = constant(random(1)) : i8<0.5>[8, 4, 4, 1]
          %d = transpose(%c) {permutation: [3, 1, 2, 0]} : i8<0.5>[1, 4, 4, 8] from TRANSPOSE 0
          %dead = add(%x, %x) : i8<1.0>[1, 4, 4, 8] from ADD 1
          %a = transpose(%x) {permutation: [0, 2, 1, 3]} : i8<0.5>[1, 4, 4, 8] from TRANSPOSE 2
          %b = transpose(%a) {permutation: [0, 2, 1, 3]} : i8<0.5>[1, 4, 4, 8] from TRANSPOSE 3
          %e = add(%b, %d) : i8<0.5>[1, 4, 4, 8] from ADD 4
          %f = add(%b, %d) : i8<0.5>[1, 4, 4, 8] from ADD 5
          %g = reshape(%e) {shape: [1, 128]} : i8<0.5>[1, 128] from RESHAPE 6
          %h = reshape(%f) {shape: [128]} : i8<0.5>[128] from RESHAPE 7
          return %g, %h
        }
        """)
    let found = profile.layers.flatMap(\.sources).map(\.index)
    #expect(found.sorted() == Array(0...7))
  }

  @Test func operatorsOfAGraphWithoutLayersAreEliminated() throws {
    let profile = try Profiled.profile(
      text: """
        graph g(%x: i8<0.5>[1, 4]) {
          %y = reshape(%x) {shape: [4]} : i8<0.5>[4] from RESHAPE 0
          return %y
        }
        """)
    #expect(profile.totals.latencyCycles == 0)
    #expect(profile.totals.utilization == 0)
    #expect(profile.layers.map(\.name) == ["(eliminated)"])
    #expect(profile.layers.flatMap(\.sources).map(\.index) == [0])
  }

  private static func json(_ profile: Profile) throws -> [String: Any] {
    let data = Data(try JSONText.encode(profile).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private static func keys(_ json: [String: Any], _ field: String) throws -> [String] {
    try #require(json[field] as? [String: Any]).keys.sorted()
  }
}
