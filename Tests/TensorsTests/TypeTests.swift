import Tensors
import Testing

struct ShapeTests {
  static let refused: [[Int]] = [
    [-1], [3, -2, 5], [0, 1 << 41], [1 << 41], [1 << 20, 1 << 20, 2], [Int.max, Int.max],
    [Int.min, -1],
    Array(repeating: 2, count: 64), [1 << 32, 1 << 32],
  ]

  @Test(arguments: refused)
  func impossibleExtentsAreRefused(_ extents: [Int]) {
    #expect(Shape(checking: extents) == nil)
  }

  @Test(arguments: [[0], [3, 0, 5], [0, 0]])
  func tensorsMayHaveNoElements(_ extents: [Int]) {
    #expect(Shape(checking: extents)?.elementCount == 0)
    #expect(Shape(checkingPositive: extents) == nil)
  }

  @Test func possibleExtentsAreKept() {
    #expect(Shape(checking: [])?.elementCount == 1)
    #expect(Shape(checking: [1 << 20, 1 << 20])?.elementCount == Shape.maximumElementCount)
    #expect(Shape(checking: [2, 3, 4])?.strides == [12, 4, 1])
  }

  @Test func texts() {
    #expect(Shape([1, 49, 10, 1]).description == "[1, 49, 10, 1]")
    #expect(Shape([]).description == "[]")
  }
}

struct QuantizationTests {
  static let problems: [(Quantization, ElementType, Shape, String)] = [
    (Quantization(scale: 0.5), .f32, [2], "`f32` elements cannot be quantized"),
    (Quantization(scale: 0.5), .bool, [2], "`bool` elements cannot be quantized"),
    (Quantization(scale: 0), .i8, [2], "scale 0.0 is not a positive number"),
    (Quantization(scale: -1), .i8, [2], "scale -1.0 is not a positive number"),
    (Quantization(scale: .nan), .i8, [2], "scale nan is not a positive number"),
    (Quantization(scale: .infinity), .i8, [2], "scale inf is not a positive number"),
    (Quantization(scale: 1, zeroPoint: 128), .i8, [2], "zero point 128 is outside of `i8`"),
    (Quantization(scale: 1, zeroPoint: -1), .u8, [2], "zero point -1 is outside of `u8`"),
    (
      Quantization(axis: 1, scales: [1, 1], zeroPoints: [0, 0]), .i8, [2],
      "quantized axis 1 does not exist in [2]"
    ),
    (
      Quantization(axis: -1, scales: [1, 1], zeroPoints: [0, 0]), .i8, [2],
      "quantized axis -1 does not exist in [2]"
    ),
    (
      Quantization(axis: 0, scales: [1, 1], zeroPoints: [0, 0]), .i8, [3],
      "2 scales for 3 indices of axis 0"
    ),
  ]

  @Test(arguments: 0..<problems.count)
  func problem(_ number: Int) {
    let (quantization, element, shape, text) = Self.problems[number]
    #expect(quantization.problem(for: shape, element) == text)
  }

  @Test func soundQuantizationHasNoProblem() {
    #expect(Quantization(scale: 1, zeroPoint: -128).problem(for: [2], .i8) == nil)
    let perAxis = Quantization(axis: 1, scales: [1, 2, 3], zeroPoints: [0, 0, 7])
    #expect(perAxis.problem(for: [2, 3], .i4) == nil)
    #expect(perAxis.description == "axis 1, 1.0, 2.0, 3.0:7")
  }
}

struct TensorDataTests {
  @Test func equalBytesAreEqualData() {
    let (a, b) = (TensorData([1, 2, 3] as [Int32]), TensorData([1, 2, 3] as [Int32]))
    #expect(a == b)
    #expect(a.hashValue == b.hashValue)
    #expect(a != TensorData([1, 2, 4] as [Int32]))
    #expect(a != TensorData([1, 2] as [Int32]))
    #expect(a.elements(as: Int32.self) == [1, 2, 3])
  }

  @Test func randomTensorsAreTheSameForTheSameSeed() {
    for element in ElementType.allCases {
      let type = TensorType(element, [64])
      #expect(Tensor.random(type, seed: 1) == Tensor.random(type, seed: 1))
      #expect(Tensor.random(type, seed: 1) != Tensor.random(type, seed: 2))
    }
  }
}
