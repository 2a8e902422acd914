import CKernels
import Foundation
import Hardware

/// Of each granule of a memory the last command that wrote it, and the last of each engine that read it.
///
/// Commands go by their number, from 1 on; 0: none. A class because it owns plain memory: programs touch millions of
/// bytes. What they do not touch costs nothing.
final class AccessHistory {
  /// Of the memory.
  let granuleCount: Int
  private let granuleBytes: Int
  private let writers: UnsafeMutablePointer<Int32>
  /// Of each engine, of each granule.
  private let readers: UnsafeMutablePointer<Int32>
  /// Of each engine whether it has read anything.
  private var hasRead = Array(repeating: false, count: Engine.allCases.count)

  init(_ byteCount: Int, granuleBytes: Int) {
    self.granuleBytes = granuleBytes
    granuleCount = dividedUp(byteCount, granuleBytes)
    writers = allocateZeroed(granuleCount)
    readers = allocateZeroed(granuleCount * Engine.allCases.count)
  }

  /// The bytes that one takes at most.
  static func byteCount(_ byteCount: Int, granuleBytes: Int) -> Int {
    dividedUp(byteCount, granuleBytes) * (1 + Engine.allCases.count) * MemoryLayout<Int32>.stride
  }

  deinit {
    free(writers)
    free(readers)
  }

  /// All that the bytes touch.
  func granules(of bytes: Range<Int>) -> Range<Int> {
    bytes.lowerBound / granuleBytes..<dividedUp(bytes.upperBound, granuleBytes)
  }

  /// Calls `body` with the last writer of each granule, once for neighbours that share it.
  func forEachWriter(of granules: Range<Int>, _ body: (Int32) -> Void) {
    var granule = granules.lowerBound
    while granule < granules.upperBound {
      let writer = writers[granule]
      body(writer)
      let rest = Int64(granules.upperBound - granule)
      granule += Int(ck_first_other_i32(writers + granule, rest, writer))
    }
  }

  /// The last command of an engine that read any of the granules.
  func lastReader(of granules: Range<Int>, on engine: Int) -> Int32 {
    guard hasRead[engine] else { return 0 }
    return ck_largest_i32(row(engine) + granules.lowerBound, Int64(granules.count))
  }

  func noteRead(of granules: Range<Int>, by number: Int32, on engine: Int) {
    hasRead[engine] = true
    (row(engine) + granules.lowerBound).update(repeating: number, count: granules.count)
  }

  func noteWrite(of granules: Range<Int>, by number: Int32) {
    (writers + granules.lowerBound).update(repeating: number, count: granules.count)
  }

  private func row(_ engine: Int) -> UnsafeMutablePointer<Int32> {
    readers + engine * granuleCount
  }
}

/// Zeros straight from the system, which takes memory only where something is written.
func allocateZeroed<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
  let bytes = max(1, count) * MemoryLayout<Element>.stride
  guard let memory = calloc(bytes, 1) else { fatalError("out of memory: \(bytes) bytes") }
  return memory.bindMemory(to: Element.self, capacity: max(1, count))
}
