import Foundation
import Support
import TestSupport
import Testing

struct FileBytesTests {
  @Test func writtenBytesAreReadBack() throws {
    try TestFiles.withFolder { folder in
      for bytes in [[], [7], (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }] as [[UInt8]] {
        try FileBytes.write(bytes, to: "\(folder)/bytes")
        let file = try FileBytes(mapping: "\(folder)/bytes")
        #expect(Array(file.bytes) == bytes)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["bytes"])
    }
  }

  @Test(
    arguments: [0..<0, 0..<1, 1..<4095, 4095..<4097, 100..<20_000, 0..<30_000],
    [0, 5000, .max >> 1])
  func evictedBytesAreReadAgain(part: Range<Int>, margin: Int) throws {
    let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
    try TestFiles.withFolder { folder in
      try FileBytes.write(bytes, to: "\(folder)/bytes")
      let file = try FileBytes(mapping: "\(folder)/bytes")
      file.evict(UnsafeRawBufferPointer(rebasing: file.bytes[part]), margin: margin)
      #expect(Array(file.bytes) == bytes)
    }
  }

  @Test func failedWriteLeavesNothingBehind() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.createFolder("\(folder)/taken")
      let problem = try #require(throws: Diagnostic.self) {
        try FileBytes.write([1], to: "\(folder)/taken")
      }
      #expect(problem.message.id == "unwritable-file")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken"])
    }
  }

  @Test func linksStayAndWhatTheyLeadToIsWritten() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([1], to: "\(folder)/bytes")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "bytes")
      try FileBytes.write([1, 2], to: "\(folder)/link")
      #expect(FileManager.default.contents(atPath: "\(folder)/bytes") == Data([1, 2]))
      let kind = try FileManager.default.attributesOfItem(atPath: "\(folder)/link")[.type]
      #expect(kind as? FileAttributeType == .typeSymbolicLink)
    }
  }

  /// A pipe or a device that were replaced by a file would be lost to all who use them.
  @Test func pipesTakeBytesAndStayPipes() throws {
    try TestFiles.withFolder { folder in
      let pipe = "\(folder)/pipe"
      try #require(mkfifo(pipe, 0o600) == 0)
      // Both ends at once, so that neither waits for the other.
      let end = open(pipe, O_RDWR)
      defer { close(end) }
      try FileBytes.checkWritable(pipe)
      try FileBytes.write([1, 2, 3], to: pipe)
      var bytes: [UInt8] = [0, 0, 0, 0]
      #expect(read(end, &bytes, 4) == 3 && bytes == [1, 2, 3, 0])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["pipe"])
    }
  }

  @Test func piecesBecomeOneFile() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write(to: "\(folder)/bytes") { write in
        for piece in [[1, 2], [], [3]] as [[UInt8]] { try write(piece) }
      }
      #expect(FileManager.default.contents(atPath: "\(folder)/bytes") == Data([1, 2, 3]))
    }
  }

  @Test func interruptedPiecesLeaveNothingBehind() throws {
    try TestFiles.withFolder { folder in
      #expect(throws: CancellationError.self) {
        try FileBytes.write(to: "\(folder)/bytes") { write in
          try write([1])
          throw CancellationError()
        }
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func mappedBytesOutliveAReplacedFile() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([1, 2, 3], to: "\(folder)/bytes")
      let before = try FileBytes(mapping: "\(folder)/bytes")
      try FileBytes.write([9], to: "\(folder)/bytes")
      #expect(Array(before.bytes) == [1, 2, 3])
    }
  }

  @Test func whatIsNoReadableFileIsReported() throws {
    try TestFiles.withFolder { folder in
      for path in ["\(folder)/missing", folder] {
        let problem = try #require(throws: Diagnostic.self) { try FileBytes(mapping: path) }
        #expect(problem.message.cause == .unreadable)
        #expect(problem.place.file == path)
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func openingAPipeDoesNotWaitForItsWriter() throws {
    try TestFiles.withFolder { folder in
      try #require(mkfifo("\(folder)/pipe", 0o600) == 0)
      let problem = try #require(throws: Diagnostic.self) {
        try FileBytes(mapping: "\(folder)/pipe")
      }
      #expect(problem.message.id == "unreadable-file")
    }
  }

  @Test func bytesThatAreNoTextAreReported() throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([0x67, 0xff, 0xfe], to: "\(folder)/text")
      let problem = try #require(throws: Diagnostic.self) {
        try FileBytes.text(of: "\(folder)/text")
      }
      #expect(problem.message.id == "not-text")
    }
  }
}
