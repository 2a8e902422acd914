import GraphIR
import Operators
import Support
import Tensors
import Testing

/// Scales at the ends of single precision: whatever they give, it is numbers or a diagnostic.
struct ExtremeScaleTests {
  private static let scales: [Float] = [Float.leastNonzeroMagnitude, 1e-38, 1e-20, 1, 1e20, 3.4e38]

  @Test(arguments: scales, scales)
  func unsignedBytesAreJoined(operand: Float, result: Float) throws {
    let type = TensorType(.u8, [2], Quantization(scale: operand, zeroPoint: 1))
    try compute(
      Concatenation(axis: 0), [type], TensorType(.u8, [2], Quantization(scale: result)), [0, 255])
  }

  @Test(arguments: scales, scales)
  func functionsOfSixteenBitsHaveTables(operand: Float, result: Float) throws {
    let type = TensorType(.i16, [2], Quantization(scale: operand))
    let resultType = TensorType(.i16, [2], Quantization(scale: result))
    for op: any Operator in [Log(), Exp(), ReciprocalSquareRoot()] {
      try compute(op, [type], resultType, [-32768, 32767])
    }
  }

  private func compute(
    _ op: any Operator, _ operands: [TensorType], _ result: TensorType, _ numbers: [Double]
  ) throws {
    do {
      _ = try op.evaluate(operands.map { Tensor($0, numbers: numbers) }, results: [result])
    } catch let problem as Diagnostic {
      #expect(problem.message.cause != .ourFault)
    }
  }
}
