import Foundation
import TestSupport

/// The files of this repository, by their paths in it.
enum RepositoryFiles {
  static func path(_ path: String) -> String { TestFiles.repository.appending(path: path).path }

  static func data(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: self.path(path)))
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try data(path), as: UTF8.self)
  }

  /// The files in a folder and the folders below, with one of these endings.
  static func all(below folder: String, _ endings: Set<String>) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path(folder)).sorted()
      .filter { endings.contains(($0 as NSString).pathExtension) }.map { "\(folder)/\($0)" }
  }

  /// The files that git tracks; empty where this is no checkout.
  static func tracked() throws -> [String] {
    try TestFiles.withFolder { folder in
      let list = "\(folder)/list"
      try Data().write(to: URL(fileURLWithPath: list))
      let git = Process()
      git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      git.arguments = ["git", "-C", TestFiles.repository.path, "ls-files"]
      git.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: list))
      git.standardError = FileHandle.nullDevice
      try git.run()
      git.waitUntilExit()
      return try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").map(
        String.init)
    }
  }
}
