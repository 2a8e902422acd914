import CKernels
import Support

/// What is lost of a layer's sums when other weights are stored of it than it has, on columns that moments tell of.
struct LayerError {
  let moments: InputMoments
  /// w₀: the weights of the real network.
  let weights: [Float]
  let workers: Workers
  private var columns: LayerColumns { moments.columns }

  /// The mean of `w₀ · x₀ − ŵ · x` of each output channel, by which its bias would have to grow.
  func shifts(_ stored: [Float]) -> [Double] {
    sums(stored).map { $0 / moments.count }
  }

  /// `Σ c · (w₀ · x₀ − ŵ · x − b)²` of each output channel, less what it is without b.
  func gains(_ stored: [Float], shifts: [Double]) -> [Double] {
    zip(sums(stored), shifts).map { sum, shift in shift * (shift * moments.count - 2 * sum) }
  }

  private func sums(_ stored: [Float]) -> [Double] {
    (0..<columns.groups * columns.rows).map { channel in
      let (group, row) = (channel / columns.rows, channel % columns.rows)
      return (0..<columns.width).reduce(0.0) { sum, column in
        let element = columns.element(group: group, row: row, column)
        let input = moments.sum(group: group, column)
        let missing = moments.differenceSum(group: group, column)
        return sum + Double(weights[element]) * (input + missing) - Double(stored[element]) * input
      }
    }
  }

  /// `Σ c · (w₀ · x₀ − ŵ · x)²` of each output channel, up to what does not depend on ŵ, for several choices of ŵ.
  func errors(_ choices: [[Float]]) -> [[Double]] {
    var errors = choices.map { _ in [Double]() }
    for index in 0..<columns.groups {
      let group = GroupMoments(moments, group: index, energy: 0)
      let elements = columns.elements(of: index)
      let own = elements.map { Double(weights[$0]) }
      let missing = group.missing(own, rows: columns.rows, workers)
      for (choice, stored) in choices.enumerated() {
        let moves = zip(elements, own).map { $1 - Double(stored[$0]) }
        errors[choice] += group.errors(moves, missing: missing, rows: columns.rows, workers)
      }
    }
    return errors
  }
}

extension ColumnBlock {
  /// The error in the middle of each output channel's, `w₀ · x₀ − ŵ · x`.
  func middleErrors(_ weights: [Float], _ stored: [Float], _ workers: Workers) -> [MiddleError] {
    let channels = columns.groups * columns.rows
    return [MiddleError](unsafeUninitializedCapacity: channels) { result, initialized in
      guard let start = result.baseAddress else { return }
      nonisolated(unsafe) let middles = start
      workers.split(channels, grain: 16) { part in
        for channel in part {
          (middles + channel).initialize(to: MiddleError(of: errors(weights, stored, channel)))
        }
      }
      initialized = channels
    }
  }

  private func errors(_ weights: [Float], _ stored: [Float], _ channel: Int) -> [Float] {
    let (group, row) = (channel / columns.rows, channel % columns.rows)
    let depth = columns.channels / columns.groups
    let elements = (0..<columns.width).map { columns.element(group: group, row: row, $0) }
    var errors = [Float](repeating: 0, count: count)
    ck_column_errors_f32(
      real, quantized, Int64(count), Int64(columns.tapCount), Int64(columns.channels),
      Int64(group * depth), Int64(depth), elements.map { weights[$0] }, elements.map { stored[$0] },
      &errors)
    return errors
  }
}

/// The error in the middle of some, and how far it may be from that of all there are.
struct MiddleError {
  let median: Double
  /// The standard error of the median, as if errors were normal: by the median of distances from it.
  let uncertainty: Double

  /// - Precondition: there are errors.
  init(of errors: [Float]) {
    let middle = Self.middle(errors)
    let spread = Self.middle(errors.map { abs($0 - middle) })
    median = Double(middle)
    // A normal deviate is 1.4826 median distances, and the median's error 1.2533 that of the mean.
    uncertainty = 1.4826 * 1.2533 * Double(spread) / Double(errors.count).squareRoot()
  }

  /// Whether a shift is what most errors are, or may be so: it is not where a few large ones make up the mean.
  func bears(_ shift: Double) -> Bool {
    median * shift > 0.75 * shift * shift || abs(median - shift) <= 3 * uncertainty
  }

  private static func middle(_ numbers: [Float]) -> Float { numbers.sorted()[numbers.count / 2] }
}
