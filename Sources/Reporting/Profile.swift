import GraphIR
import Hardware
import Importing
import Lowering
import Simulation

/// What a model costs on a target, layer by layer: the JSON of `dovetail profile`, and the source of every table.
///
/// Cycles are of the target's clock. What has no model is nil, never 0.
public struct Profile: Codable, Hashable, Sendable {
  /// By which readers of the JSON know its form.
  public let schema: String
  /// Which model file was profiled.
  public let model: ModelReference
  /// Which description of a target the figures rest on.
  public let target: TargetReference
  /// The sums over all layers, and what only the whole run has.
  public let totals: Totals
  /// Their latencies add up to the total exactly; every operator of the source model stands in exactly one.
  public internal(set) var layers: [Layer]
  /// What would be faster; nil where that was not asked for, and then the JSON lacks it.
  public var advice: [ProfileAdvice]?

  /// The model, by name and by content.
  public struct ModelReference: Codable, Hashable, Sendable {
    /// The file's name without folder and extension.
    public let name: String
    /// `tflite`, `onnx` or `graph`.
    public let format: String
    /// Of the file, as 64 hexadecimal digits.
    public let sha256: String
  }

  /// The target, by name and by content.
  public struct TargetReference: Codable, Hashable, Sendable {
    /// As `target.yaml` gives it.
    public let name: String
    /// Of `target.yaml`, as 64 hexadecimal digits.
    public let sha256: String
    /// Turns cycles into time: `milliseconds = cycles / (clockMHz · 1000)`.
    public let clockMHz: Double
    /// The configuration of the NPU; left out, as what follows, where the file has no such variants.
    public let configuration: String?
    /// The clock and the memories around the NPU.
    public let systemConfig: String?
    /// What each memory is for.
    public let memoryMode: String?
    /// Given instead of the file's size of the memory for activations; left out where the file's size holds.
    public let activationMemoryBytes: Int?
    /// Where the target's figures for energy come from; left out where it does not say so.
    public let energySource: String?
  }

  /// What one run costs in all.
  public struct Totals: Codable, Hashable, Sendable {
    /// From the start to the last result.
    public let latencyCycles: Int
    /// `latencyCycles / (clockMHz · 1000)`.
    public let latencyMilliseconds: Double
    /// Multiply-accumulates of all layers, those on the host included.
    public let macs: Int
    /// Multiply-accumulates per cycle, of those that the array could do.
    public let utilization: Double
    /// Of memories and multiply-accumulates; nil where the target does not describe theirs, or the host takes part.
    @ExplicitNull public var energyMicrojoules: Double?
    /// What the constants' memory must hold, weights encoded; nil only in profiles of before there was such a field.
    public let imageBytes: Int?
    /// Of the NPU's own commands, which it reads from the memory for constants, beside what `trafficBytes` counts.
    /// An estimate by the target's figures; left out where it has none.
    public let commandBytes: Int?
    /// Of each memory, the end of the highest byte in use.
    public let peakMemoryBytes: [String: Int]
    /// Of each memory, the most bytes in use at one time: no plan can need less.
    public let liveMemoryBytes: [String: Int]
    /// By memory: what layers ask for, without what bursts add.
    public let trafficBytes: [String: Traffic]
    /// What `latencyCycles` is spent on; nil only in profiles of before there was such a field.
    public let criticalCycles: CriticalCycles?
  }

  /// Bytes that pass through a memory's port.
  public struct Traffic: Codable, Hashable, Sendable {
    /// Bytes that engines and the host read from the memory.
    public let read: Int
    /// Bytes that they write to it.
    public let write: Int
  }

  /// What one layer costs.
  public struct Layer: Codable, Hashable, Sendable {
    /// The name of the layer's result in the model file.
    public let name: String
    /// The operator's name in the text form; `none` for those that were eliminated.
    public let `operator`: String
    /// The operators of the model file whose work the layer does.
    public let sources: [Source]
    /// `mac`, `output`, `host`, or `none` for operators that were eliminated.
    public let engine: String
    /// Why the layer runs on the host.
    /// Nil on other engines.
    @ExplicitNull public var hostReason: String?
    /// By which the layer prolongs the run; what it does beside other layers is not counted twice.
    public let latencyCycles: Int
    /// For which its engine computes; more than the latency where it overlaps with other layers.
    public let computeCycles: Int
    /// Multiply-accumulates, wherever they are done.
    public let macs: Int
    /// `macs / (latencyCycles · peak)`, the peak being the array's, in multiply-accumulates per
    /// cycle; 0 if the latency is 0, and possibly above 1 where layers overlap.
    public let utilization: Double
    /// What the layer's time is spent on.
    public let bound: LayerCost.Bound
    /// By memory, as in the totals.
    public let trafficBytes: [String: Traffic]
    /// What the layer adds to the totals' energy; left out where these have none.
    public let energyMicrojoules: Double?
    /// Of the totals' cycles, those that the layer's commands are to blame for; nil as there.
    ///
    /// They differ from `latencyCycles` where layers overlap.
    public let criticalCycles: CriticalCycles?
    /// How far the layer is from that of another model; nil where that was not asked for, and then the JSON lacks it.
    public internal(set) var accuracy: LayerError?
    /// What the layer's commands wait for; nil as there.
    public let stallCycles: StallCycles?
  }

  /// An operator of the model file.
  public struct Source: Codable, Hashable, Sendable {
    /// Its position among the operators of the file, from 0.
    public let index: Int
    /// Its name in the model's format, such as `CONV_2D`.
    public let `operator`: String
  }
}

extension Profile {
  /// The profile of a program made from `model` for `target`.
  public init(_ model: Model, _ target: Target, _ program: Program, _ timeline: Timeline) {
    let source = CompiledModel.Source(
      name: model.name, format: model.format, sha256: model.sha256)
    self.init(source, target, program, timeline)
  }

  /// The profile of a compiled model.
  public init(_ compiled: CompiledModel, _ timeline: Timeline) {
    self.init(compiled.source, compiled.target, compiled.program, timeline)
  }

  private init(
    _ model: CompiledModel.Source, _ target: Target, _ program: Program, _ timeline: Timeline
  ) {
    schema = "dovetail.profile/1"
    self.model = ModelReference(name: model.name, format: model.format, sha256: model.sha256)
    self.target = TargetReference(target)
    let peak = target.description.peakMacsPerCycle
    let path = CriticalPath(of: program, timeline)
    let stalls = Simulation.StallCycles.all(program, timeline)
    let energies = program.layerEnergies
    let layers = program.layers.indices.map {
      Layer(
        program.layers[$0], timeline.layers[$0], path.layers[$0], stalls[$0], energies?[$0],
        program, peak)
    }
    self.layers = layers + Layer.eliminated(program, hasEnergy: energies != nil)
    totals = Totals(
      program, timeline, path, picojoules: energies?.reduce(0, +), peakMacsPerCycle: peak)
  }
}

extension Profile.TargetReference {
  init(_ target: Target) {
    name = target.name
    sha256 = target.sha256
    clockMHz = target.description.clockMHz
    configuration = target.choice.configuration
    systemConfig = target.choice.systemConfig
    memoryMode = target.choice.memoryMode
    activationMemoryBytes = target.choice.activationMemoryBytes
    energySource = target.description.energySource
  }
}

extension Profile.Totals {
  /// Those of a profile, where layers do not count.
  public init(of program: Program, _ timeline: Timeline) {
    self.init(
      program, timeline, CriticalPath(of: program, timeline),
      picojoules: program.energyPicojoules, peakMacsPerCycle: program.target.peakMacsPerCycle)
  }

  fileprivate init(
    _ program: Program, _ timeline: Timeline, _ path: CriticalPath, picojoules: Double?,
    peakMacsPerCycle: Double
  ) {
    latencyCycles = timeline.latencyCycles
    latencyMilliseconds = Double(latencyCycles) / (program.target.clockMHz * 1000)
    macs = program.layers.reduce(0) { $0 + $1.work.macs }
    utilization = Profile.utilization(macs, latencyCycles, peakMacsPerCycle)
    let used = program.memories.prefix(program.target.memories.count)
    energyMicrojoules = picojoules.map { $0 / 1_000_000 }
    imageBytes = program.imageByteCount
    commandBytes = program.commandBytes
    peakMemoryBytes = Dictionary(uniqueKeysWithValues: used.map { ($0.name, $0.usedBytes) })
    liveMemoryBytes = Dictionary(uniqueKeysWithValues: used.map { ($0.name, $0.lowerBound) })
    trafficBytes = Dictionary(
      uniqueKeysWithValues: used.enumerated().map { index, memory in
        let read = timeline.layers.reduce(0) { $0 + $1.readBytes[index] }
        let written = timeline.layers.reduce(0) { $0 + $1.writtenBytes[index] }
        return (memory.name, Profile.Traffic(read: read, write: written))
      })
    criticalCycles = Profile.CriticalCycles(path.total, program.target)
  }
}

extension Profile.Layer {
  fileprivate init(
    _ layer: Program.Layer, _ cost: LayerCost, _ critical: Simulation.CriticalCycles,
    _ stalls: Simulation.StallCycles, _ picojoules: Double?, _ program: Program,
    _ peakMacsPerCycle: Double
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
    energyMicrojoules = picojoules.map { $0 / 1_000_000 }
    criticalCycles = Profile.CriticalCycles(critical, program.target)
    stallCycles = Profile.StallCycles(stalls, program.target)
  }

  /// A layer for the operators whose results nothing reads; none if there are no such.
  fileprivate static func eliminated(_ program: Program, hasEnergy: Bool) -> [Profile.Layer] {
    guard !program.eliminated.isEmpty else { return [] }
    let idle = Profile.Traffic(read: 0, write: 0)
    let none = Simulation.CriticalCycles(memoryCount: program.target.memories.count)
    return [
      Profile.Layer(
        name: "(eliminated)", operator: "none",
        sources: program.eliminated.map { Profile.Source(index: $0.index, operator: $0.kind) },
        engine: "none", hostReason: nil, latencyCycles: 0, computeCycles: 0, macs: 0,
        utilization: 0, bound: .overhead,
        trafficBytes: Dictionary(
          uniqueKeysWithValues: program.target.memories.map { ($0.name, idle) }),
        energyMicrojoules: hasEnergy ? 0 : nil,
        criticalCycles: Profile.CriticalCycles(none, program.target),
        stallCycles: Profile.StallCycles(
          Simulation.StallCycles(memoryCount: program.target.memories.count), program.target))
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
