import Foundation
import TestSupport
import Testing

/// A module imports only modules of lower layers; the table in ARCHITECTURE.md says which those are.
struct LayerTests {
  @Test func modulesImportLowerLayersOnly() throws {
    let layers = try Self.layers()
    for (module, layer) in layers {
      for file in try RepositoryFiles.all(below: "Sources/\(module)", ["swift"]) {
        for name in try Self.imports(of: file) {
          guard let other = layers[name] else { continue }
          #expect(other < layer, "\(file) imports \(name)")
        }
      }
    }
  }

  @Test func everyModuleHasALayer() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: RepositoryFiles.path("Sources"))
    #expect(folders.filter { !$0.hasPrefix(".") }.sorted() == (try Self.layers()).keys.sorted())
  }

  /// Rows such as `| 4 | Hardware | targets as data … |`.
  private static func layers() throws -> [String: Int] {
    let text = try RepositoryFiles.text("ARCHITECTURE.md")
    return text.matches(of: /\| ([0-9]+) \| (\w+) \|/).reduce(into: [:]) { layers, row in
      layers[String(row.2)] = Int(row.1)
    }
  }

  private static func imports(of file: String) throws -> [String] {
    try RepositoryFiles.text(file).split(separator: "\n").compactMap { line in
      guard let match = line.wholeMatch(of: /(?:@?\w+ )*import (?:\w+ )?(\w+)(?:\..*)?/) else {
        return nil
      }
      return String(match.1)
    }
  }
}
