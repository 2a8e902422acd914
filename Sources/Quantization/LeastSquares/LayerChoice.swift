import Support

/// Which of several weights a layer stores, and by what its biases move: what is best on columns that nothing was fitted to.
struct LayerChoice {
  /// Of the weights that were chosen.
  private(set) var index = 0
  /// One for each output channel; 0 where a shift does not help.
  private(set) var shifts: [Double] = []

  /// - Parameter candidates: the first is kept unless another is better.
  init(
    _ moments: LayerMoments, _ weights: [Float], _ candidates: [StoredWeights], hasBias: Bool,
    _ workers: Workers
  ) {
    let stored = candidates.map(\.realNumbers)
    let heldOut = LayerError(moments: moments.heldOut, weights: weights, workers: workers)
    let errors =
      stored.count > 1 ? heldOut.errors(stored).map { $0.reduce(0, +) } : [0]
    let all = stored.map { numbers in
      hasBias
        ? Self.shifts(moments, weights, numbers, workers)
        : Shifts(numbers: numbers.map { _ in 0 }, gain: 0)
    }
    let costs = zip(errors, all).map { $0 + $1.gain }
    // Of equal ones the first, and of those that are no numbers none.
    for place in costs.indices where costs[place] < costs[index] { index = place }
    shifts = all[index].numbers
  }

  /// By what the biases of a layer may move, and what that adds to its error.
  private struct Shifts {
    var numbers: [Double]
    var gain: Double
  }

  private static func shifts(
    _ moments: LayerMoments, _ weights: [Float], _ stored: [Float], _ workers: Workers
  ) -> Shifts {
    let fitted = LayerError(moments: moments.fitted, weights: weights, workers: workers)
    let heldOut = LayerError(moments: moments.heldOut, weights: weights, workers: workers)
    let (own, other) = (fitted.shifts(stored), heldOut.shifts(stored))
    let gains = heldOut.gains(stored, shifts: own)
    let middles = moments.judged.middleErrors(weights, stored, workers)
    let part = moments.heldOut.count / (moments.fitted.count + moments.heldOut.count)
    var result = Shifts(numbers: own.map { _ in 0 }, gain: 0)
    for channel in own.indices where gains[channel] < 0 {
      let shift = own[channel]
      guard middles[channel].bears(shift) else { continue }
      result.numbers[channel] = shift + part * (other[channel] - shift)
      result.gain += gains[channel]
    }
    return result
  }
}
