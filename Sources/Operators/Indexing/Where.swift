import GraphIR
import Support
import Tensors

/// The places of elements that are not 0, in row-major order, a row of `i64` indices for each.
///
/// How many there are depends on the elements, and has to be known when the graph is made. If there are fewer, rows of
/// zeros follow; if there are more, the rest is left out.
///
/// TFLite and ONNX: `WHERE` and `NonZero`, of a constant.
public struct Where: Operator {
  public static let name = "where"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases
  /// How many elements are not 0.
  public var count: Int

  public init() { self.init(count: 1) }

  /// - Parameter count: not negative.
  public init(count: Int) { self.count = count }

  /// `[count, rank]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard let shape = Shape(checking: [count, operands[0].shape.rank]) else {
      throw Diagnostic(.badCount(count, operands[0].shape))
    }
    return [TensorType(.i64, shape)]
  }

  public func kernel(for site: Site) throws -> Kernel {
    let type = site.operands[0]
    return Kernel { [count] operands, results, _ in
      let y = results[0].pointer(to: Int64.self)
      var index = Array(repeating: 0, count: type.shape.rank)
      var found = 0
      for place in 0..<type.elementCount where found < count {
        if type.element.load(from: operands[0], at: place) != 0 {
          for axis in index.indices { y[found * index.count + axis] = Int64(index[axis]) }
          found += 1
        }
        Broadcast.advance(&index, in: type.shape)
      }
      for rest in found * index.count..<count * index.count { y[rest] = 0 }
    }
  }

  /// One comparison for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }

  public static let examples = [
    Example(
      Where(count: 2),
      [Tensor(TensorType(.bool, [2, 2]), numbers: [0, 1, 1, 0])],
      gives: [Tensor(TensorType(.i64, [2, 2]), numbers: [0, 1, 1, 0])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badCount(_ count: Int, _ shape: Shape) -> Self {
    Self(id: "bad-where", .malformed, "`where` cannot give \(count) places in \(shape)")
  }
}
