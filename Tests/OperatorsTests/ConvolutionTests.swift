import GraphIR
import Operators
import Support
import Tensors
import Testing

/// Convolutions against sums written out, over seeded random sizes: vector kernels have many tails.
struct ConvolutionTests {
  @Test(arguments: 0..<60 as Range<UInt64>)
  func integersAgreeWithTheDefinition(seed: UInt64) throws {
    let problem = try ConvolutionProblem(seed: seed)
    let found = try problem.op.evaluate(problem.operands, results: [problem.result])[0]
    let factor = try FixedPoint(
      Double(ConvolutionProblem.scale) * Double(ConvolutionProblem.scale)
        / Double(problem.resultScale))
    let numbers = problem.operands.map { $0.storedNumbers.map { Int($0) } }
    let zeroPoint = problem.operands[0].type.quantization!.zeroPoint  // the image has one
    let expected = problem.accumulators(numbers, zeroPoint: zeroPoint).map { sum in
      min(max(multiplied(sum, by: factor) - 3, -128), 127)
    }
    #expect(found.storedNumbers == expected.map(Double.init))
  }

  /// Products are rounded before they are added, in the order of the kernel's elements: the same bits on every
  /// processor.
  @Test(arguments: 0..<60 as Range<UInt64>)
  func floatsAgreeWithTheDefinitionInEveryBit(seed: UInt64) throws {
    let problem = try ConvolutionProblem(seed: seed, element: .f32)
    let found = try problem.op.evaluate(problem.operands, results: [problem.result])[0]
    let numbers = problem.operands.map { $0.data.elements(as: Float.self) }
    #expect(found.data.elements(as: Float.self) == problem.accumulators(numbers, zeroPoint: 0))
  }

  /// `round(x · factor)`, in the two rounding steps of the reference kernels: a doubling high product, then a shift.
  ///
  /// Source: `MultiplyByQuantizedMultiplier` of TFLite with double rounding.
  private func multiplied(_ x: Int, by factor: FixedPoint) -> Int {
    let left = max(0, Int(factor.shift))
    let right = max(0, -Int(factor.shift))
    let product = x << left * Int(factor.multiplier)
    let high = (product + (product >= 0 ? 1 << 30 : 1 - 1 << 30)) / (1 << 31)
    let remainder = high & ((1 << right) - 1)
    let threshold = ((1 << right) - 1) >> 1 + (high < 0 ? 1 : 0)
    return high >> right + (remainder > threshold ? 1 : 0)
  }
}

/// A random convolution, dense or depthwise.
private struct ConvolutionProblem {
  static let scale: Float = 0.05
  let op: any Operator
  let operands: [Tensor]
  let result: TensorType
  let resultScale: Float
  private let window: Window
  private let isDepthwise: Bool

  init(seed: UInt64, element: ElementType = .i8) throws {
    var generator = SeededGenerator(seed: seed)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    isDepthwise = seed % 2 == 0
    let channels = pick(1...70)
    let multiplier = isDepthwise ? pick(1...2) : 1
    let filters = isDepthwise ? channels * multiplier : pick(1...40)
    let (kernel, stride) = ([pick(1...4), pick(1...4)], [pick(1...3), pick(1...3)])
    let image = TensorType(
      element, [pick(1...2), pick(4...9), pick(4...9), channels],
      element == .i8 ? Quantization(scale: Self.scale, zeroPoint: pick(-128...127)) : nil)
    let weights = TensorType(
      element,
      isDepthwise
        ? [1, kernel[0], kernel[1], filters] : [filters, kernel[0], kernel[1], channels],
      element == .i8 ? Quantization(scale: Self.scale) : nil)
    let padding = pick(0...1) == 0 ? Padding.same : .valid
    resultScale = Float(pick(1...40)) * 0.25
    operands = [
      .random(image, seed: seed), .random(weights, seed: seed + 1),
      .random(
        element == .i8
          ? TensorType(.i32, [filters], Quantization(scale: Self.scale * Self.scale))
          : TensorType(element, [filters]), seed: seed + 2),
    ]
    let types = operands.map(\.type)
    if isDepthwise {
      let depthwise = DepthwiseConv2D(stride: stride, padding: padding)
      (op, window) = (depthwise, try depthwise.window(types))
    } else {
      let convolution = Conv2D(stride: stride, padding: padding)
      (op, window) = (convolution, try convolution.window(types))
    }
    let inferred = try op.resultTypes(types)[0]
    result = TensorType(
      element, inferred.shape,
      element == .i8 ? Quantization(scale: resultScale, zeroPoint: -3) : nil)
  }

  /// The sums of products plus bias, in the order of the result's elements.
  func accumulators<Number: Numeric>(_ numbers: [[Number]], zeroPoint: Number) -> [Number] {
    let shape = result.shape
    return (0..<shape.elementCount).map { position in
      let filter = position % shape[3]
      let column = position / shape[3] % shape[2]
      let row = position / shape[3] / shape[2] % shape[1]
      let batch = position / shape[3] / shape[2] / shape[1]
      let sum = sum(batch, row, column, filter, numbers[0], numbers[1], zeroPoint)
      return sum + numbers[2][filter]
    }
  }

  private func sum<Number: Numeric>(
    _ batch: Int, _ row: Int, _ column: Int, _ filter: Int, _ image: [Number],
    _ weights: [Number], _ zeroPoint: Number
  ) -> Number {
    let (input, kernel) = (operands[0].type.shape, operands[1].type.shape)
    var sum: Number = 0
    for i in 0..<kernel[1] {
      for j in 0..<kernel[2] {
        let y = row * window.stride[0] + i - window.padBefore[0]
        let x = column * window.stride[1] + j - window.padBefore[1]
        guard (0..<input[1]).contains(y), (0..<input[2]).contains(x) else { continue }
        let pixel = ((batch * input[1] + y) * input[2] + x) * input[3]
        if isDepthwise {
          let channel = filter / (kernel[3] / input[3])
          sum +=
            (image[pixel + channel] - zeroPoint) * weights[(i * kernel[2] + j) * kernel[3] + filter]
        } else {
          let tap = ((filter * kernel[1] + i) * kernel[2] + j) * input[3]
          for c in 0..<input[3] { sum += (image[pixel + c] - zeroPoint) * weights[tap + c] }
        }
      }
    }
    return sum
  }
}
