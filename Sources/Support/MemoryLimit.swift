import Foundation

/// Refuses to compute what this machine cannot hold, rather than be killed for trying: a small file can name
/// tensors of any size.
package enum MemoryLimit {
  /// - Parameters:
  ///   - what: takes the bytes, in the plural, for the diagnostic.
  ///   - help: what to do instead.
  package static func check(
    _ byteCount: Int, for what: String,
    help: String = "use a command that only inspects or costs the model"
  ) throws {
    guard byteCount <= Int(clamping: ProcessInfo.processInfo.physicalMemory) else {
      throw Diagnostic(.tooMuchMemory(what, byteCount), help: help)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func tooMuchMemory(_ what: String, _ byteCount: Int) -> Self {
    Self(
      id: "too-much-memory", .unsupported,
      "\(what) need \(byteCount) bytes, more than this machine has")
  }
}
