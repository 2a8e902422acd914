import GraphIR
import Support
import Tensors

/// Pairs of numbers in the last axis turned by angles: `y₁ = cos · x₁ − sin · x₂`, `y₂ = sin · x₁ + cos · x₂`, of `f32` elements.
///
/// Operands: `x`; and the cosines and sines of the angles, of one shape that broadcasts to that of `x` but for the last
/// axis, which has one angle for each pair. What is behind the pairs stays as it is.
///
/// ONNX: `RotaryEmbedding`. Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
public struct RotaryEmbedding: Operator {
  public static let name = "rotary_embedding"
  /// Whether the numbers of a pair are neighbours; else the first of all lie in front of the second.
  public var isInterleaved: Bool

  public init() { self.init(isInterleaved: false) }

  /// - Parameter isInterleaved: says where the numbers of a pair lie.
  public init(isInterleaved: Bool) { self.isInterleaved = isInterleaved }

  /// The type of `x`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    _ = try angles(operands)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, [.f32], Self.name)
  }

  /// The shape that the angles broadcast to: one for each pair.
  private func angles(_ operands: [TensorType]) throws -> Shape {
    let (x, cosines) = (operands[0].shape, operands[1].shape)
    guard let width = x.extents.last, let pairs = cosines.extents.last, 2 * pairs <= width,
      operands[2].shape == cosines, cosines.rank <= x.rank
    else { throw Diagnostic(.angles(operands.map(\.shape))) }
    let all = Shape(x.extents.dropLast() + [pairs])
    guard try Broadcast.shape(cosines, all, Self.name) == all else {
      throw Diagnostic(.angles(operands.map(\.shape)))
    }
    return all
  }

  /// Turns row by row.
  public func kernel(for site: Site) throws -> Kernel {
    let angles = try angles(site.operands)
    let (width, pairs) = (site.operands[0].shape.extents.last ?? 1, angles.extents.last ?? 1)
    let offsets = Broadcast.offsets(Broadcast.view(site.operands[1].shape, as: angles))
    let (next, apart) = isInterleaved ? (2, 1) : (1, pairs)
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Float.self), results[0].pointer(to: Float.self))
      let cosines = operands[1].pointer(to: Float.self)
      let sines = operands[2].pointer(to: Float.self)
      for row in 0..<offsets.count / pairs {
        for pair in 0..<pairs {
          let (first, angle) = (row * width + pair * next, offsets[row * pairs + pair])
          let (a, b) = (x[first], x[first + apart])
          y[first] = cosines[angle] * a - sines[angle] * b
          y[first + apart] = sines[angle] * a + cosines[angle] * b
        }
        for index in row * width + 2 * pairs..<(row + 1) * width { y[index] = x[index] }
      }
    }
  }

  /// Two products and a sum for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(3, results[0].elementCount))
  }

  public static let examples = [
    // A quarter and a half of a turn, in front of a number that stays.
    Example(
      RotaryEmbedding(),
      [
        Tensor(TensorType(.f32, [1, 5]), numbers: [1, 2, 3, 4, 5]),
        Tensor(TensorType(.f32, [2]), numbers: [0, -1]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 5]), numbers: [-3, -2, 1, -4, 5])]),
    Example(
      RotaryEmbedding(isInterleaved: true),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [2, 1]), numbers: [1, 0]),
        Tensor(TensorType(.f32, [2, 1]), numbers: [0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, -4, 3])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func angles(_ shapes: [Shape]) -> Self {
    Self(
      id: "rotary-angles", .malformed,
      "`rotary_embedding` has operands of shapes \(shapes.map(\.description).joined(separator: ", ")), "
        + "where each pair must have an angle")
  }
}
