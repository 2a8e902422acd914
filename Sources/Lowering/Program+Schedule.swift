import Support

extension Program {
  /// What was decided for each layer: engine, blocks, mode, which layers take turns, where constants are read, and what
  /// lies where for how long. Of joined names stands the first.
  public var scheduleDescription: String {
    var lines = ["schedule \(name) for \(target.name) {"]
    let groups = groups
    for (index, layer) in layers.enumerated() {
      if let group = groups.first(where: { $0.lowerBound == index }) {
        lines.append(
          "  layers \(group.lowerBound) to \(group.upperBound - 1) take turns, rows by rows:")
      }
      let indent = groups.contains { $0.contains(index) } ? "    " : "  "
      lines.append(
        "\(indent)layer \(index): \(layer.kind) `\(JoinedNames.first(of: layer.name))` on \(layer.engine)\(detail(layer))"
      )
    }
    for memory in memories {
      let bound = memory.lowerBound > 0 ? ", at least \(memory.lowerBound) needed" : ""
      lines.append(
        "  memory \(memory.name): \(memory.usedBytes) of \(memory.byteCount) bytes\(bound)")
    }
    return (lines + allocations.map(text) + ["}"]).joined(separator: "\n") + "\n"
  }

  /// Layers whose commands stand between each other's: they take turns.
  public var groups: [Range<Int>] {
    var last = Array(repeating: -1, count: layers.count)
    for (index, command) in commands.enumerated() where command.action.engine != .mover {
      last[command.layer] = index
    }
    var groups: [Range<Int>] = []
    for (index, command) in commands.enumerated() where command.action.engine != .mover {
      // A layer that begins before one in front of it has ended is in its group.
      let first = command.layer
      guard let open = (0..<first).last(where: { last[$0] > index }) else { continue }
      if let known = groups.last, known.upperBound > open {
        groups[groups.count - 1] = known.lowerBound..<max(known.upperBound, first + 1)
      } else {
        groups.append(open..<first + 1)
      }
    }
    return groups
  }

  private func detail(_ layer: Layer) -> String {
    if let reason = layer.hostReason { return ": \(reason)" }
    guard let tiling = layer.tiling else { return "" }
    let block = tiling.block
    let mode = tiling.mode.map { ", \($0.rawValue), \(tiling.inputDepth) input channels at a time" }
    return ", \(tiling.blockCount) blocks of \(block.height)x\(block.width)x\(block.depth)"
      + (mode ?? "")
  }

  private func text(_ allocation: Allocation) -> String {
    let what = allocation.kind == .value ? "value" : "constants of"
    let (first, last) = (allocation.layers.lowerBound, allocation.layers.upperBound)
    let life = first == last ? "layer \(first)" : "layers \(first) to \(last)"
    return
      "  \(what) `\(JoinedNames.first(of: allocation.name))` at \(text(allocation.span)) during \(life)"
  }
}
