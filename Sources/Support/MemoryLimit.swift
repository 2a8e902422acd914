import Foundation

/// Refuses to compute what this machine cannot hold, rather than be killed for trying: a small file can name
/// tensors of any size.
package enum MemoryLimit {
  /// - Parameter what: takes the bytes, in the plural, for the diagnostic.
  package static func check(_ byteCount: Int, for what: String) throws {
    guard byteCount <= Int(clamping: ProcessInfo.processInfo.physicalMemory) else {
      throw Diagnostic(
        .tooMuchMemory(what, byteCount), help: "use a command that only inspects or costs the model"
      )
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
