import Foundation
import TestSupport

/// The `dovetail` that was built beside the tests.
enum DovetailCommand {
  struct Result {
    let status: Int32
    /// What it printed to standard output and to standard error.
    let output: String
    let messages: String
  }

  /// Runs the command.
  ///
  /// - Parameters:
  ///   - place: the folder that it runs in; nil for that of the repository.
  ///   - environment: variables beside those of the tests.
  ///   - output: where results go; nil for where they are read.
  ///   - program: what is run; nil for the command itself.
  static func run(
    _ arguments: [String], in place: String? = nil, environment: [String: String] = [:],
    output: FileHandle? = nil, by program: URL? = nil
  ) throws -> Result {
    try TestFiles.withFolder { folder in
      let process = Process()
      process.executableURL = program ?? executable
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.currentDirectoryURL = place.map { URL(fileURLWithPath: $0) } ?? TestFiles.repository
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try output ?? file("\(folder)/output")
      process.standardError = try file("\(folder)/messages")
      try process.run()
      process.waitUntilExit()
      return Result(
        status: process.terminationReason == .exit ? process.terminationStatus : -1,
        output: output == nil ? try text("\(folder)/output") : "",
        messages: try text("\(folder)/messages"))
    }
  }

  static func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs the command as a shell does, with redirections.
  static func shell(_ line: String) throws -> Result {
    try run(["-c", "exec '\(executable.path)' \(line)"], by: URL(fileURLWithPath: "/bin/sh"))
  }

  /// Tests are run by an executable that lies in the same folder.
  private static var executable: URL {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "dovetail")
  }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}

/// The contents of the files in a folder, by name.
func contents(of folder: String) throws -> [String: Data] {
  let names = try FileManager.default.contentsOfDirectory(atPath: folder)
  return try names.reduce(into: [:]) { files, name in
    files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }
}

/// The example, as a user in the repository names it.
enum Example {
  static let model = "Examples/fashion/fashion.tflite"
  static let images = "Examples/fashion/images.npy"
  static let labels = "Examples/fashion/labels.npy"
}
