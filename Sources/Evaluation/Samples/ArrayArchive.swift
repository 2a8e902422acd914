import ImageFiles
import Support
import Tensors

/// Arrays by name in a `.npz` file: an archive (ZIP) of `.npy` files.
///
/// Members that are stored are read where they lie in the mapped file; deflated ones are inflated whole.
///
/// Source: PKWARE, ".ZIP File Format Specification", 6.3.10. Not read are archives beyond 4 GiB or in several files, and
/// members that are encrypted or compressed in other ways; NumPy writes none of these for smaller arrays.
struct ArrayArchive {
  private let file: FileBytes
  private let members: [ArchiveMember]

  /// The list of members in the file at `path`.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be read, or is no archive.
  init(_ path: String) throws {
    file = try FileBytes(mapping: path)
    members = try ArchiveDirectory(file.bytes).members.filter { $0.name.hasSuffix(".npy") }
  }

  /// The array of that name, or the only one if `isOnly`.
  ///
  /// - Throws: a `Diagnostic` if there is none, or its member cannot be read.
  func array(named name: String, isOnly: Bool) throws -> StoredArray {
    let only = isOnly && members.count == 1 ? members.first : nil
    guard let member = members.first(where: { $0.name == "\(name).npy" }) ?? only else {
      let names = members.map { "`\($0.name.dropLast(4))`" }.joined(separator: ", ")
      throw Diagnostic(
        .noSuchArray(name), help: "the arrays are \(names); name them as the inputs of the model")
    }
    return try locating(in: Diagnostic.Place(spot: member.name)) { try array(of: member) }
  }

  private func array(of member: ArchiveMember) throws -> StoredArray {
    let range = try member.range(in: file.bytes)
    guard member.isDeflated else { return try StoredArray(in: file, range) }
    // No deflated byte becomes more than 1032.
    guard member.byteCount / 1032 <= range.count else { throw Diagnostic(.damagedMember) }
    try MemoryLimit.check(
      member.byteCount, for: "the arrays of a compressed archive",
      help: "save them with `numpy.savez`, or each with `numpy.save`: such files are not read whole"
    )
    let data = try TensorData(byteCount: member.byteCount) { memory in
      guard
        archive_inflate(
          file.bytes.baseAddress?.advanced(by: range.lowerBound), Int64(range.count),
          memory.baseAddress, Int64(memory.count), member.checksum)
      else { throw Diagnostic(.damagedMember) }
    }
    return try StoredArray(data)
  }
}

extension Diagnostic.Message {
  fileprivate static func noSuchArray(_ name: String) -> Self {
    Self(id: "no-such-array", .malformed, "holds no array `\(name)`")
  }

  fileprivate static var damagedMember: Self {
    Self(id: "damaged-archive", .malformed, "does not inflate to what the archive says of it")
  }
}
