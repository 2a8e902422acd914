import SwiftProtobuf

extension ONNXMessages {
  /// The bytes of a message, the same for equal messages.
  ///
  /// - Throws: what SwiftProtobuf throws, such as for 2 GB and more, which no message may have.
  package static func encode(_ message: some ONNXMessage) throws -> [UInt8] {
    try message.serializedBytes()
  }
}
