import GraphIR
import Support
import TestSupport
import Tensors
import Testing

import Evaluation

struct SampleConversionTests {
  private static let quantized = Quantization(scale: 0.5, zeroPoint: -3)

  @Test func elementsOfTheInputsOwnTypeAreTakenAsTheyAre() throws {
    let found = try Self.converted(.i8, [-128, 5], to: TensorType(.i8, [2], Self.quantized))
    #expect(found == [-128, 5])
  }

  @Test(arguments: [ElementType.u8, .i8, .f64, .i32, .f16, .bool, .u64])
  func anyNumbersBecomeFloats(element: ElementType) throws {
    #expect(try Self.converted(element, [0, 1], to: TensorType(.f32, [2])) == [0, 1])
  }

  /// By hand: 0.75 / 0.5 − 3 = −1.5, and halves go away from 0: 2 − 3 = −1; −0.75 becomes −2 − 3.
  @Test func quantizedInputsTakeRealNumbers() throws {
    let type = TensorType(.i8, [5], Self.quantized)
    let found = try Self.converted(.f32, [0, 0.75, -0.75, 1e9, -1e9], to: type)
    #expect(found == [-3, -1, -5, 127, -128])
    #expect(
      try Self.converted(.u8, [10], to: TensorType(.i8, [1], Self.quantized)) == [17])
  }

  @Test func integersWithoutScaleAreRounded() throws {
    let found = try Self.converted(.f32, [0.5, -2.5, 3.2], to: TensorType(.i32, [3]))
    #expect(found == [1, -3, 3])
  }

  @Test func meanAndScaleApplyToAllTypes() throws {
    let preprocessing = try Preprocessing("mean=127,scale=128")
    let floats = try Self.converted(.u8, [255, 127], to: TensorType(.f32, [2]), preprocessing)
    #expect(floats == [1, 0])
    let own = try Self.converted(
      .i8, [127, -1], to: TensorType(.i8, [2], Quantization(scale: 0.5)), preprocessing)
    #expect(own == [0, -2])
  }

  @Test func channelsHaveMeansOfTheirOwn() throws {
    let preprocessing = try Preprocessing("mean=1:2:3,std=10")
    let last = TensorType(.f32, [1, 2, 1, 3])
    let first = TensorType(.f32, [1, 3, 1, 2])
    let numbers: [Double] = [11, 12, 13, 21, 22, 23]
    #expect(
      try Self.converted(.f32, numbers, to: last, preprocessing) == [1, 1, 1, 2, 2, 2])
    #expect(
      try Self.converted(.f32, [11, 21, 12, 22, 13, 23], to: first, preprocessing)
        == [1, 2, 1, 2, 1, 2])
    let wrong = Fixture.problem {
      try Self.converted(.f32, numbers, to: last, Preprocessing("mean=1:2"))
    }
    #expect(wrong == "preprocessing-channels")
  }

  private static func converted(
    _ element: ElementType, _ numbers: [Double], to type: TensorType,
    _ preprocessing: Preprocessing = Preprocessing()
  ) throws -> [Double] {
    let shape = Shape([1] + type.shape.extents)
    let data = Tensor(TensorType(element, shape), numbers: numbers)
    return try Fixture.withFile(data) { path in
      let source = SampleSource.files([SampleFile(path: path)], limit: nil)
      return try Samples(source, [type], preprocessing).inputs(at: 0)[0].storedNumbers
    }
  }
}

struct PreprocessingTests {
  @Test func textNamesEveryPart() throws {
    let found = try Preprocessing(
      "resize=bicubic,crop=0.875,mean=1:2:3,std=4,channels=bgr,layout=nchw")
    var expected = Preprocessing()
    expected.interpolation = .bicubic
    expected.crop = 0.875
    expected.mean = [1, 2, 3]
    expected.scale = [4]
    expected.channels = .bgr
    expected.layout = .nchw
    #expect(found == expected)
    #expect(try Preprocessing("") == Preprocessing())
  }

  @Test(arguments: [
    "size=3", "resize", "resize=nearest", "crop=0", "crop=1.5", "crop=x", "mean=", "mean=1::2",
    "mean=nan", "scale=0", "scale=1:0:1", "std=inf", "channels=rgba", "layout=hwc", "=",
    "mean=1 ,std=2",
  ])
  func otherTextsAreRefused(text: String) throws {
    let problem = try #require(throws: Diagnostic.self) { try Preprocessing(text) }
    #expect(problem.message.id == "preprocessing")
    #expect(problem.help?.contains("bicubic") == true)
  }
}
