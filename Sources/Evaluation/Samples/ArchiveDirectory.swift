import Support

/// The list of members that stands at the end of an archive.
struct ArchiveDirectory {
  let members: [ArchiveMember]

  /// Signatures of the records, and the bytes of their fixed part.
  private static let end = (signature: 0x0605_4b50, byteCount: 22)
  private static let entry = (signature: 0x0201_4b50, byteCount: 46)

  /// - Throws: a `Diagnostic` if the bytes hold no such list, or one that is not read here.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    let end = try Self.findEnd(bytes)
    let (count, start) = (bytes.number(at: end + 10, 2), bytes.number(at: end + 16, 4))
    guard count != 0xffff, start != 0xffff_ffff else { throw Self.large }
    var members: [ArchiveMember] = []
    var place = start
    for _ in 0..<count {
      guard place + Self.entry.byteCount <= end,
        bytes.number(at: place, 4) == Self.entry.signature
      else { throw Diagnostic(.damaged) }
      let next = place + Self.entry.byteCount + bytes.lengths(at: place + 28, 3)
      guard next <= end else { throw Diagnostic(.damaged) }
      members.append(try Self.member(at: place, bytes))
      place = next
    }
    self.members = members
  }

  /// A comment of up to 65535 bytes may follow.
  private static func findEnd(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    let last = bytes.count - end.byteCount
    let places = stride(from: last, through: max(0, last - 0xffff), by: -1)
    guard let place = places.first(where: { bytes.number(at: $0, 4) == end.signature }) else {
      throw Diagnostic(.notArchive, help: "save it with `numpy.savez`")
    }
    return place
  }

  private static func member(at place: Int, _ bytes: UnsafeRawBufferPointer) throws -> ArchiveMember
  {
    let flags = bytes.number(at: place + 8, 2)
    let method = bytes.number(at: place + 10, 2)
    let (packed, whole) = (bytes.number(at: place + 20, 4), bytes.number(at: place + 24, 4))
    let start = bytes.number(at: place + 42, 4)
    guard packed != 0xffff_ffff, whole != 0xffff_ffff, start != 0xffff_ffff else { throw large }
    guard flags & 1 == 0, method == 0 || method == 8 else {
      throw Diagnostic(
        .unsupported("a member that is encrypted, or compressed in an unusual way"),
        help: "save it with `numpy.savez` or `numpy.savez_compressed`")
    }
    let name = bytes[
      place + entry.byteCount..<place + entry.byteCount + bytes.number(at: place + 28, 2)]
    return ArchiveMember(
      name: String(decoding: name, as: UTF8.self), isDeflated: method == 8, start: start,
      packedByteCount: packed, byteCount: whole,
      checksum: UInt32(bytes.number(at: place + 16, 4)))
  }

  private static var large: Diagnostic {
    Diagnostic(
      .unsupported("more than 4 GiB, or more than 65534 members"),
      help: "save each array with `numpy.save`")
  }
}

/// What the directory says of one member.
struct ArchiveMember {
  let name: String
  let isDeflated: Bool
  /// Of its own record in the archive, behind which its bytes lie.
  let start: Int
  /// In the archive.
  let packedByteCount: Int
  /// When it is inflated.
  let byteCount: Int
  let checksum: UInt32

  private static let record = (signature: 0x0403_4b50, byteCount: 30)

  /// Where its bytes lie.
  ///
  /// - Throws: a `Diagnostic` if that is not within the archive.
  func range(in bytes: UnsafeRawBufferPointer) throws -> Range<Int> {
    guard start + Self.record.byteCount <= bytes.count,
      bytes.number(at: start, 4) == Self.record.signature
    else { throw Diagnostic(.damaged) }
    let first = start + Self.record.byteCount + bytes.lengths(at: start + 26, 2)
    guard first + packedByteCount <= bytes.count, isDeflated || packedByteCount == byteCount else {
      throw Diagnostic(.damaged)
    }
    return first..<first + packedByteCount
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian number of `byteCount` bytes at `place`.
  fileprivate func number(at place: Int, _ byteCount: Int) -> Int {
    (0..<byteCount).reduce(0) { $0 | Int(self[place + $1]) << (8 * $1) }
  }

  /// The sum of `count` numbers of two bytes: lengths of what follows a record.
  fileprivate func lengths(at place: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 + number(at: place + 2 * $1, 2) }
  }
}

extension Diagnostic.Message {
  fileprivate static var notArchive: Self {
    Self(id: "damaged-archive", .malformed, "is no archive of arrays, or ends early")
  }

  fileprivate static var damaged: Self {
    Self(id: "damaged-archive", .malformed, "has members where the archive holds none")
  }

  fileprivate static func unsupported(_ what: String) -> Self {
    Self(id: "unsupported-archive", .unsupported, "has \(what)")
  }
}
