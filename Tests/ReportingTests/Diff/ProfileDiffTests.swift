import Foundation
import Reporting
import TestSupport
import Testing

/// Two profiles of one model, of which one was changed by hand.
struct ProfileDiffTests {
  @Test func profileDoesNotDifferFromItself() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    #expect(ProfileDiff(profile, profile).isEmpty)
    #expect(!Difference(profile, profile).differs)
  }

  @Test func slowerLayerIsFoundUnderAnotherName() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let changed = try EditedProfile.of(profile) { layers in
      layers[4]["latencyCycles"] = (layers[4]["latencyCycles"] as? Int ?? 0) + 100
      layers[4]["name"] = "another"
      layers[7]["name"] = "third"
    }
    let diff = ProfileDiff(profile, changed)
    #expect(diff.layers.map(\.kinds) == [[.latency, .name], [.name]])
    #expect(diff.layers[0].latencyChange == 100)
    #expect(diff.layers[0].before.map(\.name) == [profile.layers[4].name])
    #expect(diff.unchangedLayers == profile.layers.count - 2)
  }

  /// The biggest movers first, whichever way they moved.
  @Test func biggestMoversComeFirst() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let changes = [2: 10, 5: -300, 9: 20]
    let changed = try EditedProfile.of(profile) { layers in
      for (layer, change) in changes {
        layers[layer]["latencyCycles"] = (layers[layer]["latencyCycles"] as? Int ?? 0) + change
      }
    }
    #expect(ProfileDiff(profile, changed).layers.map(\.latencyChange) == [-300, 20, 10])
  }

  @Test func fusedLayersAreFoundByTheirSources() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let changed = try EditedProfile.of(profile) { layers in
      let second = layers.remove(at: 2)
      layers[1]["sources"] =
        (layers[1]["sources"] as? [Any] ?? []) + (second["sources"] as? [Any] ?? [])
      layers[1]["macs"] = (layers[1]["macs"] as? Int ?? 0) + (second["macs"] as? Int ?? 0)
      layers[1]["name"] = second["name"]
    }
    let diff = ProfileDiff(profile, changed)
    #expect(diff.layers.count == 1)
    #expect(diff.layers[0].kinds.contains(.fused))
    #expect(diff.layers[0].before.map(\.name) == profile.layers[1...2].map(\.name))
    #expect(ProfileDiff(changed, profile).layers[0].kinds.contains(.split))
  }

  /// Of another model indices of operators mean nothing; layers are known by what they do.
  @Test func layersOfAnotherFileAreMatchedByTheirWork() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let changed = try EditedProfile.of(profile, sha256: String(repeating: "0", count: 64)) {
      layers in
      for index in layers.indices { layers[index]["name"] = "layer \(index)" }
      layers.remove(at: 6)
    }
    let diff = ProfileDiff(profile, changed)
    let removed = diff.layers.filter { $0.kinds == [.removed] }
    #expect(removed.map { $0.before[0].name } == [profile.layers[6].name])
    #expect(diff.layers.filter { $0.kinds == [.name] }.count == profile.layers.count - 1)
  }

  @Test func movedLayerIsMoved() throws {
    let profile = try Profiled.profile(TestFiles.fashion)
    let changed = try EditedProfile.of(profile) { layers in
      layers.insert(layers.remove(at: 10), at: 3)
    }
    let diff = ProfileDiff(profile, changed)
    #expect(diff.layers.map(\.kinds) == [[.moved]])
  }

  @Test func anotherTargetIsAnotherProfile() throws {
    let a = try Profiled.profile(TestFiles.fashion)
    let b = try Profiled.profile(TestFiles.fashion, target: "ethos-u55-256")
    let diff = ProfileDiff(a, b)
    #expect(
      diff.totals.first { $0.name == "latencyCycles" }?.after == Double(b.totals.latencyCycles))
    let sum = diff.layers.reduce(0) { $0 + $1.latencyChange }
    #expect(sum == Double(b.totals.latencyCycles - a.totals.latencyCycles))
  }
}

/// A profile whose JSON was edited.
enum EditedProfile {
  static func of(
    _ profile: Profile, sha256: String? = nil, _ edit: (inout [[String: Any]]) -> Void
  ) throws -> Profile {
    let text = try JSONText.encode(profile)
    var json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var layers = try #require(json["layers"] as? [[String: Any]])
    edit(&layers)
    json["layers"] = layers
    if let sha256 {
      var model = try #require(json["model"] as? [String: Any])
      model["sha256"] = sha256
      json["model"] = model
    }
    let data = try JSONSerialization.data(withJSONObject: json)
    return try JSONDecoder().decode(Profile.self, from: data)
  }
}
