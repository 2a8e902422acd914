import GraphIR
import Hardware
import Importing
import Lowering
import Simulation

/// What a model costs on a target, layer by layer: the JSON of `dovetail profile`, and the source of every table.
///
/// Cycles are of the target's clock. What has no model is nil, never 0.
public struct Profile: Codable, Hashable, Sendable {
  public let schema: String
  public let model: ModelReference
  public let target: TargetReference
  public let totals: Totals
  /// Their latencies add up to the total exactly; every operator of the source model stands in exactly one.
  public let layers: [Layer]

  public struct ModelReference: Codable, Hashable, Sendable {
    public let name: String
    public let format: String
    public let sha256: String
  }

  public struct TargetReference: Codable, Hashable, Sendable {
    public let name: String
    public let sha256: String
    public let clockMHz: Double
  }

  public struct Totals: Codable, Hashable, Sendable {
    public let latencyCycles: Int
    public let latencyMilliseconds: Double
    public let macs: Int
    /// Multiply-accumulates per cycle, of those that the array could do.
    public let utilization: Double
    /// No target describes energies yet.
    @ExplicitNull public var energyMicrojoules: Double?
    /// Of each memory, the end of the highest byte in use.
    public let peakMemoryBytes: [String: Int]
    /// Of each memory, the most bytes in use at one time: no plan can need less.
    public let liveMemoryBytes: [String: Int]
    public let trafficBytes: [String: Traffic]
  }

  public struct Traffic: Codable, Hashable, Sendable {
    public let read: Int
    public let write: Int
  }

  public struct Layer: Codable, Hashable, Sendable {
    /// The name of the layer's result in the model file.
    public let name: String
    public let `operator`: String
    public let sources: [Source]
    /// `mac`, `output`, `host`, or `none` for operators that were eliminated.
    public let engine: String
    /// Why the layer runs on the host.
    @ExplicitNull public var hostReason: String?
    public let latencyCycles: Int
    public let computeCycles: Int
    public let macs: Int
    public let utilization: Double
    public let bound: LayerCost.Bound
    public let trafficBytes: [String: Traffic]
  }

  public struct Source: Codable, Hashable, Sendable {
    public let index: Int
    public let `operator`: String
  }
}

extension Profile {
  /// The profile of a program made from `model` for `target`.
  public init(_ model: Model, _ target: Target, _ program: Program, _ timeline: Timeline) {
    schema = "dovetail.profile/1"
    self.model = ModelReference(name: model.name, format: model.format, sha256: model.sha256)
    self.target = TargetReference(
      name: target.name, sha256: target.sha256, clockMHz: target.description.clockMHz)
    let peak = target.description.peakMacsPerCycle
    let layers = zip(program.layers, timeline.layers).map { Layer($0, $1, program, peak) }
    self.layers = layers + Layer.eliminated(program)
    totals = Totals(program, timeline, peakMacsPerCycle: peak)
  }
}

extension Profile.Totals {
  fileprivate init(_ program: Program, _ timeline: Timeline, peakMacsPerCycle: Double) {
    latencyCycles = timeline.latencyCycles
    latencyMilliseconds = Double(latencyCycles) / (program.target.clockMHz * 1000)
    macs = program.layers.reduce(0) { $0 + $1.work.macs }
    utilization = Profile.utilization(macs, latencyCycles, peakMacsPerCycle)
    let used = program.memories.prefix(program.target.memories.count)
    peakMemoryBytes = Dictionary(uniqueKeysWithValues: used.map { ($0.name, $0.usedBytes) })
    liveMemoryBytes = Dictionary(uniqueKeysWithValues: used.map { ($0.name, $0.lowerBound) })
    trafficBytes = Dictionary(
      uniqueKeysWithValues: used.enumerated().map { index, memory in
        let read = timeline.layers.reduce(0) { $0 + $1.readBytes[index] }
        let written = timeline.layers.reduce(0) { $0 + $1.writtenBytes[index] }
        return (memory.name, Profile.Traffic(read: read, write: written))
      })
  }
}

extension Profile.Layer {
  fileprivate init(
    _ layer: Program.Layer, _ cost: LayerCost, _ program: Program, _ peakMacsPerCycle: Double
  ) {
    name = layer.name
    `operator` = layer.kind
    sources = layer.sources.map { Profile.Source(index: $0.index, operator: $0.kind) }
    engine = layer.engine.reportName
    hostReason = layer.hostReason
    latencyCycles = cost.latencyCycles
    computeCycles = cost.computeCycles
    macs = layer.work.macs
    utilization = Profile.utilization(macs, latencyCycles, peakMacsPerCycle)
    bound = cost.bound
    trafficBytes = Dictionary(
      uniqueKeysWithValues: program.target.memories.enumerated().map { index, memory in
        let traffic = Profile.Traffic(read: cost.readBytes[index], write: cost.writtenBytes[index])
        return (memory.name, traffic)
      })
  }

  /// A layer for the operators whose results nothing reads; none if there are no such.
  fileprivate static func eliminated(_ program: Program) -> [Profile.Layer] {
    guard !program.eliminated.isEmpty else { return [] }
    let idle = Profile.Traffic(read: 0, write: 0)
    return [
      Profile.Layer(
        name: "(eliminated)", operator: "none",
        sources: program.eliminated.map { Profile.Source(index: $0.index, operator: $0.kind) },
        engine: "none", hostReason: nil, latencyCycles: 0, computeCycles: 0, macs: 0,
        utilization: 0, bound: .overhead,
        trafficBytes: Dictionary(
          uniqueKeysWithValues: program.target.memories.map { ($0.name, idle) }))
    ]
  }
}

extension Profile {
  fileprivate static func utilization(_ macs: Int, _ cycles: Int, _ peak: Double) -> Double {
    cycles == 0 ? 0 : Double(macs) / (Double(cycles) * peak)
  }
}

extension Engine {
  /// The name in reports.
  public var reportName: String {
    switch self {
    case .array: "mac"
    case .output: "output"
    case .host: "host"
    case .mover: "dma"
    case .reader: "input"
    }
  }
}

/// An optional that JSON shows as `null` when there is no value, instead of leaving the field out.
@propertyWrapper
public struct ExplicitNull<Wrapped: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  public var wrappedValue: Wrapped?

  public init(wrappedValue: Wrapped?) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Wrapped.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}
