import Lowering
import Support
import Testing

/// Weights come back from their streams as they were; bytes that are no stream do no harm.
struct WeightCodeTests {
  private static let distributions = RandomWeights.Distribution.allCases

  @Test(arguments: distributions, 0..<12 as Range<UInt64>)
  func weightsComeBack(from distribution: RandomWeights.Distribution, seed: UInt64) throws {
    var weights = RandomWeights(seed: seed)
    let streams = weights.layer(distribution)
    let planned = WeightCode(planning: streams)
    let parsed = try #require(WeightCode(parsing: planned.bytes))
    for stream in streams + [weights.stream(.uniform, count: 77)] {
      #expect(try parsed.decode(planned.encode(stream), count: stream.count) == stream)
    }
  }

  @Test(arguments: distributions, 0..<12 as Range<UInt64>)
  func streamsGrowByAByteAtMost(of distribution: RandomWeights.Distribution, seed: UInt64) {
    var weights = RandomWeights(seed: seed)
    let streams = weights.layer(distribution)
    let code = WeightCode(planning: streams)
    #expect((1...136).contains(code.bytes.count))
    for stream in streams { #expect(code.encode(stream).count <= stream.count + 1) }
    let encoded = streams.map { code.encode($0).count }.reduce(code.bytes.count, +)
    #expect(encoded <= streams.map(\.count).reduce(0, +) + streams.count + 1)
  }

  @Test(arguments: distributions)
  func equalStreamsGiveEqualBytes(of distribution: RandomWeights.Distribution) {
    var weights = RandomWeights(seed: 5)
    let streams = weights.layer(distribution)
    let one = WeightCode(planning: streams)
    let other = WeightCode(planning: streams)
    #expect(one.bytes == other.bytes)
    #expect(streams.map(one.encode) == streams.map(other.encode))
  }

  @Test(arguments: distributions, 0..<40 as Range<UInt64>)
  func damagedStreamsGiveOtherWeightsOrAnError(
    of distribution: RandomWeights.Distribution, seed: UInt64
  ) {
    var weights = RandomWeights(seed: seed)
    let stream = weights.stream(distribution, count: 700)
    let code = WeightCode(planning: [stream])
    var bytes = code.encode(stream)
    for cut in [0, bytes.count / 2, bytes.count - 1] {
      #expect(throws: WeightStreamError.self) {
        try code.decode(Array(bytes[..<cut]), count: stream.count)
      }
    }
    for _ in 0..<3 {
      bytes[weights.number(below: bytes.count)] ^= UInt8(1 << weights.number(below: 8))
    }
    let decoded = try? code.decode(bytes, count: stream.count)
    #expect(decoded == nil || decoded?.count == stream.count)
  }

  @Test(arguments: distributions)
  func damagedCodesAreCodesOrNone(of distribution: RandomWeights.Distribution) throws {
    for seed in 0..<200 as Range<UInt64> {
      var weights = RandomWeights(seed: seed)
      let stream = weights.stream(distribution, count: 500)
      var bytes = WeightCode(planning: [stream]).bytes
      bytes[weights.number(below: bytes.count)] ^= UInt8(1 << weights.number(below: 8))
      guard let code = WeightCode(parsing: bytes) else { continue }
      #expect(try code.decode(code.encode(stream), count: stream.count) == stream)
    }
  }
}

/// Layers whose bytes are known.
struct WeightCodeExampleTests {
  @Test func noWeightsTakeNoBytes() throws {
    let code = WeightCode(planning: [[Int8]]())
    #expect(code.bytes == [0])
    #expect(code.encode([]) == [])
    #expect(try code.decode([], count: 0) == [])
  }

  @Test func weightsOfAllValuesStayAsTheyAre() {
    let weights = Array(Int8.min...Int8.max)
    let code = WeightCode(planning: [weights])
    #expect(code.bytes == [0])
    #expect(code.encode(weights) == weights.map(UInt8.init(bitPattern:)))
  }

  /// 1000 = 3 · 255 + 235, that is four runs of 2⁷ + 127, 127, 127 and 107. The book gives the run its
  /// code of one bit, and one to the single zero, which every book has.
  @Test func zerosTakeARunForEach255() throws {
    let zeros = [Int8](repeating: 0, count: 1000)
    let code = WeightCode(planning: [zeros])
    #expect(code.encode(zeros).count == (1 + 4 * (1 + 7) + 7) / 8)
    #expect(try code.decode(code.encode(zeros), count: 1000) == zeros)
  }

  /// A palette of four values of equal frequency takes two bits a weight, and a bit before them.
  @Test func fourValuesTakeTwoBits() {
    let weights = (0..<4096).map { [Int8(-100), -7, 3, 90][($0 ^ $0 >> 2 ^ $0 >> 4) % 4] }
    #expect(WeightCode(planning: [weights]).encode(weights).count == 4096 * 2 / 8 + 1)
  }

  /// The entropy of one weight in 50 that is not 0, and then one of 16, is 0.14 + 0.08 bits; a run
  /// and a value say in a bit each which of them they are.
  @Test func rareWeightsTakeLessThanABit() {
    var random = RandomWeights(seed: 1)
    let weights = (0..<65536).map { _ in
      random.number(below: 50) == 0 ? Int8(random.number(below: 16)) + 1 : 0
    }
    let code = WeightCode(planning: [weights])
    #expect((code.encode(weights).count + code.bytes.count) * 8 < 65536 * 3 / 10)
  }

  /// A stream of a code that was written down by hand: form 3 lists lengths 1, 2, 2 of −1, 0 and 1.
  @Test func bitsAreThoseOfTheDescription() throws {
    let code = try #require(WeightCode(parsing: [3, 0, 0xff, 1, 0x12, 0x20]))
    // 0, then −1: 0, 0: 10, 1: 11, −1: 0, and a bit to fill the byte.
    let weights: [Int8] = [-1, 0, 1, -1]
    #expect(code.encode(weights) == [0b0010_1100])
    #expect(try code.decode([0b0010_1100], count: 4) == weights)
    #expect(throws: WeightStreamError.truncated) { try code.decode([0b0010_1100], count: 9) }
    #expect(throws: WeightStreamError.malformed) { try code.decode([0b0010_1101], count: 4) }
    #expect(throws: WeightStreamError.followedByOthers) {
      try code.decode([0b0010_1100, 0], count: 4)
    }
  }

  @Test(
    arguments: [
      [], [0, 0], [4], [8], [3, 0, 0xff, 1, 0x12, 0x21], [3, 1, 0xff, 1, 0x12, 0x20],
      [3, 0, 0xff, 1, 0x11, 0x10], [3, 0, 0xff, 1, 0x12, 0x30], [3, 0, 1, 0xff, 0x12, 0x20],
      [3, 0, 0xff, 1, 0x12], [1, 0, 0x0c], [1, 0, 0xdd, 1],
    ] as [[UInt8]])
  func whatIsNoCodeIsRefused(bytes: [UInt8]) {
    #expect(WeightCode(parsing: bytes) == nil)
  }
}

/// Seeded weights of many kinds.
struct RandomWeights {
  enum Distribution: CaseIterable {
    case uniform, bell, peaked, palette, runs, mostlyZero, oneValue, halving
  }

  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  /// Streams of 0 to 1500 weights.
  mutating func layer(_ distribution: Distribution) -> [[Int8]] {
    (0..<number(below: 6)).map { _ in stream(distribution, count: number(below: 1500)) }
  }

  mutating func stream(_ distribution: Distribution, count: Int) -> [Int8] {
    var weights: [Int8] = []
    while weights.count < count { append(distribution, to: &weights) }
    return Array(weights.prefix(count))
  }

  private mutating func append(_ distribution: Distribution, to weights: inout [Int8]) {
    switch distribution {
    case .uniform: weights.append(value())
    case .bell: weights.append(Int8((0..<8).map { _ in number(below: 32) }.reduce(-124, +)))
    case .peaked: weights.append(Int8(number(below: 9) * number(below: 9) / 8 - 4))
    case .palette: weights.append([-128, -3, 0, 5, 127][number(below: 5)])
    case .runs: weights += [Int8](repeating: 7, count: number(below: 700)) + [value()]
    case .mostlyZero: weights.append(number(below: 40) == 0 ? value() : 0)
    case .oneValue: weights.append(-128)
    case .halving: weights.append(Int8(min(generator.next().leadingZeroBitCount, 40)) * 3 - 60)
    }
  }

  private mutating func value() -> Int8 { Int8(number(below: 256) - 128) }
}
