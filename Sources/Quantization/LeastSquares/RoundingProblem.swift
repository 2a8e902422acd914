import CKernels
import Support

/// What it costs to round the weights of a group: `(w − ŵ) · H · (w − ŵ)ᵀ` for each output channel.
///
/// Places are in the order of the inputs' energy, the least first: rounding begins at the end, where errors cost most.
package struct RoundingProblem {
  /// Weights of an output channel.
  package let width: Int
  /// For each place the weight that stands there.
  package let order: [Int]
  private let matrix: [Float]
  private let triangle: [Float]

  /// Weights that are to be stored, [width][rows], in the order of the problem.
  package struct Weights {
    /// What they should be.
    package var targets: [Float]
    package var scales: [Float]
    /// The least and the largest number of steps.
    package var lower: [Float]
    package var upper: [Float]
    /// What is stored of them.
    package var steps: [Float]

    /// Each list has an element for each weight.
    package init(
      targets: [Float], scales: [Float], lower: [Float], upper: [Float], steps: [Float]
    ) {
      self.targets = targets
      self.scales = scales
      self.lower = lower
      self.upper = upper
      self.steps = steps
    }
  }

  /// - Parameter matrix: H, [width][width].
  /// - Returns: nil if it is not positive definite.
  package init?(_ matrix: [Float], width: Int) {
    let order = (0..<width).sorted {
      (matrix[$0 * width + $0], $0) < (matrix[$1 * width + $1], $1)
    }
    let sorted = [Float](unsafeUninitializedCapacity: width * width) { numbers, count in
      for row in order {
        for column in order {
          numbers[count] = matrix[row * width + column]
          count += 1
        }
      }
    }
    var triangle = sorted
    guard ck_cholesky_f32(&triangle, Int64(width)) != 0 else { return nil }
    (self.width, self.order, self.matrix, self.triangle) = (width, order, sorted, triangle)
  }

  /// Rounds one weight after the other, each with what the rounding of those before it asks for.
  package func roundInTurn(_ weights: inout Weights, rows: Int, _ workers: Workers) {
    let given = weights
    change(&weights.steps) { steps in
      workers.split(rows, grain: 64) { part in
        ck_round_triangular_f32(
          triangle, Int64(width), given.targets, given.scales, given.lower, given.upper,
          steps.start, Int64(rows), Int64(part.lowerBound), Int64(part.upperBound))
      }
    }
  }

  /// Changes the rounding of one or two weights at a time while that lowers the cost.
  package func descend(_ weights: inout Weights, rows: Int, _ workers: Workers) {
    let given = weights
    change(&weights.steps) { steps in
      workers.split(rows) { part in
        for row in part {
          let places = (0..<width).map { $0 * rows + row }
          var own = places.map { given.steps[$0] }
          _ = ck_descend_f32(
            matrix, Int64(width), places.map { given.targets[$0] },
            places.map { given.scales[$0] }, places.map { given.lower[$0] },
            places.map { given.upper[$0] }, &own)
          for (place, step) in zip(places, own) { steps.start[place] = step }
        }
      }
    }
  }

  /// The cost of one output channel.
  package func cost(_ weights: Weights, row: Int, rows: Int) -> Double {
    let errors = (0..<width).map { place in
      let index = place * rows + row
      return Double(weights.targets[index]) - Double(weights.steps[index])
        * Double(weights.scales[index])
    }
    return (0..<width).reduce(0) { sum, i in
      sum + (0..<width).reduce(0) { $0 + errors[i] * Double(matrix[i * width + $1]) * errors[$1] }
    }
  }

  /// Numbers that threads write at places of their own.
  private struct Shared: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
  }

  private func change(_ numbers: inout [Float], _ body: (Shared) -> Void) {
    numbers.withUnsafeMutableBufferPointer { numbers in
      if let start = numbers.baseAddress { body(Shared(start: start)) }
    }
  }
}
