import Hardware
import Support

/// What a program is to have least of. Among programs with equally little, the one that is estimated to be fastest counts.
public enum Objective: String, CaseIterable, Codable, Hashable, Sendable {
  /// Cycles from the start to the last result.
  case latency
  /// The bytes that values take, in whichever memories they lie.
  case memory
  /// Bytes read from and written to all other memories.
  case traffic
  /// What the target's figures for bytes and multiply-accumulates add up to.
  case energy

  /// What a byte counts that is read from or written to each memory of a target; nil where bytes do not count.
  func byteCosts(on target: TargetDescription) -> [Double]? {
    let fast = target.memory(holding: .activations)
    switch self {
    case .latency, .memory: return nil
    case .traffic: return target.memories.indices.map { $0 == fast ? 0 : 1 }
    case .energy: return target.memories.map { $0.picojoulesPerByte ?? 0 }
    }
  }

  /// How much a program has of what there is to be little of; 0 where only a timeline tells.
  package func amount(in program: Program) -> Double {
    if self == .memory { return Double(program.valueBytes) }
    let costs = byteCosts(on: program.target) ?? []
    return zip(program.trafficBytes, costs).reduce(0) { $0 + Double($1.0) * $1.1 }
  }

  /// - Throws: a `Diagnostic` if the target lacks the figures that the objective needs.
  package func check(_ target: TargetDescription) throws {
    guard self == .energy else { return }
    let lacking = target.memories.filter { $0.picojoulesPerByte == nil && !$0.holds.isEmpty }
      .map { "`\($0.name)`" }
    let all = lacking + (target.array.picojoulesPerMac == nil ? ["the array"] : [])
    guard !all.isEmpty else { return }
    throw Diagnostic(
      .noEnergies(target.name, all),
      help: "add `picojoulesPerByte` to each memory and `picojoulesPerMac` to the array in the "
        + "target's file, or take `traffic` instead, which energy mostly follows")
  }
}

extension Program {
  /// What memories for values hold besides constants.
  fileprivate var valueBytes: Int {
    let memories = Set(TargetDescription.Role.ofValues.compactMap(target.memory))
    return memories.reduce(0) {
      $0 + self.memories[$1].usedBytes - ($1 == constantsMemory ? imageByteCount : 0)
    }
  }

  /// Of each memory of the target, the bytes that commands read and write, without what bursts add.
  package var trafficBytes: [Int] {
    var bytes = Array(repeating: 0, count: memories.count)
    for command in commands {
      command.action.forEachAccess { bytes[$0.memory] += $0.tile.byteCount }
    }
    return Array(bytes.prefix(target.memories.count))
  }

  /// What reading and writing memories and multiplying take, in picojoules; nil if the target does not say what they
  /// do, or if the host takes part, of which it never says so.
  public var energyPicojoules: Double? { layerEnergies.map { $0.reduce(0, +) } }

  /// The energy of each layer, in picojoules: that of its own commands, which the whole run's is the sum of.
  public var layerEnergies: [Double]? {
    guard let mac = target.array.picojoulesPerMac, !layers.contains(where: { $0.engine == .host })
    else { return nil }
    var energies = layers.map { Double($0.work.macs) * mac }
    let perByte = target.memories.map(\.picojoulesPerByte)
    for index in commands.indices {
      let accesses = commands[index].action.accessList
      for position in 0..<accesses.count where accesses[position].memory < perByte.count {
        let access = accesses[position]
        guard let picojoules = perByte[access.memory] else { return nil }
        energies[commands[index].layer] += picojoules * Double(access.tile.byteCount)
      }
    }
    return energies
  }
}

extension Diagnostic.Message {
  fileprivate static func noEnergies(_ target: String, _ parts: [String]) -> Self {
    Self(
      id: "no-energy-figures", .unsupported,
      "`\(target)` does not say what energy \(parts.joined(separator: ", ")) take")
  }
}
