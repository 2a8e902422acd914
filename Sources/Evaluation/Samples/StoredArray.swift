import Support
import Tensors

/// An array in a file, whose parts along the first axis are read one by one.
struct StoredArray: Sendable {
  /// Of the whole array.
  let type: TensorType
  private let storage: Storage
  /// Where the elements begin.
  private let start: Int

  /// Who keeps the bytes, and which of them are the array's file.
  private enum Storage: Sendable {
    case mapped(FileBytes, Range<Int>)
    case inflated(TensorData)

    var bytes: UnsafeRawBufferPointer {
      switch self {
      case .mapped(let file, let range): UnsafeRawBufferPointer(rebasing: file.bytes[range])
      case .inflated(let data): data.bytes
      }
    }
  }

  /// The array in the `.npy` file at `path`, which is mapped.
  ///
  /// - Throws: what `NumPyFile.read` does.
  init(_ path: String) throws {
    let file = try FileBytes(mapping: path)
    try self.init(in: file, 0..<file.bytes.count)
  }

  /// The array in part of a mapped file, which begins as a `.npy` file does.
  init(in file: FileBytes, _ range: Range<Int>) throws { try self.init(.mapped(file, range)) }

  /// The array in bytes that hold a `.npy` file.
  init(_ data: TensorData) throws { try self.init(.inflated(data)) }

  private init(_ storage: Storage) throws {
    (type, start) = try NumPyFile.layout(of: storage.bytes)
    self.storage = storage
  }

  /// The number of parts; 0 for a scalar, which has no axis.
  var count: Int { type.shape.extents.first ?? 0 }

  /// Of one part.
  var partType: TensorType {
    type.with(shape: Shape(Array(type.shape.extents.dropFirst())))
  }

  /// The part at an index of the first axis, copied; what the file took of memory for it is given back.
  func part(at index: Int) -> Tensor {
    let elements = UnsafeRawBufferPointer(rebasing: storage.bytes[start...])
    defer {
      if case .mapped(let file, _) = storage {
        let (begin, byteCount) = (index * partType.byteCount, partType.byteCount)
        file.evict(
          UnsafeRawBufferPointer(rebasing: elements[begin..<begin + byteCount]),
          margin: Self.mappedTogether)
      }
    }
    return Tensor(partType, at: index, of: elements)
  }

  /// The bytes that the system maps as one of them is asked for: Linux's `fault_around_bytes`.
  private static let mappedTogether = 64 << 10
}
