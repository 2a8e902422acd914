import Foundation
import TestSupport
import Testing

/// Nothing in the repository depends on where somebody has it.
struct MachinePathTests {
  /// Written in parts, so that this file does not hold what it looks for.
  private static let folders = ["home/", "root/", "work/", "opt/swift"].map { "/" + $0 }

  @Test func noFileNamesAFolderOfAMachine() throws {
    for file in try RepositoryFiles.tracked() {
      // A file that was removed and not yet committed is still tracked.
      guard let data = try? RepositoryFiles.data(file) else { continue }
      for folder in Self.folders {
        #expect(data.firstRange(of: Data(folder.utf8)) == nil, "\(file) names \(folder)")
      }
    }
  }
}
