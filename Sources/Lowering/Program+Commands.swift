import Hardware

extension Program {
  /// The bytes of what tells the NPU to run the program, with the codes of its weights: an estimate by the target's
  /// figures, and nil where it has none.
  ///
  /// The NPU reads them beside all else that the memory for constants holds; no layer's traffic counts them.
  public var commandBytes: Int? {
    guard let bytes = target.commands else { return nil }
    let (operations, copies) = operationCounts
    return operations * bytes.operationBytes + copies * bytes.copyBytes
      + codes.reduce(0) { $0 + $1.count }
  }

  /// Blocks of a layer that follow each other are one operation, and copies that go on where the one before ended are
  /// one copy.
  private var operationCounts: (operations: Int, copies: Int) {
    var (operations, copies) = (0, 0)
    var layer = -1
    var copied: Copied?
    for command in commands {
      switch command.action {
      case .copy(let from, let to):
        if copied?.isFollowed(by: from, to) != true { copies += 1 }
        copied = Copied(from: from, to: to)
        // A layer that goes on with what was copied has to be told so.
        if command.layer == layer { layer = -1 }
      case .callHost: layer = -1
      case .load, .convolve, .rescale, .pool, .add, .softmax:
        if command.layer != layer { operations += operationCount(of: command.action) }
        layer = command.layer
      }
    }
    return (operations, copies)
  }

  private func operationCount(of action: Action) -> Int {
    guard case .softmax = action else { return 1 }
    return target.output.softmax.elementOperations + target.output.softmax.rowOperations
  }

  /// A copy, for whoever asks whether the next one goes on with it.
  private struct Copied {
    let from: Span
    let to: Span

    func isFollowed(by source: Span, _ target: Span) -> Bool {
      from.memory == source.memory && from.range.upperBound == source.address
        && to.memory == target.memory && to.range.upperBound == target.address
    }
  }
}
