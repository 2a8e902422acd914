import Foundation
import GraphIR
import Support
import Tensors

/// `y = softmax(scale · q · kᵀ + mask) · v`, each matrix by itself, of `f32` elements.
///
/// Operands: `q` of `[…, steps, width]`, `k` of `[…, keys, width]`, `v` of `[…, keys, result width]`, and optionally a mask that
/// broadcasts to `[…, steps, keys]`; −∞ hides a key. The axes in front, of batches and heads, are the same for all.
///
/// ONNX: `Attention`. Source: Vaswani et al., "Attention Is All You Need", NIPS 2017, section 3.2.1.
public struct Attention: Operator {
  public static let name = "attention"
  /// The factor of all products of queries and keys.
  public var scale: Float

  public init() { self.init(scale: 1) }

  /// - Parameter scale: mostly one over the root of the width; finite.
  public init(scale: Float) { self.scale = scale }

  /// `[…, steps, result width]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...4, Self.name)
    let sizes = try AttentionSizes(operands)
    return [
      TensorType(operands[0].element, Shape(sizes.leading + [sizes.steps, sizes.valueWidth]))
    ]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, [.f32], Self.name)
    guard scale.isFinite else { throw Diagnostic(.badScale(scale)) }
  }

  /// Works on rows of the result in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let sizes = try AttentionSizes(site.operands)
    let maskShape = site.operands.dropFirst(3).first?.shape
    return Kernel { [scale] operands, results, workers in
      let stretched = maskShape.map {
        Broadcast.stretch(operands[3].pointer(to: Float.self), $0, to: sizes.scores)
      }
      let q = Shared(operands[0].pointer(to: Float.self))
      let k = Shared(operands[1].pointer(to: Float.self))
      let v = Shared(operands[2].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(sizes.matrices * sizes.steps, grain: 8) { rows in
        var row = AttentionRow(sizes, scale: scale)
        for index in rows {
          let mask = stretched.map { $0[index * sizes.keys..<(index + 1) * sizes.keys] }
          row.compute(index, q.pointer, k.pointer, v.pointer, mask, into: y.pointer)
        }
      }
    }
  }

  /// Both products, and four operations for each weight.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    guard let sizes = try? AttentionSizes(operands) else { return Work() }
    let scores = Work.product(sizes.matrices, sizes.steps, sizes.keys)
    return Work(
      macs: Work.product(scores, sizes.width + sizes.valueWidth),
      elementOperations: Work.product(4, scores))
  }

  public static let examples = [
    // Both keys are alike.
    Example(
      Attention(),
      [
        Tensor(TensorType(.f32, [1, 1, 2]), numbers: [3, 4]),
        Tensor(TensorType(.f32, [1, 2, 2]), numbers: [1, 1, 1, 1]),
        Tensor(TensorType(.f32, [1, 2, 1]), numbers: [10, 20]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1]), numbers: [15])]),
    // Scores 0 and log 3 make weights 1/4 and 3/4; the second query does not see the second key.
    Example(
      Attention(scale: 0.5),
      [
        Tensor(TensorType(.f32, [2, 1]), numbers: [2, 2]),
        Tensor(TensorType(.f32, [2, 1]), numbers: [0, 1.0986122887]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [4, 8, 0, 16]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [0, 0, 0, -.infinity]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 14, 4, 8])]),
  ]
}

/// The extents of queries, keys and values.
private struct AttentionSizes: Sendable {
  /// Of batches and heads.
  let leading: [Int]
  let steps: Int
  let keys: Int
  /// Of a query, and of a key.
  let width: Int
  let valueWidth: Int

  /// How many matrices lie one after another.
  var matrices: Int { leading.reduce(1, *) }

  /// The shape of the weights.
  var scores: Shape { Shape(leading + [steps, keys]) }

  /// - Throws: a `Diagnostic` if extents do not fit each other.
  init(_ operands: [TensorType]) throws {
    let shapes = operands.map(\.shape.extents)
    let (q, k, v) = (shapes[0], shapes[1], shapes[2])
    guard q.count >= 2, k.count == q.count, v.count == q.count,
      q.dropLast(2) == k.dropLast(2), q.dropLast(2) == v.dropLast(2), q.last == k.last,
      k[k.count - 2] == v[v.count - 2]
    else { throw Diagnostic(.extents(operands.map(\.shape))) }
    leading = Array(q.dropLast(2))
    (steps, width) = (q[q.count - 2], q[q.count - 1])
    (keys, valueWidth) = (v[v.count - 2], v[v.count - 1])
    if operands.count > 3 {
      let scores = Shape(leading + [steps, keys])
      guard try Broadcast.shape(operands[3].shape, scores, Attention.name) == scores else {
        throw Diagnostic(.extents(operands.map(\.shape)))
      }
    }
  }
}

/// Computes rows of a result one by one, and keeps the memory for their weights.
private struct AttentionRow {
  let sizes: AttentionSizes
  let scale: Float
  var weights: [Float]

  init(_ sizes: AttentionSizes, scale: Float) {
    (self.sizes, self.scale) = (sizes, scale)
    weights = Array(repeating: 0, count: sizes.keys)
  }

  /// - Parameters:
  ///   - index: of the row among those of all matrices.
  ///   - mask: what is added to its scores.
  mutating func compute(
    _ index: Int, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    _ mask: ArraySlice<Float>?, into y: UnsafeMutablePointer<Float>
  ) {
    let matrix = index / sizes.steps * sizes.keys
    weigh(q + index * sizes.width, k + matrix * sizes.width, mask)
    let (values, row) = (v + matrix * sizes.valueWidth, y + index * sizes.valueWidth)
    for column in 0..<sizes.valueWidth {
      var sum = 0.0
      for key in 0..<sizes.keys {
        sum += Double(weights[key]) * Double(values[key * sizes.valueWidth + column])
      }
      row[column] = Float(sum)
    }
  }

  /// Softmax of the scores of one query.
  private mutating func weigh(
    _ query: UnsafePointer<Float>, _ keys: UnsafePointer<Float>, _ mask: ArraySlice<Float>?
  ) {
    for key in 0..<sizes.keys {
      var product = 0.0
      for index in 0..<sizes.width {
        product += Double(query[index]) * Double(keys[key * sizes.width + index])
      }
      weights[key] = Float(product) * scale + (mask.map { $0[$0.startIndex + key] } ?? 0)
    }
    let largest = weights.reduce(-.infinity, max)
    var sum = 0.0
    for key in weights.indices {
      weights[key] = exp(weights[key] - largest)
      sum += Double(weights[key])
    }
    for key in weights.indices { weights[key] = Float(Double(weights[key]) / sum) }
  }
}

extension Diagnostic.Message {
  fileprivate static func extents(_ shapes: [Shape]) -> Self {
    Self(
      id: "attention-operands", .malformed,
      "queries, keys and values of `attention` have shapes "
        + "\(shapes.map(\.description).joined(separator: ", ")), which do not fit each other")
  }

  fileprivate static func badScale(_ scale: Float) -> Self {
    Self(id: "attention-operands", .malformed, "the scale of `attention` is \(scale)")
  }
}
