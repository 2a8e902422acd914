import CKernels
import Support

/// Second moments of what a weighted layer reads in the quantized network, and of what it misses of the real one:
/// `H = Σ x · xᵀ` and `D = Σ (x₀ − x) · xᵀ` over columns `x` of the quantized network, beside which `x₀` stands in the real
/// one.
///
/// Memory depends on the layer, not on how many columns there were.
package struct InputMoments {
  /// What the columns are.
  package let columns: LayerColumns
  /// H of each group, [width][width].
  private(set) var products: [Double]
  /// D of each group, [width][width].
  private(set) var differences: [Double]
  /// `Σ x` of each group, [width].
  private(set) var sums: [Double]
  /// `Σ (x₀ − x)` of each group, [width].
  private(set) var differenceSums: [Double]
  /// How many columns each group had.
  private(set) var count = 0

  package init(_ columns: LayerColumns) {
    self.columns = columns
    sums = [Double](repeating: 0, count: columns.groups * columns.width)
    differenceSums = sums
    products = [Double](repeating: 0, count: sums.count * columns.width)
    differences = products
  }

  /// Bytes that the moments of a layer take.
  package static func byteCount(_ columns: LayerColumns) -> Int {
    16 * columns.groups * columns.width * (columns.width + 1)
  }

  /// The mean over all groups and inputs of `Σ x²`.
  package var energy: Double {
    let width = columns.width
    return sums.indices.reduce(0) { $0 + products[$1 * width + $1 % width] } / Double(sums.count)
  }

  /// Adds columns as `LayerColumns` gives them.
  ///
  /// - Parameters:
  ///   - real: x₀.
  ///   - quantized: x, at the same positions.
  package mutating func add(real: [Float], quantized: [Float], _ workers: Workers) {
    let rows = quantized.count / sums.count
    count += rows
    let missing = zip(real, quantized).map { $0 - $1 }
    addSums(quantized, missing, rows)
    add(quantized, quantized, rows, to: \.products, workers)
    add(missing, quantized, rows, to: \.differences, workers)
  }

  private mutating func addSums(_ quantized: [Float], _ missing: [Float], _ rows: Int) {
    let width = columns.width
    for index in sums.indices {
      let start = index / width * rows * width + index % width
      for row in 0..<rows {
        sums[index] += Double(quantized[start + row * width])
        differenceSums[index] += Double(missing[start + row * width])
      }
    }
  }

  private mutating func add(
    _ a: [Float], _ b: [Float], _ rows: Int, to sums: WritableKeyPath<Self, [Double]>,
    _ workers: Workers
  ) {
    let (width, groups) = (columns.width, columns.groups)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        self[keyPath: sums].withUnsafeMutableBufferPointer { sums in
          guard let a = a.baseAddress, let b = b.baseAddress, let sums = sums.baseAddress else {
            return
          }
          for group in 0..<groups {
            let start = group * rows * width
            let operands = Operands(
              a: a + start, b: b + start, sums: sums + group * width * width)
            operands.addProducts(rows, width, workers)
          }
        }
      }
    }
  }

  /// Matrices that threads read, and sums of which each writes lines of its own.
  private struct Operands: @unchecked Sendable {
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    let sums: UnsafeMutablePointer<Double>

    func addProducts(_ rows: Int, _ width: Int, _ workers: Workers) {
      workers.split(width, grain: 64) { lines in
        ck_gram_f32(
          a, b, Int64(rows), Int64(width), sums, Int64(lines.lowerBound), Int64(lines.upperBound))
      }
    }
  }
}
