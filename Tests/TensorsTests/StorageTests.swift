import Tensors
import Testing

struct StorageTests {
  /// A number, and what the type makes of it. Ties go to even; the halves are between two neighbours of the type.
  static let roundings: [(ElementType, Double, Double)] = [
    (.f16, 1 + 0x1p-11, 1), (.f16, 1 + 0x1.8p-10, 1 + 0x1p-9), (.f16, 65519, 65504),
    (.f16, 65520, .infinity), (.f16, 0x1p-25, 0), (.f16, 0x1.8p-24, 0x1p-23),
    (.bf16, 1 + 0x1p-8, 1), (.bf16, 1 + 0x1.8p-7, 1 + 0x1p-6), (.bf16, -3.14159, -3.140625),
    (.bf16, 0x1.ffp127, .infinity), (.bf16, .infinity, .infinity),
    (.f32, 1 + 0x1p-24, 1), (.f32, 0.1, Double(Float(0.1))), (.f32, 1e39, .infinity),
    (.i4, -9, -8), (.i4, 7.5, 7), (.i4, 2.5, 2), (.i4, 3.5, 4), (.i4, .nan, 0),
    (.i8, 127.6, 127), (.i8, -128.5, -128), (.i8, 0.5, 0), (.i8, 1.5, 2), (.i8, -.infinity, -128),
    (.u8, -1, 0), (.u8, 255.5, 255), (.i16, 1e9, 32767), (.i32, -1e300, -2_147_483_648),
    (.i32, 2_147_483_646.5, 2_147_483_646), (.i64, 1e300, 0x1p63), (.bool, 0.1, 1), (.bool, 0, 0),
  ]

  @Test(arguments: 0..<roundings.count)
  func rounding(_ number: Int) {
    let (element, given, stored) = Self.roundings[number]
    #expect(roundTrip(given, element) == stored, "\(given) as \(element)")
  }

  /// Rounded to f32 first, the number would be a tie, and then go to the even neighbour, which is farther away.
  @Test func bfloat16IsRoundedOnce() {
    #expect(roundTrip(1 + 0x1p-8 + 0x1p-40, .bf16) == 1 + 0x1p-7)
    #expect(roundTrip(1 + 0x3p-8 - 0x1p-40, .bf16) == 1 + 0x1p-7)
    #expect(roundTrip(-1 - 0x1p-8 - 0x1p-40, .bf16) == -1 - 0x1p-7)
    #expect(roundTrip(0x1p-134 + 0x1p-170, .bf16) == 0x1p-133)
    #expect(roundTrip(0x1.fep127 + 0x1p119, .bf16) == .infinity)
    #expect(roundTrip(0x1.fep127 + 0x1p118, .bf16) == 0x1.fep127)
  }

  @Test func notANumberStaysOneInFloats() {
    for element in [ElementType.f32, .f16, .bf16] { #expect(roundTrip(.nan, element).isNaN) }
  }

  @Test func fourBitNeighboursDoNotDisturbEachOther() {
    let numbers: [Double] = [-8, 7, -1, 0, 5]
    let tensor = Tensor(TensorType(.i4, [5]), numbers: numbers)
    #expect(tensor.data.byteCount == 3)
    #expect(Array(tensor.data.bytes) == [0x78, 0x0f, 0x05])
    #expect(tensor.storedNumbers == numbers)
  }

  @Test func everyStoredIntegerComesBack() {
    for element in [ElementType.i4, .i8, .u8, .i16] {
      let numbers = element.integerRange!.map(Double.init)  // these have one
      let tensor = Tensor(TensorType(element, [numbers.count]), numbers: numbers)
      #expect(tensor.storedNumbers == numbers)
    }
  }

  @Test func realNumbersFollowTheAxis() {
    let quantization = Quantization(axis: 1, scales: [0.5, 2], zeroPoints: [1, -1])
    let tensor = Tensor(
      TensorType(.i8, [2, 2, 2], quantization), numbers: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(tensor.realNumbers == [0, 0.5, 8, 10, 2, 2.5, 16, 18])
  }

  private func roundTrip(_ number: Double, _ element: ElementType) -> Double {
    Tensor(TensorType(element, [1]), numbers: [number]).storedNumbers[0]
  }
}
