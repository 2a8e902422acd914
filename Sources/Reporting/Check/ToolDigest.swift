import Foundation
import Support

/// The digest of the executable that runs: figures that another build measured are not its own.
public enum ToolDigest {
  /// The SHA-256 of the executable, as 64 hexadecimal digits.
  ///
  /// - Parameter cache: remembers the digest as long as the file has the same place, size and time, because reading fifty
  ///   megabytes takes longer than a small check.
  /// - Throws: a `Diagnostic` if the executable cannot be read.
  public static func current(_ cache: CheckCache?) throws -> String {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    guard let cache, let identity = identity(path) else { return try digest(path) }
    if let known: String = cache.value(identity) { return known }
    let digest = try digest(path)
    cache.store(digest, identity)
    return digest
  }

  private static func digest(_ path: String) throws -> String {
    let file = try FileBytes(mapping: path)
    return SHA256.hexDigest(of: file)
  }

  /// Place, size, time and number of the file, which change when it is built again.
  private static func identity(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return
      "executable \(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(modified(status))"
  }

  private static func modified(_ status: stat) -> String {
    #if os(Linux)
      "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    #else
      "\(status.st_mtimespec.tv_sec).\(status.st_mtimespec.tv_nsec)"
    #endif
  }
}
