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
    let sums = moments.heldOut.realSums(weights, workers)
    let trials = candidates.map { candidate in
      let stored = candidate.realNumbers
      return Trial(
        moments.heldOut.errors(sums, stored, workers), moments.heldOut.counts,
        shifts: hasBias ? moments.fitted.meanErrors(weights, stored) : nil,
        fittedCount: moments.fitted.count)
    }
    // Of equal ones the first, and of those that are no numbers none.
    for place in trials.indices where trials[place].error < trials[index].error { index = place }
    shifts = trials[index].shifts
  }

  /// What is left of errors with the biases that suit weights best.
  private struct Trial {
    private(set) var error = 0.0
    private(set) var shifts: [Double] = []

    /// - Parameters:
    ///   - errors: of the columns that are held out, by channel.
    ///   - shifts: by which the columns that were fitted to would have biases move; nil if there are none.
    init(_ errors: [Float], _ counts: [Float], shifts: [Double]?, fittedCount: Double) {
      let part = Double(counts.count) / (fittedCount + Double(counts.count))
      for channel in 0..<errors.count / counts.count {
        let own = errors[channel * counts.count..<(channel + 1) * counts.count]
        let found = ChannelError(own, counts: counts)
        let shift = shifts?[channel] ?? 0
        let gain = found.gain(shift)
        let isMoved = gain < 0 && MiddleError(of: own).bears(shift)
        error += found.energy + (isMoved ? gain : 0)
        self.shifts.append(isMoved ? shift + part * (found.mean - shift) : 0)
      }
    }
  }
}
