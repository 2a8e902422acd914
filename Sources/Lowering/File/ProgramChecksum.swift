import ProgramSchema
import Support

/// Finds changed bytes that mean something else now, but nothing impossible, such as those of weights.
enum ProgramChecksum {
  /// - Parameter file: a program file that was verified.
  /// - Throws: a `bad-program-file` diagnostic if it has a checksum of other bytes.
  static func check(_ file: FileBytes) throws {
    let start = file.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let start, dvp_has_its_checksum(start, file.bytes.count) else {
      throw Diagnostic(.damaged, help: ProgramTable.help)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static var damaged: Self {
    Self(id: "bad-program-file", .malformed, "its bytes are not those that its checksum is of")
  }
}
