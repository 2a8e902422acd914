import Lowering
import Simulation

extension Trace {
  /// Each command on the track of its engine, in the order in which the engine runs them.
  func writeCommands(to json: inout JSONBytes) throws {
    let layers = program.layers.indices.map(middle(ofSlices:))
    let accesses = program.memories.map { beginning(ofAccesses: $0.name) }
    for (index, command) in program.commands.enumerated() {
      writeSlice(
        on: track(of: command.action.engine), from: timeline.starts[index],
        to: timeline.releases[index], to: &json)
      json.raw(",\"cat\":\"")
      json.raw(command.action.reportName)
      json.raw(layers[command.layer])
      json.number(index)
      json.raw(",\"computeCycles\":")
      json.number(timeline.computeCycles[index])
      write(StallCycles(of: index, in: program, timeline), to: &json)
      write(command.action, accesses, to: &json)
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

  /// What all slices of a layer have between the kind and the number of their command.
  private func middle(ofSlices layer: Int) -> [UInt8] {
    var text = [UInt8]()
    text.append("\",\"name\":")
    text += Escaping.json(shortName(layer))
    text.append(",\"args\":{\"layer\":")
    text.append(digits: layer)
    text.append(",\"command\":")
    return text
  }

  /// What all accesses to a memory have before their address.
  private func beginning(ofAccesses memory: String) -> [UInt8] {
    var text = [UInt8]()
    text.append("{\"memory\":")
    text += Escaping.json(memory)
    text.append(",\"address\":")
    return text
  }

  /// What a command reads, and behind it what it writes.
  private func write(_ action: Action, _ beginnings: [[UInt8]], to json: inout JSONBytes) {
    json.raw(",\"reads\":[")
    var (isFirst, isReading) = (true, true)
    action.forEachAccess { access in
      if isReading, access.isWrite {
        json.raw("],\"writes\":[")
        (isFirst, isReading) = (true, false)
      }
      guard access.tile.byteCount > 0 else { return }
      if !isFirst { json.raw(",") }
      isFirst = false
      write(access, beginnings, to: &json)
    }
    if isReading { json.raw("],\"writes\":[") }
  }

  private func write(_ access: Access, _ beginnings: [[UInt8]], to json: inout JSONBytes) {
    json.raw(beginnings[access.memory])
    json.number(access.tile.address)
    json.raw(",\"bytes\":")
    json.number(access.tile.byteCount)
    json.raw("}")
  }

  /// Of a layer's name what fits a slice; the whole name stands once, on the track of layers.
  private func shortName(_ layer: Int) -> String {
    let name = program.layers[layer].name.split(separator: ";").first.map(String.init)
    return Escaping.shortened(name ?? program.layers[layer].kind, to: 64)
  }
}
