import CKernels
import Foundation
import Hardware

/// Of each granule of a memory the last command that wrote it, and the last of each engine that read it.
///
/// Commands go by their number, from 1 on; 0: none. Plain memory, because programs touch millions of bytes; what they do
/// not touch costs nothing. Whoever has made one gives it back in the end.
struct AccessHistory {
  /// Of the memory.
  let granuleCount: Int
  private let granuleBytes: Int
  /// By which bytes become granules, as dividing takes longer.
  private let shift: Int
  private let writers: UnsafeMutablePointer<Int32>
  /// Of each engine, of each granule.
  private let readers: UnsafeMutablePointer<Int32>
  /// Of each engine, the last command that read anything, and the last that wrote anything.
  private let lastReads: UnsafeMutablePointer<Int32>
  private let lastWrites: UnsafeMutablePointer<Int32>

  /// More granules than that are looked at by a kernel; of fewer, the call would take longer than the look.
  private static let fewGranules = 16

  /// - Parameter granuleBytes: a power of two.
  init(_ byteCount: Int, granuleBytes: Int) {
    self.granuleBytes = granuleBytes
    shift = granuleBytes.trailingZeroBitCount
    granuleCount = dividedUp(byteCount, granuleBytes)
    writers = allocateZeroed(granuleCount)
    readers = allocateZeroed(granuleCount * Engine.allCases.count)
    lastReads = allocateZeroed(Engine.allCases.count)
    lastWrites = allocateZeroed(Engine.allCases.count)
  }

  /// The bytes that one takes at most.
  static func byteCount(_ byteCount: Int, granuleBytes: Int) -> Int {
    dividedUp(byteCount, granuleBytes) * (1 + Engine.allCases.count) * MemoryLayout<Int32>.stride
  }

  func deallocate() {
    free(writers)
    free(readers)
    free(lastReads)
    free(lastWrites)
  }

  /// All that the bytes touch.
  func granules(of bytes: Range<Int>) -> Range<Int> {
    bytes.lowerBound &>> shift..<(bytes.upperBound + granuleBytes - 1) &>> shift
  }

  /// The last command that wrote a granule.
  func writer(of granule: Int) -> Int32 { writers[granule] }

  /// The first granule that somebody else wrote last; the end if there is none.
  func firstOther(than writer: Int32, in granules: Range<Int>) -> Int {
    guard granules.count <= Self.fewGranules else {
      let count = ck_first_other_i32(writers + granules.lowerBound, Int64(granules.count), writer)
      return granules.lowerBound + Int(count)
    }
    var granule = granules.lowerBound
    while granule < granules.upperBound, writers[granule] == writer { granule += 1 }
    return granule
  }

  /// The last command of an engine that read anything.
  func lastRead(on engine: Int) -> Int32 { lastReads[engine] }

  /// The last command of an engine that wrote anything.
  func lastWrite(on engine: Int) -> Int32 { lastWrites[engine] }

  /// The last command of an engine that read any of the granules.
  func lastReader(of granules: Range<Int>, on engine: Int) -> Int32 {
    let readers = row(engine) + granules.lowerBound
    guard granules.count <= Self.fewGranules else {
      return ck_largest_i32(readers, Int64(granules.count))
    }
    var last: Int32 = 0
    for granule in 0..<granules.count { last = max(last, readers[granule]) }
    return last
  }

  func noteRead(of granules: Range<Int>, by number: Int32, on engine: Int) {
    lastReads[engine] = number
    fill(row(engine) + granules.lowerBound, granules.count, with: number)
  }

  func noteWrite(of granules: Range<Int>, by number: Int32, on engine: Int) {
    lastWrites[engine] = number
    fill(writers + granules.lowerBound, granules.count, with: number)
  }

  private func fill(_ numbers: UnsafeMutablePointer<Int32>, _ count: Int, with number: Int32) {
    guard count <= Self.fewGranules else { return ck_fill_i32(numbers, Int64(count), number) }
    for granule in 0..<count { numbers[granule] = number }
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
