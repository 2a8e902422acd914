import GraphIR
import Operators
import Support
import Tensors
import Testing

struct TransposeTests {
  /// Extents beyond 16 have rows in several bands.
  @Test(arguments: [ElementType.i8, .i16, .f32, .i64])
  func everyElementIsWhereThePermutationSays(_ element: ElementType) throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      let rank = Int.random(in: 0...4, using: &generator)
      let extents = (0..<rank).map { _ in [1, 2, 3, 5, 19].randomElement(using: &generator) ?? 1 }
      let permutation = Array(0..<rank).shuffled(using: &generator)
      let operand = Tensor.random(
        TensorType(element, Shape(extents)), seed: generator.next())
      let result = try Transpose(permutation: permutation).evaluate([operand])[0]
      #expect(result.storedNumbers == Self.transposed(operand, permutation))
    }
  }

  /// Element by element, each index written out.
  private static func transposed(_ tensor: Tensor, _ permutation: [Int]) -> [Double] {
    let (shape, numbers) = (tensor.type.shape, tensor.storedNumbers)
    let result = Shape(permutation.map { shape[$0] })
    return (0..<result.elementCount).map { place in
      let offset = permutation.indices.reduce(0) { offset, axis in
        let index = place / result.strides[axis] % result[axis]
        return offset + index * shape.strides[permutation[axis]]
      }
      return numbers[offset]
    }
  }
}
