import Foundation
import GraphIR
import Operators
import Tensors
import Testing

/// Transforms of lengths with few factors, many, and none.
struct FourierTests {
  static let lengths = [1, 2, 3, 4, 5, 8, 12, 30, 49, 97, 128]

  private func signal(_ length: Int) -> Tensor {
    Tensor.random(TensorType(.f32, [length, 2]), seed: UInt64(length))
  }

  /// Within a millionth of the largest number.
  private func agree(_ a: [Double], _ b: [Double]) -> Bool {
    let allowed = 1e-6 * max(1, b.map(abs).max() ?? 0)
    return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= allowed }
  }

  @Test(arguments: lengths)
  func transformIsItsSum(_ length: Int) throws {
    let signal = signal(length)
    let x = signal.storedNumbers
    let expected = (0..<length).flatMap { frequency -> [Double] in
      var (real, imaginary) = (0.0, 0.0)
      for place in 0..<length {
        let angle = -2 * .pi * Double(frequency * place) / Double(length)
        real += x[2 * place] * cos(angle) - x[2 * place + 1] * sin(angle)
        imaginary += x[2 * place] * sin(angle) + x[2 * place + 1] * cos(angle)
      }
      return [real, imaginary]
    }
    #expect(agree(try DFT(axis: 0).evaluate([signal])[0].storedNumbers, expected))
  }

  @Test(arguments: lengths)
  func inverseGivesTheSignalBack(_ length: Int) throws {
    let signal = signal(length)
    let frequencies = try DFT(axis: 0).evaluate([signal])
    let back = try DFT(axis: 0, isInverse: true).evaluate(frequencies)
    #expect(agree(back[0].storedNumbers, signal.storedNumbers))
  }

  @Test(arguments: lengths)
  func oneSideIsEnoughForRealSignals(_ length: Int) throws {
    let signal = Tensor.random(TensorType(.f32, [length, 1]), seed: 7)
    let side = try DFT(axis: 0, isOneSided: true).evaluate([signal])
    let back = try DFT(axis: 0, length: length, isInverse: true, isOneSided: true).evaluate(side)
    #expect(agree(back[0].storedNumbers, signal.storedNumbers))
  }
}
