/// The SHA-256 digest of bytes (FIPS 180-4), by which reports name the model and the target they are about.
public struct SHA256: Sendable {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]

  /// The digest of `bytes` as 64 hexadecimal digits.
  public static func hexDigest(of bytes: UnsafeRawBufferPointer) -> String {
    hexDigest(of: bytes) { _ in }
  }

  /// The digest of a file, of which only a piece is in memory at a time.
  public static func hexDigest(of file: FileBytes) -> String {
    withExtendedLifetime(file) { hexDigest(of: file.bytes) { file.evict($0) } }
  }

  /// - Parameter release: is called with pieces that are done.
  private static func hexDigest(
    of bytes: UnsafeRawBufferPointer, releasing release: (UnsafeRawBufferPointer) -> Void
  ) -> String {
    var hash = SHA256()
    let whole = bytes.count / 64 * 64
    for start in stride(from: 0, to: whole, by: pieceBytes) {
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(whole, start + pieceBytes)])
      hash.compressAll(piece)
      release(piece)
    }
    let tail = padding(after: UnsafeRawBufferPointer(rebasing: bytes[whole...]), of: bytes.count)
    tail.withUnsafeBytes { hash.compressAll($0) }
    return hash.state.map(hexadecimal).joined()
  }

  private static let pieceBytes = 1 << 20

  /// - Parameter blocks: of 64 bytes each.
  private mutating func compressAll(_ blocks: UnsafeRawBufferPointer) {
    for start in stride(from: 0, to: blocks.count, by: 64) {
      compress(UnsafeRawBufferPointer(rebasing: blocks[start..<start + 64]))
    }
  }

  /// The last block or two: what is left over, a one bit, zeros, and the length in bits (FIPS 180-4, 5.1.1).
  private static func padding(after rest: UnsafeRawBufferPointer, of count: Int) -> [UInt8] {
    var tail = Array(rest) + [0x80]
    // Up to byte 56 of a block, which leaves 8 for the length; 120 is 56 more than a block.
    tail += Array(repeating: 0, count: (120 - tail.count) % 64)
    withUnsafeBytes(of: (UInt64(count) * 8).bigEndian) { tail += $0 }
    return tail
  }

  private static func hexadecimal(_ word: UInt32) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private mutating func compress(_ block: UnsafeRawBufferPointer) {
    // On the stack: models have millions of blocks.
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
      for i in 0..<16 {
        schedule[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self))
      }
      for i in 16..<64 {
        let (a, b) = (schedule[i - 15], schedule[i - 2])
        let low = rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)
        let high = rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10)
        schedule[i] = schedule[i - 16] &+ low &+ schedule[i - 7] &+ high
      }
      mix(UnsafeBufferPointer(schedule))
    }
  }

  private mutating func mix(_ schedule: UnsafeBufferPointer<UInt32>) {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for i in 0..<64 {
      let choice = (e & f) ^ (~e & g)
      let first =
        h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice &+ Self.constants[i]
        &+ schedule[i]
      let majority = (a & b) ^ (a & c) ^ (b & c)
      let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= word }
  }

  private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    (word >> count) | (word << (32 - count))
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = primes(64).map { prime in
    cubeRootFraction(of: prime)
  }

  private static func primes(_ count: Int) -> [UInt64] {
    var found: [UInt64] = []
    var candidate: UInt64 = 2
    while found.count < count {
      if !found.contains(where: { candidate % $0 == 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }

  /// `floor(cbrt(n) · 2³²) mod 2³²`, by bisection in exact integers.
  private static func cubeRootFraction(of n: UInt64) -> UInt32 {
    var low: UInt64 = 0
    var high: UInt64 = 8 << 32
    while high - low > 1 {
      let middle = (low + high) / 2
      let square = middle.multipliedFullWidth(by: middle)
      // middle³ ≤ n · 2⁹⁶ exactly when middle² ≤ floor(n · 2⁹⁶ / middle).
      let quotient = quotient(of: n, by: middle)
      if (square.high, square.low) <= quotient { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }

  /// `floor(n · 2⁹⁶ / divisor)` as high and low words.
  private static func quotient(of n: UInt64, by divisor: UInt64) -> (UInt64, UInt64) {
    let top = n << 32
    let high = divisor.dividingFullWidth((top % divisor, 0))
    return (top / divisor, high.quotient)
  }
}
