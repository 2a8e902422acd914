import GraphIR
import Operators
import Tensors
import Testing

struct RecurrentTests {
  /// Two steps at once, and two runs of one step each, of which the second begins where the first ended.
  @Test(arguments: [ElementType.f32, .i8])
  func statesCarryASequenceOn(element: ElementType) throws {
    let layer = RandomLSTM(element)
    let numbers: [Double] = [3, -1, 0, 2]
    let whole = try layer.results(numbers, layer.start)
    let first = try layer.results(Array(numbers.prefix(2)), layer.start)
    let second = try layer.results(Array(numbers.suffix(2)), Array(first[1...]))
    #expect(whole[0].storedNumbers == first[0].storedNumbers + second[0].storedNumbers)
    #expect(Array(whole[1...]) == Array(second[1...]))
  }

  /// With steps or batches first, each batch has the same results.
  @Test func orderOfAxesIsNoMatter() throws {
    var op = RNN()
    let weights = [
      Tensor.random(TensorType(.f32, [3, 2]), seed: 1),
      Tensor.random(TensorType(.f32, [3, 3]), seed: 2),
      Tensor.random(TensorType(.f32, [3]), seed: 3),
      Tensor.random(TensorType(.f32, [2, 3]), seed: 4),
    ]
    // Two batches of one step, which lie alike in both orders.
    let numbers: [Double] = [1, -1, 2, 0.5]
    let batchMajor = try op.evaluate(
      [Tensor(TensorType(.f32, [2, 1, 2]), numbers: numbers)] + weights)
    op.isTimeMajor = true
    let timeMajor = try op.evaluate(
      [Tensor(TensorType(.f32, [1, 2, 2]), numbers: numbers)] + weights)
    #expect(batchMajor[0].storedNumbers == timeMajor[0].storedNumbers)
    #expect(batchMajor[1] == timeMajor[1])
  }

  /// The backward layer does what a forward one does with the steps in reverse.
  @Test func backwardLayerReadsFromTheEnd() throws {
    let weights = [
      Tensor.random(TensorType(.f32, [3, 1]), seed: 1),
      Tensor.random(TensorType(.f32, [3, 3]), seed: 2),
      Tensor.random(TensorType(.f32, [3]), seed: 3),
      Tensor.random(TensorType(.f32, [1, 3]), seed: 4),
    ]
    let both = try BidirectionalRNN().evaluate([sequence([1, 2, -3])] + weights + weights)
    let reversed = try RNN().evaluate([sequence([-3, 2, 1])] + weights)
    let rows = (0..<3).map { step in Array(reversed[0].storedNumbers[3 * step..<3 * step + 3]) }
    #expect(both[1].storedNumbers == rows.reversed().flatMap { $0 })
    #expect(both[3] == reversed[1])
  }

  private func sequence(_ numbers: [Double]) -> Tensor {
    Tensor(TensorType(.f32, [1, numbers.count, 1]), numbers: numbers)
  }
}

/// An LSTM layer of three cells with random weights, for inputs of two numbers.
private struct RandomLSTM {
  let op: LSTM
  let start: [Tensor]
  private let input: (Shape) -> TensorType
  private let output: (Shape) -> TensorType
  private let weights: [Tensor]

  init(_ element: ElementType) {
    let isInteger = element == .i8
    func type(_ shape: Shape, _ element: ElementType, _ scale: Float) -> TensorType {
      isInteger
        ? TensorType(element, shape, Quantization(scale: scale)) : TensorType(.f32, shape)
    }
    var op = LSTM()
    op.hiddenScale = isInteger ? 1 / 128 : 0
    self.op = op
    input = { type($0, .i8, 0.5) }
    output = { type($0, .i8, 1 / 128) }
    let shapes =
      Array(repeating: Shape([3, 2]), count: 4) + Array(repeating: Shape([3, 3]), count: 4)
    let bias = isInteger ? TensorType(.i32, [3]) : TensorType(.f32, [3])
    weights =
      shapes.enumerated().map { Tensor.random(type($1, .i8, 0.01), seed: UInt64($0)) }
      + (0..<4).map { Tensor.random(bias, seed: 8 + UInt64($0)) }
    start = [
      Tensor.random(type([1, 3], .i8, 1 / 128), seed: 12),
      Tensor.random(type([1, 3], .i16, 1 / 2048), seed: 13),
    ]
  }

  /// Those for as many steps as there are pairs of numbers.
  func results(_ numbers: [Double], _ states: [Tensor]) throws -> [Tensor] {
    let steps = numbers.count / 2
    return try op.evaluate(
      [Tensor(input([1, steps, 2]), numbers: numbers)] + weights + states,
      results: [output([1, steps, 3])] + states.map(\.type))
  }
}
