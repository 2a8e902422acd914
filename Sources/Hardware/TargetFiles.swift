import Support

/// Target files by their paths, each read and parsed once: several targets are of one file.
///
/// It lives while names become targets, so that a file may change between two calls.
final class TargetFiles {
  private var known: [String: TargetFile] = [:]

  /// - Throws: a `Diagnostic` if there is no such file, or it is not YAML.
  func file(at path: String) throws -> TargetFile {
    if let known = known[path] { return known }
    let file = try TargetFile(parsing: FileBytes.text(of: path))
    known[path] = file
    return file
  }
}
