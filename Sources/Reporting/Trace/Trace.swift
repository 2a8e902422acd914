import Lowering
import Simulation

/// A run as trace events, which Perfetto and `chrome://tracing` open (Trace Event Format, form of an object).
///
/// Layers and engines are tracks. Each command is a slice that lasts until its engine is free, with its bytes and
/// addresses in the target's memories; counters show the bandwidth and the live bytes of each memory. Times are
/// microseconds, to the millionth.
public struct Trace {
  let profile: Profile
  let program: Program
  let timeline: Timeline

  /// - Parameter profile: of the same program and timeline.
  public init(_ profile: Profile, _ program: Program, _ timeline: Timeline) {
    self.profile = profile
    self.program = program
    self.timeline = timeline
  }

  /// Hands the JSON to a sink, piece by piece.
  public func write(_ sink: @escaping ([UInt8]) throws -> Void) throws {
    var json = JSONBytes(sink)
    json.raw("{\"displayTimeUnit\":\"ns\",\"otherData\":")
    writeHeading(to: &json)
    json.raw(",\"traceEvents\":[\n")
    writeTracks(to: &json)
    try writeLayers(to: &json)
    try writeCommands(to: &json)
    try writeBandwidths(to: &json)
    writeLiveBytes(to: &json)
    json.raw("\n]}\n")
    try json.finish()
  }

  /// What the figures rest on.
  private func writeHeading(to json: inout JSONBytes) {
    json.raw("{\"schema\":\"dovetail.trace/1\",\"model\":")
    json.string(profile.model.name)
    json.raw(",\"modelSHA256\":")
    json.string(profile.model.sha256)
    json.raw(",\"target\":")
    json.string(profile.target.name)
    json.raw(",\"targetSHA256\":")
    json.string(profile.target.sha256)
    json.raw(",\"clockMHz\":")
    json.raw(Array("\(profile.target.clockMHz)".utf8))
    json.raw(",\"latencyCycles\":")
    json.number(profile.totals.latencyCycles)
    json.raw("}")
  }

  /// The number of an engine's track; that of the layers is the first.
  func track(of engine: Engine) -> Int { engine.rawValue + 2 }
  private static let layerTrack = 1

  /// The names of tracks, and their order.
  private func writeTracks(to json: inout JSONBytes) {
    json.raw("{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"process_name\",\"args\":{\"name\":")
    json.string("\(profile.model.name) on \(profile.target.name)")
    json.raw("}}")
    let named = Engine.allCases.filter { engine in
      program.commands.contains { $0.action.engine == engine }
    }.map { (track(of: $0), "engine: \($0.reportName)") }
    for (track, name) in [(Self.layerTrack, "layers")] + named {
      json.raw(",\n{\"ph\":\"M\",\"pid\":1,\"tid\":")
      json.number(track)
      json.raw(",\"name\":\"thread_name\",\"args\":{\"name\":")
      json.string(name)
      json.raw("}},\n{\"ph\":\"M\",\"pid\":1,\"tid\":")
      json.number(track)
      json.raw(",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":")
      json.number(track)
      json.raw("}}")
    }
  }

  /// The layers one after the other: each for the cycles by which it prolongs the run.
  private func writeLayers(to json: inout JSONBytes) throws {
    var start = 0
    for (index, layer) in profile.layers.prefix(program.layers.count).enumerated() {
      let end = start + layer.latencyCycles
      writeSlice(on: Self.layerTrack, from: Double(start), to: Double(end), to: &json)
      json.raw(",\"cat\":\"layer\",\"name\":")
      json.string(layer.name)
      json.raw(",\"args\":{\"layer\":")
      json.number(index)
      json.raw(",\"operator\":")
      json.string(layer.operator)
      json.raw(",\"engine\":")
      json.string(layer.engine)
      json.raw(",\"bound\":")
      json.string(layer.bound.rawValue)
      json.raw(",\"latencyCycles\":")
      json.number(layer.latencyCycles)
      json.raw(",\"computeCycles\":")
      json.number(layer.computeCycles)
      json.raw(",\"macs\":")
      json.number(layer.macs)
      json.raw("}}")
      try json.drain()
      start = end
    }
  }

  /// The beginning of a complete event, up to its duration.
  func writeSlice(on track: Int, from start: Double, to end: Double, to json: inout JSONBytes) {
    let (begin, finish) = (picoseconds(start), picoseconds(end))
    json.raw(",\n{\"ph\":\"X\",\"pid\":1,\"tid\":")
    json.number(track)
    json.raw(",\"ts\":")
    json.decimal(millionths: begin)
    json.raw(",\"dur\":")
    // Not the rounded duration: where one slice begins as another ends, they must not overlap.
    json.decimal(millionths: max(0, finish - begin))
  }

  /// Millionths of the format's unit, the microsecond.
  func picoseconds(_ cycles: Double) -> Int {
    let exact = (cycles * 1e6 / profile.target.clockMHz).rounded()
    return Int(min(exact, 0x1p62))
  }
}
