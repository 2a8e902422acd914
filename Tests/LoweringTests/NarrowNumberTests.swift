import Operators
import Testing

@testable import Lowering

struct NarrowNumberTests {
  @Test(arguments: [
    0, 1, -1, 1 << 31, 1 << 32, -1 << 32, (1 << 32) - 1, 1 << 40, (1 << 47) - 1, -1 << 47,
  ])
  func sixBytesHoldEveryAddress(_ address: Int) {
    #expect(SixBytes(wrappedValue: address).wrappedValue == address)
  }

  @Test func whatDoesNotFitBecomesTheNearestNumber() {
    #expect(SixBytes(wrappedValue: .max).wrappedValue == 1 << 47 - 1)
    #expect(SixBytes(wrappedValue: .min).wrappedValue == -1 << 47)
    #expect(FourBytes(wrappedValue: 1 << 31).wrappedValue == 1 << 31 - 1)
    #expect(FourBytes(wrappedValue: .min).wrappedValue == -1 << 31)
    #expect(TwoBytes(wrappedValue: 1 << 15).wrappedValue == 1 << 15 - 1)
    let pair = FourBytesEach(wrappedValue: Spatial(height: .max, width: 3)).wrappedValue
    #expect(pair == Spatial(height: 1 << 31 - 1, width: 3))
  }

  @Test func commandsTakeFewBytes() {
    #expect(MemoryLayout<Span>.stride == 16)
    #expect(MemoryLayout<Command>.stride <= 144)
  }
}
