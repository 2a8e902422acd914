/// Sums over rows of `f32` elements, exact to the last bits however long the rows are.
enum Moments {
  /// `Σ x`.
  static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
    blocks(x, count) { $0 }
  }

  /// `Σ (x − center)²`.
  static func squares(_ x: UnsafePointer<Float>, _ count: Int, around center: Float = 0) -> Double {
    blocks(x, count) { ($0 - center) * ($0 - center) }
  }

  /// Short blocks are summed in single precision, eight elements at once, and the blocks in double.
  private static func blocks(
    _ x: UnsafePointer<Float>, _ count: Int, _ term: (SIMD8<Float>) -> SIMD8<Float>
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: 256) {
      let end = min(start + 256, count)
      var sums = SIMD8<Float>.zero
      var index = start
      while index + 8 <= end {
        sums += term(UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self))
        index += 8
      }
      total += Double(sums.sum())
      while index < end {
        total += Double(term(SIMD8(repeating: x[index]))[0])
        index += 1
      }
    }
    return total
  }
}
