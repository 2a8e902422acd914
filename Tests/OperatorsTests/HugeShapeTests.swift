import GraphIR
import Operators
import Support
import Tensors
import Testing

/// Shapes that a small hostile file can name: they need no bytes in it, as inputs have none.
struct HugeShapeTests {
  private static let square: Shape = [1, 1 << 20, 1 << 20, 1]
  private static let line: Shape = [1 << 40, 1]

  static let refused: [(any Operator, [Shape])] = [
    (Conv2D(padding: .same), [square, [1, 1 << 19, 1 << 19, 1]]),
    (DepthwiseConv2D(padding: .same), [square, [1, 1 << 19, 1 << 19, 1]]),
    (AveragePool2D(kernel: [1 << 20, 1 << 20], padding: .same), [square]),
    (MaxPool2D(kernel: [1 << 20, 1 << 20], padding: .same), [square]),
    (FullyConnected(), [line, line]),
    (Add(), [[1 << 40, 1], [1, 1 << 40]]),
    (Conv2D(), [square, [1 << 40, 1, 1, 1]]),
    (Reshape(shape: [1 << 62, 4]), [line]),
    (Reshape(shape: [-1, -1]), [line]),
    (Reshape(shape: [0, -1]), [line]),
  ]

  @Test(arguments: 0..<refused.count)
  func workAndShapesBeyondCountingAreRefused(_ number: Int) {
    let (op, shapes) = Self.refused[number]
    let types = shapes.map { TensorType(.f32, $0) }
    #expect(throws: Diagnostic.self) { try op.checkedResultTypes(of: types, declared: nil) }
  }

  @Test func productsThatDoNotFitAreTheLargestNumber() {
    #expect(Work.product(1 << 40, 1 << 40) == .max)
    #expect(Work.product(1 << 40, 1 << 40, 2) == .max)
    #expect(Work.product(3, 4, 5) == 60)
    #expect(Work.product() == 1)
  }
}
