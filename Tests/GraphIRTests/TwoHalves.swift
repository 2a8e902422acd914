import GraphIR
import Operators
import Support
import Tensors

/// A node with two results, which no operator of ours has yet: the first and the last half of the elements.
struct TwoHalves: Operator {
  static let name = "two_halves"

  func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let half = operands[0].with(shape: [operands[0].elementCount / 2])
    return [half, half]
  }

  func kernel(for site: Site) throws -> Kernel {
    let count = site.results[0].byteCount
    return Kernel { operands, results, _ in
      results[0].copyMemory(from: UnsafeRawBufferPointer(rebasing: operands[0][..<count]))
      results[1].copyMemory(from: UnsafeRawBufferPointer(rebasing: operands[0][count...]))
    }
  }

  func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  static let examples: [Example] = []

  /// Our operators and this one.
  static let operators = OperatorSet(Operators.all.all + [TwoHalves.self])
}
