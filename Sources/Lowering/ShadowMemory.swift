import Foundation

/// Of each byte whether it was written, and of a memory that commands may write, its history.
final class ShadowMemory {
  /// Whether commands may write: a memory of constants only has neither writers nor readers worth knowing.
  let tracksCommands: Bool
  let history: AccessHistory
  /// Bytes from address 0 on that are there from the beginning, and that nothing is kept for.
  private let constantBytes: Int
  private let written: UnsafeMutablePointer<UInt8>

  /// The alignment of all that is planned.
  static let granuleBytes = 16

  init(_ byteCount: Int, constantBytes: Int, tracksCommands: Bool) {
    self.constantBytes = constantBytes
    self.tracksCommands = tracksCommands
    written = allocateZeroed(byteCount + 1)
    history = AccessHistory(tracksCommands ? byteCount : 0, granuleBytes: Self.granuleBytes)
  }

  deinit { free(written) }

  func setWritten(_ run: Range<Int>) {
    (written + run.lowerBound).update(repeating: 1, count: run.count)
  }

  func firstUnwritten(in run: Range<Int>) -> Int? {
    let first = max(run.lowerBound, constantBytes)
    guard first < run.upperBound, let found = memchr(written + first, 0, run.upperBound - first)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(written)
  }
}
