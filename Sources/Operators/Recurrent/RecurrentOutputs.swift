/// Where the results of two directions go: into two tensors, or side by side into one.
struct RecurrentOutputs {
  let widths: [Int]
  let isMerged: Bool

  /// How many tensors there are.
  var count: Int { isMerged ? 1 : widths.count }

  /// The distance from one row of a direction's results to the next.
  func rowWidth(_ direction: Int) -> Int { isMerged ? widths.reduce(0, +) : widths[direction] }

  /// Where a direction's first row begins.
  func pointer(_ direction: Int, _ results: [UnsafeMutableRawBufferPointer])
    -> UnsafeMutablePointer<Float>
  {
    guard isMerged else { return results[direction].pointer(to: Float.self) }
    return results[0].pointer(to: Float.self) + widths.prefix(direction).reduce(0, +)
  }
}
