import Foundation

/// Of each byte whether it was written, and of a memory that commands may write, its history.
final class ShadowMemory {
  private let byteCount: Int
  /// Whether commands may write: a memory of constants only has neither writers nor readers worth knowing.
  let tracksCommands: Bool
  let history: AccessHistory
  /// All bytes below were written, or are there from the beginning: most accesses end there, and need no look at more.
  private var knownEnd: Int
  private let written: UnsafeMutablePointer<UInt8>

  /// The alignment of all that is planned.
  static let granuleBytes = 16

  init(_ byteCount: Int, constantBytes: Int, tracksCommands: Bool) {
    knownEnd = constantBytes
    self.byteCount = byteCount
    self.tracksCommands = tracksCommands
    written = allocateZeroed(byteCount + 1)
    history = AccessHistory(tracksCommands ? byteCount : 0, granuleBytes: Self.granuleBytes)
  }

  deinit {
    free(written)
    history.deallocate()
  }

  /// Whether all of some bytes are known to be written without a look at each.
  func isKnownAsWritten(_ bytes: Range<Int>) -> Bool { bytes.upperBound <= knownEnd }

  func setWritten(_ run: Range<Int>) {
    (written + run.lowerBound).update(repeating: 1, count: run.count)
    guard run.lowerBound <= knownEnd, run.upperBound > knownEnd else { return }
    knownEnd = firstUnwritten(in: knownEnd..<byteCount) ?? byteCount
  }

  func firstUnwritten(in run: Range<Int>) -> Int? {
    let first = max(run.lowerBound, knownEnd)
    guard first < run.upperBound, let found = memchr(written + first, 0, run.upperBound - first)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(written)
  }
}
