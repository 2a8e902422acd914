import Lowering

/// A piece of a run in which the next result to be written is of one layer.
///
/// Where layers follow each other, each has the time from the end of the one before to its own; where they take turns,
/// rows by rows, as many pieces as it has turns.
public struct LayerTurn: Hashable, Sendable {
  /// The index of the layer in the program.
  public let layer: Int
  /// From the result before to the last of this turn, in cycles of the target's clock.
  public private(set) var cycles: Range<Int>

  /// The whole run, cut into turns in order of time.
  ///
  /// - Parameter ends: of each command, when its result may be used, in cycles.
  static func all(_ program: Program, ends: [Double]) -> [LayerTurn] {
    var results = program.commands.indices.filter {
      switch program.commands[$0].action.engine {
      case .output, .host: true
      case .mover, .reader, .array: false
      }
    }
    // What goes on behind the last result, if anything.
    if let last = program.commands.indices.max(by: { ends[$0] < ends[$1] }) { results.append(last) }
    var turns: [LayerTurn] = []
    var now = 0
    for index in results.sorted(by: { (ends[$0], $0) < (ends[$1], $1) }) {
      let end = Int(ends[index].rounded(.up))
      let layer = program.commands[index].layer
      guard end > now else { continue }
      if let last = turns.last, last.layer == layer {
        turns[turns.count - 1].cycles = last.cycles.lowerBound..<end
      } else {
        turns.append(LayerTurn(layer: layer, cycles: now..<end))
      }
      now = end
    }
    return turns
  }
}
