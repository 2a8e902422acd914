import CKernels

/// What is lost of an output channel's sums on columns that nothing was fitted to, `e = w₀ · x₀ − ŵ · x`.
struct ChannelError {
  /// `Σ c`.
  private let count: Double
  /// `Σ c · e`.
  private var sum = 0.0
  /// `Σ c · e²`.
  private(set) var energy = 0.0

  /// - Parameter counts: how much each error counts.
  init(_ errors: ArraySlice<Float>, counts: [Float]) {
    count = counts.reduce(0) { $0 + Double($1) }
    for (error, count) in zip(errors, counts) {
      sum += Double(count * error)
      energy += Double(count * error * error)
    }
  }

  /// By what a bias would have to grow.
  var mean: Double { sum / count }

  /// What a shift of the bias adds to the energy.
  func gain(_ shift: Double) -> Double { shift * (shift * count - 2 * sum) }
}

extension InputMoments {
  /// The mean of `w₀ · x₀ − ŵ · x` of each output channel.
  ///
  /// - Parameters:
  ///   - weights: w₀.
  ///   - stored: ŵ.
  func meanErrors(_ weights: [Float], _ stored: [Float]) -> [Double] {
    (0..<columns.groups * columns.rows).map { channel in
      let (group, row) = (channel / columns.rows, channel % columns.rows)
      let total = (0..<columns.width).reduce(0.0) { total, column in
        let element = columns.element(group: group, row: row, column)
        let input = sum(group: group, column)
        let missing = differenceSum(group: group, column)
        return total + Double(weights[element] - stored[element]) * input
          + Double(weights[element]) * missing
      }
      return total / count
    }
  }
}

/// The error in the middle of some, and how far it may be from that of all there are.
struct MiddleError {
  let median: Double
  /// The standard error of the median, as if errors were normal: by the median of distances from it.
  let uncertainty: Double

  /// - Precondition: there are errors.
  init(of errors: ArraySlice<Float>) {
    var numbers = Array(errors)
    let middle = ck_middle_f32(&numbers, Int64(numbers.count))
    for index in numbers.indices { numbers[index] = abs(numbers[index] - middle) }
    let spread = ck_middle_f32(&numbers, Int64(numbers.count))
    median = Double(middle)
    // A normal deviate is 1.4826 median distances, and the median's error 1.2533 that of the mean.
    uncertainty = 1.4826 * 1.2533 * Double(spread) / Double(errors.count).squareRoot()
  }

  /// Whether a shift is what most errors are, or may be so: it is not where a few large ones make up the mean.
  func bears(_ shift: Double) -> Bool {
    median * shift > 0.75 * shift * shift || abs(median - shift) <= 3 * uncertainty
  }
}
