import Foundation
import Lowering
import Reporting
import Simulation
import TestSupport
import Testing

/// The trace is read by Perfetto and `chrome://tracing`; here, a checker of its format stands for them.
struct TraceTests {
  @Test(arguments: Profiled.models)
  func traceFollowsItsFormat(path: String) throws {
    let trace = try TraceFile(Profiled.run(path))
    for event in trace.events { try trace.check(event) }
    for slices in trace.tracks.values { trace.checkOrder(slices) }
    #expect(trace.json["displayTimeUnit"] as? String == "ns")
  }

  @Test(arguments: Profiled.models)
  func sumsAreThoseOfTheProfile(path: String) throws {
    let run = try Profiled.run(path)
    let trace = try TraceFile(run)
    expectLayers(trace, run)
    for (index, memory) in run.program.target.memories.enumerated() {
      let total = try #require(run.profile.totals.trafficBytes[memory.name])
      #expect(trace.bytes("reads", of: memory.name) == total.read)
      #expect(trace.bytes("writes", of: memory.name) == total.write)
      // Rates are rounded to millionths.
      for (direction, bytes) in [("read", total.read), ("written", total.write)] {
        let averaged = trace.averagedBytes(direction, of: memory.name)
        #expect(abs(averaged - Double(bytes)) <= 1 + 1e-6 * Double(bytes))
      }
      let live = trace.counter("\(memory.name), live bytes").compactMap { $0.args["bytes"] as? Int }
      #expect((live.max() ?? 0) <= run.program.memories[index].usedBytes)
    }
  }

  /// Layers end with the run, and their engines compute as long as the profile says.
  private func expectLayers(_ trace: TraceFile, _ run: ProfiledRun) {
    let clock = run.profile.target.clockMHz
    let totals = run.profile.totals
    let layers = trace.tracks["layers"] ?? []
    let end = layers.last.map { $0.start + $0.duration } ?? 0
    #expect(Int((end * clock).rounded()) == totals.latencyCycles)
    #expect(
      layers.map { $0.args["latencyCycles"] as? Int }
        == run.program.layers.indices.map {
          run.profile.layers[$0].latencyCycles
        })
    for engine in Engine.allCases {
      let computing = run.profile.layers.filter { $0.engine == engine.reportName }
      let slices = (trace.tracks["engine: \(engine.reportName)"] ?? []).filter { slice in
        slice.layer.map { run.program.layers[$0].engine == engine } ?? false
      }
      let cycles = slices.compactMap { $0.args["computeCycles"] as? Int }.reduce(0, +)
      #expect(cycles == computing.reduce(0) { $0 + $1.computeCycles })
    }
  }

  @Test func namesStayWhatTheyAre() throws {
    let run = try Profiled.chain(named: NastyNames.all)
    let trace = try TraceFile(run)
    #expect(trace.tracks["layers"]?.map(\.name) == run.program.layers.map(\.name))
    // One line a name at most: a name of 10,000 characters is not repeated in every command.
    #expect(trace.tracks["engine: output"]?.allSatisfy { $0.name.count <= 64 } ?? false)
    #expect(!trace.text.unicodeScalars.contains { $0 != "\n" && $0.value < 0x20 })
    #expect(!trace.text.contains("\u{202e}"))
  }

  @Test func graphWithoutCommandsHasATrace() throws {
    let trace = try TraceFile(Profiled.chain(named: []))
    #expect(trace.events.allSatisfy { $0.phase == "M" || $0.phase == "C" })
  }

  /// Much less than compiling and timing takes; the bound is wide, for machines are busy.
  @Test func writingTakesLittleTime() throws {
    let clock = ContinuousClock()
    let path = try #require(Profiled.models.last)
    var run: ProfiledRun?
    let profiling = try clock.measure { run = try Profiled.run(path) }
    let found = try #require(run)
    let writing = try clock.measure {
      try Trace(found.profile, found.program, found.timeline).write { _ in }
    }
    #expect(writing < profiling)
  }
}

/// A trace that was written and parsed back.
private struct TraceFile {
  let text: String
  let json: [String: Any]
  let events: [Event]
  /// The slices of each track in the order of the file, by the track's name.
  private(set) var tracks: [String: [Event]] = [:]

  struct Event {
    let phase: String
    let name: String
    let track: Int?
    let start: Double
    let duration: Double
    let args: [String: Any]
    let fields: Set<String>

    var layer: Int? { args["layer"] as? Int }
  }

  init(_ run: ProfiledRun) throws {
    let pieces = Pieces()
    try Trace(run.profile, run.program, run.timeline).write { pieces.bytes += $0 }
    text = try #require(String(validating: pieces.bytes, as: UTF8.self))
    let object = try JSONSerialization.jsonObject(with: Data(pieces.bytes))
    json = try #require(object as? [String: Any])
    let list = try #require(json["traceEvents"] as? [[String: Any]])
    events = try list.map { fields in
      Event(
        phase: try #require(fields["ph"] as? String), name: try #require(fields["name"] as? String),
        track: fields["tid"] as? Int, start: fields["ts"] as? Double ?? -1,
        duration: fields["dur"] as? Double ?? -1,
        args: try #require(fields["args"] as? [String: Any]), fields: Set(fields.keys))
    }
    var names: [Int: String] = [:]
    for event in events where event.name == "thread_name" {
      names[try #require(event.track)] = event.args["name"] as? String
    }
    for event in events where event.phase == "X" {
      let track = try #require(event.track)
      let name = try #require(names[track])
      tracks[name, default: []].append(event)
    }
  }

  private final class Pieces { var bytes: [UInt8] = [] }

  /// The fields that the format requires of each phase.
  func check(_ event: Event) throws {
    #expect(event.fields.isSuperset(of: ["ph", "pid", "tid", "name", "args"]))
    switch event.phase {
    case "M": #expect(["process_name", "thread_name", "thread_sort_index"].contains(event.name))
    case "X":
      #expect(event.start >= 0 && event.duration >= 0 && event.fields.contains("cat"))
    case "C":
      #expect(event.start >= 0 && !event.args.isEmpty)
      #expect(event.args.values.allSatisfy { $0 is Double })
    default: Issue.record("phase \(event.phase)")
    }
  }

  /// Times have six digits behind the point, so differences of a millionth are those of parsing.
  func checkOrder(_ slices: [Event]) {
    for (first, second) in zip(slices, slices.dropFirst()) {
      #expect(first.start + first.duration <= second.start + 1e-6)
    }
  }

  func counter(_ name: String) -> [Event] { events.filter { $0.phase == "C" && $0.name == name } }

  func bytes(_ direction: String, of memory: String) -> Int {
    let accesses = events.filter { $0.phase == "X" }
      .flatMap { $0.args[direction] as? [[String: Any]] ?? [] }
    return accesses.filter { $0["memory"] as? String == memory }
      .reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) }
  }

  /// The counter's rates times the cycles for which they hold.
  func averagedBytes(_ direction: String, of memory: String) -> Double {
    guard let heading = json["otherData"] as? [String: Any],
      let clock = heading["clockMHz"] as? Double
    else { return .nan }
    let events = counter("\(memory), bytes per cycle")
    return zip(events, events.dropFirst()).reduce(0) { sum, pair in
      sum + (pair.0.args[direction] as? Double ?? .nan) * (pair.1.start - pair.0.start) * clock
    }
  }
}
