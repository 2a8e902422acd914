/// An orthogonal mixture of neighbouring channels: each block of them is multiplied by a matrix `Q`, which is its own inverse.
///
/// `Q` is a Kronecker product of reflections `(2/m) · J − I`, where J has ones everywhere: each number of `m`
/// becomes twice their mean less itself. With `m = 4` all elements are ±1/2, so that blocks of powers of 4
/// are mixed by Hadamard matrices of equal row sums; other sizes have odd prime factors besides, and a factor
/// 2 that is left mixes nothing. All rows of `Q` have the sum 1: what all channels have in common stays, sums
/// over channels stay, and as the matrix is orthogonal, so do sums of squares.
///
/// Source: for Hadamard matrices of equal row sums, Wallis, Street, Wallis, "Combinatorics: Room Squares, Sum-Free Sets, Hadamard
/// Matrices", 1972.
package struct ChannelRotation {
  /// The numbers of channels that are mixed, and how far apart these lie.
  private let factors: [(size: Int, stride: Int)]
  /// How many channels a block has.
  package let block: Int
  /// Reflections of more channels than this hardly change what they reflect but for the sign.
  private static let largestFactor = 32

  /// - Parameter block: positive.
  package init(block: Int) {
    self.block = block
    var (sizes, rest) = ([Int](), block)
    for size in [4] + Array(stride(from: 3, through: Self.largestFactor, by: 2)) {
      while rest % size == 0 {
        sizes.append(size)
        rest /= size
      }
    }
    var stride = 1
    factors = sizes.map { size in
      defer { stride *= size }
      return (size, stride)
    }
  }

  /// How many channels a new one is a mixture of.
  package var order: Int { factors.reduce(1) { $0 * $1.size } }

  /// Numbers whose channels are mixed: channel `c` is at `(row · channels + c) · stride + column`, and
  /// channels come in whole blocks.
  package func rotated(_ numbers: [Float], stride: Int = 1) -> [Float] {
    var result = numbers.map { Double($0) }
    for factor in factors { reflect(&result, factor.size, factor.stride * stride) }
    return result.map { Float($0) }
  }

  private func reflect(_ numbers: inout [Double], _ size: Int, _ stride: Int) {
    for group in Swift.stride(from: 0, to: numbers.count, by: size * stride) {
      for start in group..<group + stride {
        let places = Swift.stride(from: start, to: start + size * stride, by: stride)
        let sum = places.reduce(0) { $0 + numbers[$1] }
        for place in places { numbers[place] = 2 * sum / Double(size) - numbers[place] }
      }
    }
  }
}
