import Hardware
import Lowering

extension Trace {
  /// The most intervals over which bandwidth is averaged.
  private static let maximumIntervals = 1000

  /// Bytes per cycle that are read from each memory and written to it, averaged over equal intervals.
  func writeBandwidths(to json: inout JSONBytes) throws {
    let cycles = profile.totals.latencyCycles
    guard cycles > 0 else { return }
    let interval = dividedUp(cycles, Self.maximumIntervals)
    let traffic = traffic(interval: interval)
    for (index, memory) in program.target.memories.enumerated() {
      let name = Escaping.json("\(memory.name), bytes per cycle")
      var last = (read: 0, written: 0)
      for position in traffic[index].indices {
        let found = traffic[index][position]
        let rate = (
          read: Self.millionths(found.read, per: interval),
          written: Self.millionths(found.written, per: interval)
        )
        // A counter keeps its value until the next event.
        guard position == 0 || rate != last else { continue }
        last = rate
        writeBandwidth(name, at: position * interval, rate, to: &json)
      }
      try json.drain()
    }
  }

  private static func millionths(_ bytes: Double, per interval: Int) -> Int {
    Int((bytes * 1e6 / Double(interval)).rounded())
  }

  private func writeBandwidth(
    _ name: [UInt8], at cycle: Int, _ rate: (read: Int, written: Int), to json: inout JSONBytes
  ) {
    writeCounter(name, at: cycle, to: &json)
    json.raw("\"read\":")
    json.decimal(millionths: rate.read)
    json.raw(",\"written\":")
    json.decimal(millionths: rate.written)
    json.raw("}}")
  }

  /// Of each memory the bytes in each interval, and nothing in the one behind the last. A command's bytes are spread
  /// evenly over the time for which it holds its engine.
  private func traffic(interval: Int) -> [[(read: Double, written: Double)]] {
    let count = dividedUp(profile.totals.latencyCycles, interval) + 1
    let memories = program.target.memories.count
    // One list for all, as this looks at each access of each command.
    var traffic = Array(repeating: (read: 0.0, written: 0.0), count: memories * count)
    for index in program.commands.indices {
      let start = timeline.starts[index] / Double(interval)
      let end = max(timeline.releases[index] / Double(interval), start)
      let first = min(Int(start), count - 1)
      let last = min(Int(end), count - 1)
      program.commands[index].action.forEachAccess { access in
        guard access.memory < memories else { return }
        let bytes = Double(access.tile.byteCount)
        for position in first...last {
          let covered = min(end, Double(position + 1)) - max(start, Double(position))
          let share = first == last ? bytes : bytes * max(0, covered) / (end - start)
          if access.isWrite {
            traffic[access.memory * count + position].written += share
          } else {
            traffic[access.memory * count + position].read += share
          }
        }
      }
    }
    return (0..<memories).map { Array(traffic[$0 * count..<($0 + 1) * count]) }
  }

  /// Bytes of each memory that hold something that is still needed, from layer to layer.
  func writeLiveBytes(to json: inout JSONBytes) {
    var starts = [0]
    for layer in profile.layers.prefix(program.layers.count) {
      starts.append((starts.last ?? 0) + layer.latencyCycles)
    }
    for (index, memory) in program.target.memories.enumerated() {
      let name = Escaping.json("\(memory.name), live bytes")
      for (layer, bytes) in liveBytes(in: index).enumerated() {
        writeCounter(name, at: starts[layer], to: &json)
        json.raw("\"bytes\":")
        json.number(bytes)
        json.raw("}}")
      }
    }
  }

  /// While each layer runs: the constants that the memory keeps, and what lies there for a time.
  private func liveBytes(in memory: Int) -> [Int] {
    let constants =
      program.target.memory(holding: .constants) == memory ? program.imageByteCount : 0
    // Differences from layer to layer, then their sums.
    var changes = Array(repeating: 0, count: program.layers.count + 1)
    for allocation in program.allocations where allocation.span.memory == memory {
      let life = allocation.layers.clamped(to: 0...max(0, program.layers.count - 1))
      changes[life.lowerBound] += allocation.span.byteCount
      changes[min(life.upperBound + 1, changes.count - 1)] -= allocation.span.byteCount
    }
    var live = constants
    return changes.dropLast().map { change in
      live += change
      return live
    }
  }

  /// The beginning of a counter event, up to its values.
  private func writeCounter(_ name: [UInt8], at cycle: Int, to json: inout JSONBytes) {
    json.raw(",\n{\"ph\":\"C\",\"pid\":1,\"tid\":1,\"ts\":")
    json.decimal(millionths: picoseconds(Double(cycle)))
    json.raw(",\"name\":")
    json.raw(name)
    json.raw(",\"args\":{")
  }
}
