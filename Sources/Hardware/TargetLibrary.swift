import Foundation
import Support

/// Where targets are found.
public enum TargetLibrary {
  /// The folders that are searched for `NAME/target.yaml`: `$DOVETAIL_TARGETS`, then `Targets` in the folders
  /// above the executable, then `Targets` in the current folder.
  static var folders: [String] {
    let given = ProcessInfo.processInfo.environment["DOVETAIL_TARGETS"].map { [$0] } ?? []
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    var above: [String] = []
    var folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
    while folder.path != "/" {
      above.append(folder.appendingPathComponent("Targets").path)
      folder.deleteLastPathComponent()
    }
    return given + above + ["Targets"]
  }

  /// The names of all targets, sorted as people count: those of folders, and the configurations of families.
  /// Only the first folder that exists counts.
  public static func names() -> [String] {
    guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      return []
    }
    let files = TargetFiles()
    let names = entries(of: folder).flatMap { entry -> [String] in
      // What cannot be read has no configurations, and is reported where it is used.
      let names = configurations(of: "\(folder)/\(entry)/target.yaml", files)
      return names.isEmpty ? [entry] : names
    }
    return names.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
  }

  /// The names that match a pattern of the shell, such as `ethos-u55-*`.
  ///
  /// - Throws: a `Diagnostic` if none does.
  public static func names(matching pattern: String) throws -> [String] {
    let found = names().filter { fnmatch(pattern, $0, 0) == 0 }
    guard !found.isEmpty else { throw unknown(.noMatch(pattern)) }
    return found
  }

  /// Every combination of variants that a target given by name or path has.
  public static func combinations(of nameOrPath: String) throws -> [TargetChoice] {
    let files = TargetFiles()
    let place = try place(of: nameOrPath, files)
    return try locating(in: Diagnostic.Place(file: place.path)) {
      try files.file(at: place.path).combinations(of: place.configuration)
    }
  }

  /// The file that describes a target given by name or path, and the configuration in it; nil for its default.
  static func place(
    of nameOrPath: String, _ files: TargetFiles
  ) throws -> (path: String, configuration: String?) {
    if isPath(nameOrPath) { return pathAndConfiguration(nameOrPath) }
    for folder in folders {
      let path = "\(folder)/\(nameOrPath)/target.yaml"
      if FileManager.default.fileExists(atPath: path) { return (path, nil) }
      if let family = family(with: nameOrPath, in: folder, files) { return (family, nameOrPath) }
    }
    throw unknown(.unknownTarget(nameOrPath))
  }

  private static func isPath(_ nameOrPath: String) -> Bool {
    nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.contains(".yaml#")
  }

  /// `PATH` of a file or folder, or `PATH#CONFIGURATION`.
  private static func pathAndConfiguration(_ text: String) -> (path: String, configuration: String?)
  {
    guard !FileManager.default.fileExists(atPath: text), let mark = text.lastIndex(of: "#") else {
      return (file(at: text), nil)
    }
    return (file(at: String(text[..<mark])), String(text[text.index(after: mark)...]))
  }

  private static func file(at path: String) -> String {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return exists && isFolder.boolValue ? path + "/target.yaml" : path
  }

  /// The folders with a target file, sorted.
  private static func entries(of folder: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return entries.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/target.yaml") }
      .sorted()
  }

  /// The file in which a name is that of a configuration. Files whose folders begin alike are read first.
  private static func family(
    with name: String, in folder: String, _ files: TargetFiles
  ) -> String? {
    let entries = entries(of: folder)
    let likely = entries.filter(name.hasPrefix)
    return (likely + entries.filter { !likely.contains($0) }).map { "\(folder)/\($0)/target.yaml" }
      .first { configurations(of: $0, files).contains(name) }
  }

  private static func configurations(of path: String, _ files: TargetFiles) -> [String] {
    guard let file = try? files.file(at: path) else { return [] }
    return file.isFamily ? file.names(.configurations) : []
  }

  private static func unknown(_ message: Diagnostic.Message) -> Diagnostic {
    let known = names()
    return Diagnostic(
      message,
      help: known.isEmpty
        ? "set `DOVETAIL_TARGETS` to the folder with the targets"
        : "the targets are \(known.joined(separator: ", "))")
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownTarget(_ name: String) -> Self {
    Self(id: "unknown-target", .usage, "there is no target `\(name)`")
  }

  fileprivate static func noMatch(_ pattern: String) -> Self {
    Self(id: "unknown-target", .usage, "no target's name matches `\(pattern)`")
  }
}
