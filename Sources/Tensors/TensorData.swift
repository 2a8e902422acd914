import Foundation
import Support

/// The elements of a tensor as bytes, little-endian, row-major, without gaps. Immutable and shared.
///
/// A class because it owns memory that graphs, their copies and tensors share: copying a graph copies no weights.
public final class TensorData: Sendable {
  /// The elements, aligned as their type asks for, and to 4 bytes at least; valid as long as this object lives.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  private let owner: Owner

  private enum Owner: Sendable { case ourselves, file(FileBytes) }

  /// Allocates `byteCount` zeroed bytes and lets `fill` write them.
  public init(byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let memory = TensorData.allocate(byteCount)
    bytes = UnsafeRawBufferPointer(memory)
    owner = .ourselves
    try fill(memory)
  }

  /// Refers to part of a mapped file without copying, or copies it if it is not aligned.
  ///
  /// - Parameter alignment: what the elements need, in bytes; whoever knows their type asks for less than the most.
  /// - Precondition: `part` lies within the bytes of `file`, which stays mapped for as long.
  public convenience init(
    _ part: UnsafeRawBufferPointer, of file: FileBytes, alignment: Int = 16
  ) {
    if Int(bitPattern: part.baseAddress) % alignment == 0 {
      self.init(borrowing: part, from: file)
    } else {
      self.init(byteCount: part.count) { $0.copyMemory(from: part) }
    }
  }

  /// The elements of an array.
  public convenience init<Element: BitwiseCopyable>(_ elements: [Element]) {
    self.init(byteCount: elements.count * MemoryLayout<Element>.stride) { memory in
      elements.withUnsafeBytes { memory.copyMemory(from: $0) }
    }
  }

  private init(borrowing part: UnsafeRawBufferPointer, from file: FileBytes) {
    bytes = part
    owner = .file(file)
  }

  deinit {
    if case .ourselves = owner { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
  }

  /// Gives the memory of elements that lie in a mapped file back to the system, for those who will hardly read them
  /// again: they are then read from the file.
  public func evict() {
    if case .file(let file) = owner { file.evict(bytes) }
  }

  /// The size of the elements without what alignment adds.
  public var byteCount: Int { bytes.count }

  /// The bytes as elements of `type`.
  ///
  /// - Precondition: the byte count is a multiple of the element's size.
  public func elements<Element: BitwiseCopyable>(as type: Element.Type) -> [Element] {
    Array(bytes.bindMemory(to: type))
  }

  /// Memory straight from the system: zeroed, aligned, and large tensors cost nothing until written.
  private static func allocate(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    guard let memory = calloc(max(byteCount, 1), 1) else {
      fatalError("out of memory: \(byteCount) bytes for a tensor")
    }
    return UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
  }
}

extension TensorData: Hashable {
  /// Whether both have the same bytes; at once if they share them.
  public static func == (a: TensorData, b: TensorData) -> Bool {
    a.bytes.count == b.bytes.count
      && (a.bytes.baseAddress == b.bytes.baseAddress || a.bytes.elementsEqual(b.bytes))
  }

  /// Hashes the size and the first bytes: enough to tell most apart without reading them all.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytes.count)
    hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(256)))
  }
}
