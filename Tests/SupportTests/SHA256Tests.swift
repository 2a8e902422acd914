import Support
import TestSupport
import Testing

struct SHA256Tests {
  /// Source: FIPS 180-2, appendix B (the messages of one block, two blocks, and a million times `a`).
  static let vectors = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test(arguments: 0..<vectors.count)
  func publishedDigests(_ number: Int) {
    let (message, digest) = Self.vectors[number]
    #expect(hexDigest(Array(message.utf8)) == digest)
  }

  @Test func everyLengthAroundABlockIsDistinct() {
    let digests = (0...130).map { hexDigest(Array(repeating: 0, count: $0)) }
    #expect(Set(digests).count == digests.count)
    #expect(digests.allSatisfy { $0.count == 64 })
  }

  @Test func filesHaveTheDigestOfTheirBytesAndKeepThem() throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try TestFiles.withFolder { folder in
      try FileBytes.write(bytes, to: "\(folder)/bytes")
      let file = try FileBytes(mapping: "\(folder)/bytes")
      #expect(SHA256.hexDigest(of: file) == hexDigest(bytes))
      #expect(Array(file.bytes) == bytes)
    }
  }

  private func hexDigest(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { SHA256.hexDigest(of: $0) }
  }
}
