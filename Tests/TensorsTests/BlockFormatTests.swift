import Testing

import Tensors

/// Against tables 1 to 6 and section 6.3 of the "OCP Microscaling Formats (MX) Specification", version 1.0.
struct BlockFormatTests {
  /// All numbers of e2m1 from 0 on: 0, 0.5, 1, 1.5, 2, 3, 4, 6. Ties go to the even code.
  @Test func fourBitsHoldEightMagnitudes() {
    for (number, nearest) in [
      (0, 0), (0.25, 0), (0.26, 0.5), (0.75, 1), (1.25, 1), (1.75, 2), (2.5, 2), (2.6, 3),
      (3.5, 4), (5, 4), (5.1, 6), (6, 6), (7, 6), (100, 6),
    ] {
      #expect(BlockFormat.f4e2m1.rounded(number) == nearest, "\(number)")
      #expect(BlockFormat.f4e2m1.rounded(-number) == -nearest, "-\(number)")
    }
  }

  @Test(
    arguments: [
      (.f8e4m3, 448, 0x1p-9), (.f8e5m2, 57344, 0x1p-16), (.f6e3m2, 28, 0x1p-4),
      (.f6e2m3, 7.5, 0x1p-3), (.f4e2m1, 6, 0x1p-1), (.i8, 127.0 / 64, 0x1p-6),
    ] as [(BlockFormat, Double, Double)])
  func endsAreThoseOfTheTables(format: BlockFormat, largest: Double, smallest: Double) {
    #expect(format.largest == largest)
    #expect(format.rounded(2 * largest) == largest && format.rounded(largest) == largest)
    #expect(format.rounded(smallest) == smallest)
    #expect(format.rounded(0.49 * smallest) == 0)
    #expect(format.rounded(1.4 * smallest) == smallest)
  }

  @Test(arguments: BlockFormat.allCases)
  func numbersOfTheFormatStayWhatTheyAre(format: BlockFormat) {
    for step in -300...300 {
      let once = format.rounded(Double(step) * format.largest / 256)
      #expect(format.rounded(once) == once)
    }
  }

  /// The largest magnitude is 12, so the shared exponent is 3 − 2: numbers are rounded in units of 2.
  @Test func blocksShareThePowerOfTheirLargest() {
    var numbers = [Float](repeating: 0, count: 32)
    numbers.replaceSubrange(0..<5, with: [12, -5, 0.4, 0.6, 2])
    let found = BlockFormat.f4e2m1.roundedInBlocks(numbers, rowLength: 32)
    #expect(Array(found[..<5]) == [12, -4, 0, 1, 2])
    #expect(found[5...].allSatisfy { $0 == 0 })
  }

  /// 7.9 has the exponent 2, which is that of the largest number, 6: what is above is clipped.
  @Test func numbersAboveTheLargestAreClipped() {
    #expect(BlockFormat.f4e2m1.roundedInBlocks([7.9, 1], rowLength: 2) == [6, 1])
  }

  /// Rows of 40 have a block of 32 and one of 8; each row begins anew. 1000 is clipped to 6 · 2⁷.
  @Test func blocksDoNotReachIntoTheNextRow() {
    var numbers = [Float](repeating: 0.5, count: 80)
    numbers[39] = 1000
    let found = BlockFormat.f4e2m1.roundedInBlocks(numbers, rowLength: 40)
    #expect(found[..<32].allSatisfy { $0 == 0.5 })
    #expect(found[32..<39].allSatisfy { $0 == 0 } && found[39] == 768)
    #expect(found[40...].allSatisfy { $0 == 0.5 })
  }

  @Test func blocksWithoutAFiniteLargestStayAsTheyAre() {
    for numbers in [[0, 0], [.infinity, 1], []] as [[Float]] {
      #expect(BlockFormat.f8e4m3.roundedInBlocks(numbers, rowLength: 2) == numbers)
    }
  }

  @Test func smallestNumbersStaySmall() {
    let least = Float.leastNonzeroMagnitude
    let found = BlockFormat.i8.roundedInBlocks([least, 0], rowLength: 2)
    #expect(found.allSatisfy { $0.isFinite } && abs(found[0]) <= 2 * least)
  }
}
