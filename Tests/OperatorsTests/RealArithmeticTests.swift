import GraphIR
import Operators
import Tensors
import Testing

/// What ONNX's arithmetic gives, in every bit. Expected numbers are those of ONNX Runtime 1.31.1 on x86-64.
struct RealArithmeticTests {
  private static let numbers: [Float] = [-20, -9.5, -5.5, -1.25, -0.1, 0, 0.3, 2.7, 8.8, 30]
  /// 7 · i mod 11, times 0.37.
  private static let logits = (0..<20).map { Float($0 * 7 % 11) * 0.37 }

  @Test func logisticIsAQuotient() throws {
    let expected: [Float] = [
      0, 0x1.39ep-14, 0x1.0abep-8, 0x1.c81704p-3, 0x1.e66bdcp-2, 0x1p-1, 0x1.261d54p-1,
      0x1.dfc1f4p-1, 0x1.ffec3ep-1, 1,
    ]
    #expect(try apply(Logistic(arithmetic: .onnx), to: Self.numbers) == expected)
  }

  @Test func tanhIsAQuotient() throws {
    let expected: [Float] = [
      -1, -1, -0x1.fffbap-1, -0x1.b2523cp-1, -0x1.983d76p-4, 0, 0x1.2a4ddap-2, 0x1.fb6554p-1, 1, 1,
    ]
    #expect(try apply(Tanh(arithmetic: .onnx), to: Self.numbers) == expected)
  }

  @Test func softmaxAddsExponentialsInLanes() throws {
    let expected: [Float] = [
      0x1.18c616p-8, 0x1.d3d4d2p-5, 0x1.a9fbecp-7, 0x1.62e456p-3, 0x1.4325a8p-5,
    ]
    #expect(try apply(Softmax(arithmetic: .onnx), to: Self.logits).prefix(5) == expected[...])
  }

  @Test func logSoftmaxAddsExponentialsInLanes() throws {
    let expected: [Float] = [
      -0x1.5cfac4p+2, -0x1.6e7068p+1, -0x1.15f088p+2, -0x1.c0b7dep+0, -0x1.9dcc94p+1,
    ]
    #expect(try apply(LogSoftmax(arithmetic: .onnx), to: Self.logits).prefix(5) == expected[...])
  }

  /// Vectors begin at multiples of 4 of the whole tensor, so rows of 9 differ in what is added before and behind them.
  @Test func sumsOfRowsAreInLanes() throws {
    let numbers = (0..<36).map { Double(Float($0 * 7 % 11) * 0.37) }
    let x = Tensor(TensorType(.f32, [4, 9]), numbers: numbers)
    let found = try Sum(axes: [1], arithmetic: .onnx).evaluate([x])[0]
    let expected: [Float] = [0x1.fd1eb8p+3, 0x1.22147ap+4, 0x1.047aep+4, 0x1.cdc29p+3]
    #expect(found.data.elements(as: Float.self) == expected)
  }

  private func apply(_ op: some Operator, to numbers: [Float]) throws -> [Float] {
    let x = Tensor(TensorType(.f32, [1, numbers.count]), numbers: numbers.map(Double.init))
    return try op.evaluate([x])[0].data.elements(as: Float.self)
  }
}
