import GraphIR
import Support
import Tensors

/// The same elements in the same order, with other extents.
///
/// TFLite: `RESHAPE`, `SQUEEZE` and `EXPAND_DIMS`. ONNX: `Reshape`, `Flatten`, `Squeeze` and `Unsqueeze`.
public struct Reshape: LayoutOperator {
  public static let name = "reshape"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases
  /// The new extents; one of them may be −1, for whatever is left.
  public var shape: [Int]

  public init() { self.init(shape: []) }

  /// - Parameter shape: the new extents, with at most one −1.
  public init(shape: [Int]) { self.shape = shape }

  /// The new shape, which has as many elements. Quantization along an axis is lost.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let count = operands[0].elementCount
    let known = Shape(checking: shape.filter { $0 != -1 })?.elementCount ?? -1
    let open = shape.count { $0 == -1 }
    guard open == 0 ? count == known : open == 1 && known > 0 && count % known == 0 else {
      throw Diagnostic(.elementCountChanges(operands[0].shape, shape))
    }
    let extents = shape.map { $0 == -1 ? count / known : $0 }
    // A quantized axis has no place among other extents, so the declared type has to name it.
    let keepsAxis = operands[0].quantization?.isPerTensor ?? true
    return [
      TensorType(operands[0].element, Shape(extents), keepsAxis ? operands[0].quantization : nil)
    ]
  }

  public func kernel(for site: Site) throws -> Kernel {
    Kernel { operands, results, _ in results[0].copyMemory(from: operands[0]) }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Reshape(shape: [-1, 2]),
      [Tensor(TensorType(.i8, [4], Quantization(scale: 0.5)), numbers: [1, 2, 3, 4])],
      gives: [Tensor(TensorType(.i8, [2, 2], Quantization(scale: 0.5)), numbers: [1, 2, 3, 4])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func elementCountChanges(_ from: Shape, _ to: [Int]) -> Self {
    Self(
      id: "element-count-changes", .malformed,
      "`reshape` of \(from) to \(to) changes the element count")
  }
}
