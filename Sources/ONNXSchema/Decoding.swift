import Foundation
import SwiftProtobuf

/// A message that an ONNX file may hold.
package typealias ONNXMessage = SwiftProtobuf.Message

/// Decodes the messages of ONNX files.
package enum ONNXMessages {
  /// The message that the bytes hold; nil if they hold none of this kind.
  package static func decode<Message: ONNXMessage>(
    _ type: Message.Type, _ bytes: UnsafeRawBufferPointer
  ) -> Message? {
    guard let start = bytes.baseAddress else { return nil }
    let data = Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count, deallocator: .none)
    return try? Message(serializedBytes: data)
  }
}
