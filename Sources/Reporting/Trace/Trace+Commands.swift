import Lowering
import Simulation

extension Trace {
  /// Each command on the track of its engine, in the order in which the engine runs them.
  func writeCommands(to json: inout JSONBytes) throws {
    let layers = program.layers.indices.map(middle(ofSlices:))
    let accesses = program.target.memories.map { beginning(ofAccesses: $0.name) }
    let waits = StallNames(program)
    for index in program.commands.indices {
      let action = program.commands[index].action
      writeSlice(
        on: track(of: action.engine), from: timeline.starts[index],
        to: timeline.releases[index], to: &json)
      json.raw(",\"cat\":\"")
      json.raw(action.reportName)
      json.raw(layers[program.commands[index].layer])
      json.number(index)
      json.raw(",\"computeCycles\":")
      json.number(timeline.computeCycles[index])
      write(timeline.stalls(of: index, in: program), waits, to: &json)
      write(action, accesses, to: &json)
      json.raw("]}}")
      try json.drain()
    }
  }

  /// Only what a command waited for, so that most have nothing.
  private func write(_ stalls: CommandStalls, _ names: StallNames, to json: inout JSONBytes) {
    guard stalls.sum >= 0.5 else { return }
    json.raw(",\"stalls\":\"")
    var isFirst = true
    func write(_ cycles: Double, _ name: [UInt8]) {
      let cycles = Int(cycles.rounded())
      guard cycles > 0 else { return }
      if !isFirst { json.raw(", ") }
      isFirst = false
      json.raw(name)
      json.raw(" ")
      json.number(cycles)
    }
    write(stalls.engine, names.engine)
    if let maker = stalls.maker { write(stalls.dependency, names.makers[maker.rawValue]) }
    if let port = stalls.port { write(stalls.memory, names.memories[port]) }
    write(stalls.weightDecode, names.weightDecode)
    json.raw(isFirst ? "nothing\"" : "\"")
  }

  /// What all slices of a layer have between the kind and the number of their command.
  private func middle(ofSlices layer: Int) -> [UInt8] {
    var text = ByteText()
    text.append("\",\"name\":")
    text.append(Escaping.json(shortName(layer)))
    text.append(",\"args\":{\"layer\":")
    text.append(digits: layer)
    text.append(",\"command\":")
    return text.bytes
  }

  /// What all accesses to a memory have before their address.
  private func beginning(ofAccesses memory: String) -> [UInt8] {
    var text = ByteText()
    text.append("{\"memory\":")
    text.append(Escaping.json(memory))
    text.append(",\"address\":")
    return text.bytes
  }

  /// What a command reads, and behind it what it writes, of memories behind ports: what passes between engines inside the
  /// NPU would be most of the file.
  private func write(_ action: Action, _ beginnings: [[UInt8]], to json: inout JSONBytes) {
    json.raw(",\"reads\":[")
    var (isFirst, isReading) = (true, true)
    action.forEachAccess { access in
      if isReading, access.isWrite {
        json.raw("],\"writes\":[")
        (isFirst, isReading) = (true, false)
      }
      guard access.tile.byteCount > 0, access.memory < beginnings.count else { return }
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
    let (name, kind) = (program.layers[layer].name, program.layers[layer].kind)
    return Escaping.shortened(name.isEmpty ? kind : name.firstOfFused, to: 64)
  }
}

/// What a command may wait for, in the words of `Profile.StallCycles.text`.
private struct StallNames {
  let engine = Array("engine".utf8)
  let makers = Engine.allCases.map { Array("for \($0.reportName)".utf8) }
  /// Of each memory of the target, within a string of JSON.
  let memories: [[UInt8]]
  let weightDecode = Array("weight decode".utf8)

  init(_ program: Program) {
    memories = program.target.memories.map { Array(Escaping.json($0.name).dropFirst().dropLast()) }
  }
}
