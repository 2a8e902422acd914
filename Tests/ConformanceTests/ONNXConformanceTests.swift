import Foundation
import Support
import TestSupport
import Testing

/// The test data of the ONNX standard, as Debian's package `libonnx-testdata` has it.
///
/// `Scripts/conformance onnx` installs it and prints the table.
struct ONNXConformanceTests {
  private static let folders = [
    "/usr/share/libonnx-testdata/data",
    TestFiles.repository.appending(path: ".build-onnx-testdata/data").path,
  ]
  private static let folder =
    ProcessInfo.processInfo.environment["DOVETAIL_ONNX_TESTDATA"]
    ?? folders.first { FileManager.default.fileExists(atPath: $0) } ?? ""
  private static let sets = ["node", "pytorch-converted", "pytorch-operator", "simple"]
    .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }

  @Test(
    .enabled(if: !sets.isEmpty, "libonnx-testdata is not installed: Scripts/conformance onnx"),
    arguments: sets)
  func everyCaseInScopePasses(set: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/\(set)")
    var tally = Tally(set: set)
    for name in names.sorted() {
      guard let test = ConformanceCase("\(Self.folder)/\(set)/\(name)") else { continue }
      tally.count(test)
    }
    print(tally.text)
    #expect(tally.failed.isEmpty)
  }
}

/// What became of the cases of one set.
private struct Tally {
  let set: String
  private var passed = 0
  private var excluded: [String: [String]] = [:]
  private(set) var failed: [String] = []

  init(set: String) { self.set = set }

  mutating func count(_ test: ConformanceCase) {
    if let reason = test.exclusion {
      excluded[reason, default: []].append(test.name)
      return
    }
    do {
      let differences = try test.differences()
      if differences.isEmpty {
        passed += 1
      } else {
        failed.append("\(test.name): \(differences[0])")
      }
    } catch {
      let text = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      failed.append("\(test.name): \(text)")
    }
  }

  /// A row of a table, and below it the names behind its figures.
  var text: String {
    let outside = excluded.values.map(\.count).reduce(0, +)
    let total = passed + failed.count + outside
    let row =
      "| \(set) | \(total) cases | \(passed) passed | \(outside) out of scope | \(failed.count) failed |"
    let reasons = excluded.sorted { $0.key < $1.key }.map { reason, names in
      "  out of scope (\(reason)): \(names.joined(separator: ", "))"
    }
    return ([row] + reasons + failed.map { "  failed: \($0)" }).joined(separator: "\n")
  }
}
