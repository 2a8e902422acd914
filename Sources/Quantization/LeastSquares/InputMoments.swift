import CKernels
import Support

/// Second moments of what a weighted layer reads in the quantized network, and of what it misses of the real one:
/// `H = Σ c · x · xᵀ` and `D = Σ c · (x₀ − x) · xᵀ` over columns `x` of the quantized network that count `c`, beside which `x₀`
/// stands in the real one.
///
/// Memory depends on the layer, not on how many columns there were.
package struct InputMoments {
  /// What the columns are.
  package let columns: LayerColumns
  /// H of each group, [width][width]; right of the diagonal until `finish`.
  package private(set) var products: [Float]
  /// D of each group, [width][width].
  private(set) var differences: [Float]
  /// `Σ c · x`, [tapCount][channels].
  private var sums: [Double]
  /// `Σ c · (x₀ − x)`, [tapCount][channels].
  private var differenceSums: [Double]
  /// `Σ c`.
  package private(set) var count = 0.0

  /// - Parameter hasProducts: whether second moments are wanted besides the sums.
  package init(_ columns: LayerColumns, hasProducts: Bool) {
    self.columns = columns
    sums = [Double](repeating: 0, count: columns.length)
    differenceSums = sums
    products = [Float](repeating: 0, count: hasProducts ? sums.count * columns.width : 0)
    differences = products
  }

  /// Bytes that the moments of a layer take.
  package static func byteCount(_ columns: LayerColumns) -> Int {
    8 * columns.length * (columns.width + 2)
  }

  /// `Σ c · x` of an element of a group's columns.
  package func sum(group: Int, _ column: Int) -> Double {
    sums[columns.place(group: group, column)]
  }

  /// `Σ c · (x₀ − x)` of an element of a group's columns.
  package func differenceSum(group: Int, _ column: Int) -> Double {
    differenceSums[columns.place(group: group, column)]
  }

  /// The mean over all groups and inputs of `Σ c · x²`.
  package var energy: Double {
    let width = columns.width
    return (0..<sums.count).reduce(0) { $0 + Double(products[$1 * width + $1 % width]) }
      / Double(sums.count)
  }

  /// Adds the columns of positions; what they are is written over.
  ///
  /// - Parameters:
  ///   - real: x₀, [counts.count][tapCount][channels].
  ///   - quantized: x, as `real`.
  ///   - counts: how much each position counts.
  package mutating func add(
    _ real: inout [Float], _ quantized: inout [Float], counts: [Float], _ workers: Workers
  ) {
    count += counts.reduce(0) { $0 + Double($1) }
    ck_weigh_rows_f32(
      &real, &quantized, Int64(counts.count), Int64(columns.length), counts.map { $0.squareRoot() },
      &differenceSums, &sums)
    guard !products.isEmpty else { return }
    quantized.withUnsafeBufferPointer { quantized in
      add(quantized, quantized, counts.count, to: &products, workers)
      real.withUnsafeBufferPointer { missing in
        add(missing, quantized, counts.count, to: &differences, workers)
      }
    }
  }

  private func add(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ rows: Int,
    to sums: inout [Float], _ workers: Workers
  ) {
    sums.withUnsafeMutableBufferPointer { sums in
      guard let a = a.baseAddress, let b = b.baseAddress, let sums = sums.baseAddress else {
        return
      }
      let operands = Operands(a: a, b: b, sums: sums, rows: rows)
      if columns.groups == 1 { return operands.addProducts(columns.width, workers) }
      if columns.tapCount == columns.width { return operands.addChannels(columns, workers) }
      for group in 0..<columns.groups { operands.addGroup(group, columns, workers) }
    }
  }

  /// Lets matrices be whole, when all columns are added.
  package mutating func finish() {
    let width = columns.width
    guard !products.isEmpty else { return }
    products.withUnsafeMutableBufferPointer { products in
      guard let start = products.baseAddress else { return }
      for group in 0..<columns.groups { ck_mirror_f32(start + group * width * width, Int64(width)) }
    }
  }
}

/// Matrices that threads read, and sums of which each writes lines of its own.
private struct Operands: @unchecked Sendable {
  let a: UnsafePointer<Float>
  let b: UnsafePointer<Float>
  let sums: UnsafeMutablePointer<Float>
  let rows: Int

  func addProducts(_ width: Int, _ workers: Workers) {
    // The last lines of a symmetric matrix are short: each part has as many of them as of the first.
    workers.split((width + 1) / 2, grain: 32) { lines in
      addLines(lines, width)
      addLines(max(width - lines.upperBound, (width + 1) / 2)..<width - lines.lowerBound, width)
    }
  }

  private func addLines(_ lines: Range<Int>, _ width: Int) {
    ck_gram_f32(
      a, b, Int64(rows), Int64(width), sums, Int64(lines.lowerBound), Int64(lines.upperBound))
  }

  func addChannels(_ columns: LayerColumns, _ workers: Workers) {
    // Whole vectors of channels.
    workers.split((columns.channels + 15) / 16, grain: 2) { part in
      ck_gram_channels_f32(
        a, b, Int64(rows), Int64(columns.tapCount), Int64(columns.channels), sums,
        Int64(16 * part.lowerBound), Int64(min(16 * part.upperBound, columns.channels)))
    }
  }

  func addGroup(_ group: Int, _ columns: LayerColumns, _ workers: Workers) {
    let own = columns.copy(group, of: b, rows)
    let sums = sums + group * columns.width * columns.width
    own.withUnsafeBufferPointer { y in
      guard let y = y.baseAddress else { return }
      if a == b {
        return Operands(a: y, b: y, sums: sums, rows: rows).addProducts(columns.width, workers)
      }
      columns.copy(group, of: a, rows).withUnsafeBufferPointer { x in
        guard let x = x.baseAddress else { return }
        Operands(a: x, b: y, sums: sums, rows: rows).addProducts(columns.width, workers)
      }
    }
  }
}

extension LayerColumns {
  /// The columns of a group alone, [rows][width].
  fileprivate func copy(_ group: Int, of numbers: UnsafePointer<Float>, _ rows: Int) -> [Float] {
    let places = (0..<width).map { place(group: group, $0) }
    return (0..<rows).flatMap { row in places.map { numbers[row * length + $0] } }
  }
}
