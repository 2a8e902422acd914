import Lowering
import Simulation

extension Trace {
  /// Each command on the track of its engine, in the order in which the engine runs them.
  func writeCommands(to json: inout JSONBytes) throws {
    let layers = program.layers.indices.map { Escaping.json(shortName($0)) }
    let memories = program.memories.map { Escaping.json($0.name) }
    for (index, command) in program.commands.enumerated() {
      writeSlice(
        on: track(of: command.action.engine), from: timeline.starts[index],
        to: timeline.releases[index], to: &json)
      json.raw(",\"cat\":\"")
      json.raw(command.action.reportName)
      json.raw("\",\"name\":")
      json.raw(layers[command.layer])
      json.raw(",\"args\":{\"layer\":")
      json.number(command.layer)
      json.raw(",\"command\":")
      json.number(index)
      json.raw(",\"computeCycles\":")
      json.number(timeline.computeCycles[index])
      write(StallCycles(of: index, in: program, timeline), to: &json)
      let accesses = command.action.accesses
      json.raw(",\"reads\":[")
      write(accesses, isWrite: false, memories, to: &json)
      json.raw("],\"writes\":[")
      write(accesses, isWrite: true, memories, to: &json)
      json.raw("]}}")
      try json.drain()
    }
  }

  /// Only what a command waited for, so that most have nothing.
  private func write(_ stalls: StallCycles, to json: inout JSONBytes) {
    let cycles = Profile.StallCycles(stalls, program.target)
    guard stalls.sum >= 0.5 else { return }
    json.raw(",\"stalls\":")
    json.string(cycles.text)
  }

  private func write(
    _ accesses: [Access], isWrite: Bool, _ memories: [[UInt8]], to json: inout JSONBytes
  ) {
    var isFirst = true
    for access in accesses where access.isWrite == isWrite && access.tile.byteCount > 0 {
      if !isFirst { json.raw(",") }
      isFirst = false
      json.raw("{\"memory\":")
      json.raw(memories[access.memory])
      json.raw(",\"address\":")
      json.number(access.tile.address)
      json.raw(",\"bytes\":")
      json.number(access.tile.byteCount)
      json.raw("}")
    }
  }

  /// Of a layer's name what fits a slice; the whole name stands once, on the track of layers.
  private func shortName(_ layer: Int) -> String {
    let name = program.layers[layer].name.split(separator: ";").first.map(String.init)
    return Escaping.shortened(name ?? program.layers[layer].kind, to: 64)
  }
}
