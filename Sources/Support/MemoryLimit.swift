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
    guard allows(byteCount) else {
      throw Diagnostic(.tooMuchMemory(what, byteCount), help: help)
    }
  }

  /// Whether so many bytes can be held at once.
  package static func allows(_ byteCount: Int) -> Bool { byteCount <= available }

  /// What this machine has, or what this process may have of it, but for an eighth: the program itself needs some.
  private static let available: Int = {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let least = min(physical, limit(on: RLIMIT_AS), limit(on: RLIMIT_DATA))
    return least - least / 8
  }()
}

#if canImport(Glibc)
  private typealias Resource = __rlimit_resource
#else
  private typealias Resource = Int32
#endif

/// What `ulimit` allows; the largest number where it sets no limit.
private func limit(on resource: Resource) -> Int {
  var limits = rlimit()
  #if canImport(Glibc)
    let found = getrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0
  #else
    let found = getrlimit(resource, &limits) == 0
  #endif
  return found ? Int(clamping: limits.rlim_cur) : .max
}

extension Diagnostic.Message {
  fileprivate static func tooMuchMemory(_ what: String, _ byteCount: Int) -> Self {
    Self(
      id: "too-much-memory", .unsupported,
      "\(what) need \(byteCount) bytes, more than there are on this machine, or that it allows")
  }
}
