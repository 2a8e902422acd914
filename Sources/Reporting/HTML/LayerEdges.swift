import Foundation
import Lowering

/// Which layers read what which others write, as the commands of a program have it.
package struct LayerEdges: Sendable {
  /// For each layer those whose results it reads, in ascending order.
  package private(set) var producers: [[Int]]
  /// Layers that read what is there when a run starts: inputs and states.
  package private(set) var readsInput: [Bool]

  /// Follows the bytes: each belongs to the layer that wrote it last.
  ///
  /// - Complexity: O(bytes that the commands write and read), divided by the size of a piece.
  package init(_ program: Program) {
    var owners = program.target.memories.indices.map { ByteOwners(program, memory: $0) }
    for input in program.inputs { owners[input.span.memory].claim(input.span.range, for: .input) }
    var found = program.layers.map { _ in Set<Int32>() }
    for index in program.commands.indices {
      let layer = program.commands[index].layer
      // What a command reads comes before what it writes.
      program.commands[index].action.forEachAccess { access in
        guard access.memory < owners.count else { return }
        if access.isWrite {
          owners[access.memory].claim(access, for: Int32(layer))
        } else {
          owners[access.memory].collect(access, of: layer, into: &found[layer])
        }
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
  /// Pieces of `1 << shift` bytes, wider in large memories, so that this takes little room.
  private let shift: Int
  private var owners: [Int32]
  /// Of memories that hold constants alone, nothing is.
  private var isClaimed = false

  init(_ program: Program, memory: Int) {
    let used = program.memories[memory].usedBytes
    shift = max(3, Int.bitWidth - (used >> 20).leadingZeroBitCount)
    owners = Array(repeating: .nobody, count: used >> shift + 1)
  }

  mutating func claim(_ range: Range<Int>, for owner: Int32) {
    isClaimed = true
    for piece in Self.pieces(range, shift, owners.count) { owners[piece] = owner }
  }

  mutating func claim(_ access: Access, for owner: Int32) {
    isClaimed = true
    let shift = shift
    owners.withUnsafeMutableBufferPointer { owners in
      access.forEachRun { owners[Self.pieces($0, shift, owners.count)].update(repeating: owner) }
    }
  }

  /// Adds to `found` whose bytes a layer reads.
  func collect(_ access: Access, of layer: Int, into found: inout Set<Int32>) {
    guard isClaimed else { return }
    let shift = shift
    var last = Int32.nobody
    owners.withUnsafeBufferPointer { owners in
      let hull = owners[Self.pieces(access.hull, shift, owners.count)]
      guard let first = hull.first else { return }
      // Mostly all between the first byte and the last has one owner, which takes one look.
      if Self.areEqual(UnsafeBufferPointer(rebasing: hull)) {
        found.insert(first)
        return
      }
      access.forEachRun { range in
        for owner in owners[Self.pieces(range, shift, owners.count)] where owner != last {
          last = owner
          found.insert(owner)
        }
      }
    }
  }

  /// Whether each piece has the owner of the one before.
  private static func areEqual(_ pieces: UnsafeBufferPointer<Int32>) -> Bool {
    guard pieces.count > 1, let start = pieces.baseAddress else { return true }
    return memcmp(start, start + 1, (pieces.count - 1) * MemoryLayout<Int32>.stride) == 0
  }

  private static func pieces(_ range: Range<Int>, _ shift: Int, _ count: Int) -> Range<Int> {
    guard !range.isEmpty else { return 0..<0 }
    return range.lowerBound >> shift..<min(count, (range.upperBound - 1) >> shift + 1)
  }
}

extension Int32 {
  /// What nothing has written: constants, and bytes that nobody uses.
  fileprivate static let nobody: Int32 = -1
  /// What is there when a run starts.
  fileprivate static let input: Int32 = -2
}
