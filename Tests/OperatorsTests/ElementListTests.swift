import GraphIR
import Operators
import Tensors
import Testing

/// Each operator lists the element types that its first operand can have: no more and no less than it takes.
struct ElementListTests {
  @Test(arguments: Operators.all.all.map { $0.name })
  func operatorListsWhatItTakes(_ name: String) throws {
    let kind = try #require(Operators.all[name])
    let examples = kind.examples
    let listed = Set(kind.elements)
    let taken = Set(
      ElementType.allCases.filter { element in
        examples.contains { Self.takes($0, with: element) }
      })
    #expect(listed == taken)
  }

  /// Whether the example's operator takes the element in place of the first operand's, with one quantization or another.
  private static func takes(_ example: Example, with element: ElementType) -> Bool {
    guard let old = example.operands.first?.type.element else { return false }
    // Subgraphs have types of their own, which would have to change too.
    if example.op is If || example.op is While {
      return type(of: example.op).elements.contains(element)
    }
    if old == element { return true }
    return scales.contains { scale in
      let operands = example.operands.map { operand in
        operand.type.element == old
          ? TensorType(element, operand.type.shape, scale) : operand.type
      }
      return isSound(example, operands)
    }
  }

  private static func isSound(_ example: Example, _ operands: [TensorType]) -> Bool {
    guard let inferred = try? example.op.resultTypes(operands) else { return false }
    return scales.contains { scale in
      let results = inferred.map { TensorType($0.element, $0.shape, scale) }
      return (try? example.op.checkedResultTypes(of: operands, declared: results)) != nil
    }
  }

  /// None, an ordinary one, and those that functions with a fixed range demand of their results.
  private static let scales: [Quantization?] = [
    nil, Quantization(scale: 0.5), Quantization(scale: 1 / 256, zeroPoint: -128),
    Quantization(scale: 1 / 256), Quantization(scale: 1 / 128),
    Quantization(scale: 1 / 128, zeroPoint: 128), Quantization(scale: 1 / 32768),
    Quantization(scale: 1 / 16, zeroPoint: 127), Quantization(scale: 1 / 16, zeroPoint: 255),
  ]
}
