import Lowering

/// Which layers read what which others write, as the commands of a program have it.
package struct LayerEdges: Sendable {
  /// For each layer those whose results it reads, in ascending order.
  package private(set) var producers: [[Int]]
  /// Layers that read what is there when a run starts: inputs and states.
  package private(set) var readsInput: [Bool]

  /// Follows the bytes: each belongs to the layer that wrote it last.
  ///
  /// - Complexity: O(bytes that the commands write and read), divided by the granule.
  package init(_ program: Program) {
    var owners = program.target.memories.indices.map { ByteOwners(program, memory: $0) }
    for input in program.inputs { owners[input.span.memory].claim(input.span.range, for: .input) }
    var found = program.layers.map { _ in Set<Int32>() }
    for command in program.commands {
      let accesses = command.action.accesses.filter { $0.memory < owners.count }
      for access in accesses where !access.isWrite {
        access.forEachRun { owners[access.memory].collect($0, into: &found[command.layer]) }
      }
      for access in accesses where access.isWrite {
        access.forEachRun { owners[access.memory].claim($0, for: Int32(command.layer)) }
      }
    }
    producers = found.enumerated().map { layer, owners in
      owners.filter { $0 >= 0 && Int($0) != layer }.map { Int($0) }.sorted()
    }
    readsInput = found.map { $0.contains(.input) }
  }
}

/// The layer that wrote each piece of a memory last.
private struct ByteOwners {
  /// Pieces are wider in large memories, so that this takes little room.
  private let granule: Int
  private var owners: [Int32]

  init(_ program: Program, memory: Int) {
    let used = program.memories[memory].usedBytes
    granule = max(8, used >> 20)
    owners = Array(repeating: .nobody, count: used / granule + 1)
  }

  mutating func claim(_ range: Range<Int>, for owner: Int32) {
    for piece in pieces(range) { owners[piece] = owner }
  }

  func collect(_ range: Range<Int>, into found: inout Set<Int32>) {
    var last = Int32.nobody
    for piece in pieces(range) where owners[piece] != last {
      last = owners[piece]
      found.insert(last)
    }
  }

  private func pieces(_ range: Range<Int>) -> Range<Int> {
    guard !range.isEmpty else { return 0..<0 }
    return range.lowerBound / granule..<min(owners.count, (range.upperBound - 1) / granule + 1)
  }
}

extension Int32 {
  /// What nothing has written: constants, and bytes that nobody uses.
  fileprivate static let nobody: Int32 = -1
  /// What is there when a run starts.
  fileprivate static let input: Int32 = -2
}
