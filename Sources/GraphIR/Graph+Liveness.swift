import Support

extension Graph {
  /// For each entry and computed value, the steps during which it must be kept: from the node that computes it (an
  /// entry: step 0) to the last that reads it (an exit: the last step). Step k is the node `order[k]`.
  ///
  /// Constants are not among them: they are there all the time.
  public func liveness() -> [ValueID: ClosedRange<Int>] {
    var lives: [ValueID: ClosedRange<Int>] = [:]
    let last = max(0, order.count - 1)
    for entry in entries { lives[entry] = 0...0 }
    for (step, node) in order.enumerated() {
      for result in nodes[node].results { lives[result] = step...step }
      for operand in nodes[node].inputs {
        // A constant has no life, and is left out.
        if let life = lives[operand] { lives[operand] = life.lowerBound...step }
      }
    }
    for exit in exits {
      if let life = lives[exit] { lives[exit] = life.lowerBound...last }
    }
    return lives
  }
}
