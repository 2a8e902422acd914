import CKernels
import Support

/// The moments of one group of a layer's inputs.
package struct GroupMoments {
  /// The ridge of `targets`, of the diagonal's mean. With a smaller one they follow the noise of the samples:
  /// EfficientNet-Lite0 as `int8` has 20.6 dB with 0.1, 23.9 with 1 and 24.2 with 10; 4 bits are best with 1.
  package static let ridge = 3.0
  /// What is added to the diagonal before rounding, of its mean: inputs of which little was seen count too.
  package static let damping = 0.01
  /// What is added besides, of the mean over all groups: inputs that hardly vary follow nothing but noise.
  package static let floor = 0.001

  package let width: Int
  /// H, [width][width].
  private let products: [Float]
  /// D, as H.
  private let differences: [Float]
  /// The mean square of an input over all groups.
  private let energy: Double

  /// - Parameter energy: `moments.energy`.
  package init(_ moments: InputMoments, group: Int, energy: Double) {
    width = moments.columns.width
    self.energy = energy
    let square = group * width * width..<(group + 1) * width * width
    products = Array(moments.products[square])
    differences = Array(moments.differences[square])
  }

  /// H with a positive number added to the diagonal.
  package func damped(by damping: Double) -> [Float] {
    let mean = (0..<width).reduce(0) { $0 + Double(products[$1 * width + $1]) } / Double(width)
    // What is 0 all the time has no energy either.
    let added = Float(damping * max(0, mean) + Self.floor * energy + 0x1p-100)
    var result = products
    for row in 0..<width { result[row * width + row] += added }
    return result
  }

  /// The weights with which quantized inputs give the sums that real inputs give with `weights`: `w + w · D · (H + λ)⁻¹`.
  ///
  /// - Parameter weights: [width][rows].
  /// - Returns: `weights` if there is no solution.
  package func targets(_ weights: [Float], rows: Int, _ workers: Workers) -> [Float] {
    var triangle = damped(by: Self.ridge)
    guard ck_cholesky_f32(&triangle, Int64(width)) != 0 else { return weights }
    var moves = differences.transposedProduct(with: weights, width: width, rows: rows, workers)
    solve(triangle, &moves, rows: rows, workers)
    let targets = zip(weights, moves).map { $0 + $1 }
    return targets.allSatisfy(\.isFinite) ? targets : weights
  }

  private func solve(
    _ triangle: [Float], _ right: inout [Float], rows: Int, _ workers: Workers
  ) {
    right.withUnsafeMutableBufferPointer { right in
      guard let start = right.baseAddress else { return }
      nonisolated(unsafe) let right = start
      workers.split(rows, grain: 64) { part in
        ck_solve_cholesky_f32(
          triangle, Int64(width), right, Int64(rows), Int64(part.lowerBound),
          Int64(part.upperBound))
      }
    }
  }
}

extension [Float] {
  /// `AᵀB` of a square matrix A and B, [width][rows].
  fileprivate func transposedProduct(
    with other: [Float], width: Int, rows: Int, _ workers: Workers
  ) -> [Float] {
    var result = [Float](repeating: 0, count: width * rows)
    result.withUnsafeMutableBufferPointer { result in
      guard let start = result.baseAddress else { return }
      nonisolated(unsafe) let result = start
      workers.split(width, grain: 64) { part in
        ck_transposed_product_f32(
          self, other, Int64(width), Int64(rows), result, Int64(part.lowerBound),
          Int64(part.upperBound))
      }
    }
    return result
  }
}
