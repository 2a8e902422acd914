import GraphIR
import Operators
import Support
import Tensors
import Testing

struct FullyConnectedTests {
  /// `stored = clamp(round(sum · factor) + zeroPoint)`, the product in double precision, halves away from zero.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func integersAgreeWithTheDefinition(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (rows, depth) = (
      Int.random(in: 1...9, using: &generator), Int.random(in: 1...200, using: &generator)
    )
    let filters = Int.random(in: 1...50, using: &generator)
    let scales = (0..<filters).map { _ in 0.001 + generator.unitFloat() * 0.05 }
    let perChannel = Quantization(axis: 0, scales: scales, zeroPoints: scales.map { _ in 0 })
    let operands = [
      Tensor.random(
        TensorType(.i8, [rows, depth], Quantization(scale: 0.05, zeroPoint: 9)), seed: seed),
      Tensor.random(TensorType(.i8, [filters, depth], perChannel), seed: seed + 1),
      Tensor.random(TensorType(.i32, [filters], perChannel), seed: seed + 2),
    ]
    let result = TensorType(.i8, [rows, filters], Quantization(scale: 0.7, zeroPoint: -3))
    let found = try FullyConnected().evaluate(operands, results: [result])[0].storedNumbers
    let (x, w, bias) = (
      operands[0].storedNumbers, operands[1].storedNumbers, operands[2].storedNumbers
    )
    for row in 0..<rows {
      for filter in 0..<filters {
        let sum = (0..<depth).map { (x[row * depth + $0] - 9) * w[filter * depth + $0] }.reduce(
          0, +)
        let factor = Double(Float(0.05)) * Double(scales[filter]) / Double(Float(0.7))
        let stored = ((sum + bias[filter]) * factor).rounded(.toNearestOrAwayFromZero) - 3
        #expect(found[row * filters + filter] == min(max(stored, -128), 127))
      }
    }
  }

  /// Scales are whatever a file says, but beyond 2³¹ no factor can be meant.
  @Test func enormousFactorsAreRefused() {
    let x = Tensor(TensorType(.i8, [3, 1], Quantization(scale: 1e38)), numbers: [-1, 0, 1])
    let w = Tensor(TensorType(.i8, [1, 1], Quantization(scale: 1e38)), numbers: [1])
    let result = TensorType(.i8, [3, 1], Quantization(scale: 1e-38))
    #expect(throws: Diagnostic.self) { try FullyConnected().evaluate([x, w], results: [result]) }
  }
}
