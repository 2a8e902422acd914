import Foundation
import Support

/// Files that tests read and write.
public enum TestFiles {
  /// The folder of `Package.swift`.
  public static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The model in the examples, if this checkout has it.
  public static let fashion = repository.appending(path: "Examples/fashion/fashion.tflite").path

  /// A folder of public models beside the checkout. Tests that need it are skipped where it is missing.
  public static let models = repository.appending(path: "../shared/models").standardizedFileURL.path

  /// The four reference networks of MLPerf Tiny, quantized.
  public static let tinyModels = [
    "ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8",
  ].map { "\(models)/mlcommons+tiny/\($0).tflite" }

  /// Those of `paths` that are there.
  public static func existing(_ paths: [String]) -> [String] {
    paths.filter { FileManager.default.fileExists(atPath: $0) }
  }

  /// Every model file that is there, in order of its path.
  public static var allModels: [String] {
    let below = FileManager.default.enumerator(atPath: models)?.compactMap { $0 as? String } ?? []
    let found = below.filter { $0.hasSuffix(".tflite") }.sorted().map { "\(models)/\($0)" }
    return existing([fashion]) + found
  }

  /// How many damaged inputs the tests try; `DOVETAIL_MUTATIONS` raises it for a long search.
  public static let mutations =
    ProcessInfo.processInfo.environment["DOVETAIL_MUTATIONS"].flatMap(Int.init) ?? 400

  /// Calls `body` with the path of a fresh folder, which is removed afterwards.
  public static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileBytes.createFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}
