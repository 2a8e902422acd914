import GraphIR
import Operators
import Support
import Tensors
import Testing

struct SoftmaxTests {
  /// `n` equal logits have the probability 1/n each, which is stored as `round(256 / n) − 128`.
  /// The reference kernels of TFLite abort from 512 equal logits on.
  @Test(arguments: [1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 4096])
  func equalLogits(count: Int) throws {
    let logits = Tensor(
      TensorType(.i8, [1, count], Quantization(scale: 0.1)),
      numbers: Array(repeating: 5, count: count))
    let stored = min(127, (256 / Double(count)).rounded() - 128)
    let found = try Softmax().evaluate([logits], results: [Self.result(count)])[0].storedNumbers
    #expect(found.allSatisfy { abs($0 - stored) <= (count == 511 || count == 512 ? 1 : 0) })
    #expect(Set(found).count == 1)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func scalesOfTheExponentThatAreNoNumbersAreRefused(beta: Float) {
    let logits = Tensor(TensorType(.f32, [1, 2]), numbers: [1, 2])
    #expect(throws: Diagnostic.self) { try Softmax(beta: beta).evaluate([logits]) }
  }

  @Test func rowsAreIndependent() throws {
    let one = Tensor.random(TensorType(.i8, [1, 10], Quantization(scale: 0.2)), seed: 1)
    let two = Tensor(
      TensorType(.i8, [2, 10], Quantization(scale: 0.2)),
      numbers: one.storedNumbers + one.storedNumbers.reversed())
    let single = try Softmax().evaluate([one], results: [Self.result(10)])[0].storedNumbers
    let result = TensorType(.i8, [2, 10], Self.result(10).quantization)
    let both = try Softmax().evaluate([two], results: [result])[0].storedNumbers
    #expect(both == single + single.reversed())
  }

  private static func result(_ count: Int) -> TensorType {
    TensorType(.i8, [1, count], Quantization(scale: 1 / 256, zeroPoint: -128))
  }
}
