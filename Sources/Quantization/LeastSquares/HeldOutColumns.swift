import CKernels
import Support

/// Columns of what a layer reads that nothing is fitted to, in both networks, by which what is stored of it is judged.
package struct HeldOutColumns {
  let columns: LayerColumns
  /// How much each counts.
  let counts: [Float]
  /// x₀, [tapCount][channels][counts.count].
  private let real: [Float]
  /// x, as `real`.
  private let quantized: [Float]

  /// - Parameter real, quantized: [counts.count][tapCount][channels].
  package init(
    _ columns: LayerColumns, real: [Float], quantized: [Float], counts: [Float]
  ) {
    (self.columns, self.counts) = (columns, counts)
    self.real = real.transposed(rows: counts.count)
    self.quantized = quantized.transposed(rows: counts.count)
  }

  /// `w₀ · x₀` of each output channel, [channels][counts.count].
  package func realSums(_ weights: [Float], _ workers: Workers) -> [Float] {
    var sums = [Float](repeating: 0, count: columns.groups * columns.rows * counts.count)
    add(weights, real, sign: 1, to: &sums, workers)
    return sums
  }

  /// `w₀ · x₀ − ŵ · x` of each output channel, [channels][counts.count].
  ///
  /// - Parameter sums: `w₀ · x₀`.
  package func errors(_ sums: [Float], _ stored: [Float], _ workers: Workers) -> [Float] {
    var errors = sums
    add(stored, quantized, sign: -1, to: &errors, workers)
    return errors
  }

  private func add(
    _ weights: [Float], _ numbers: [Float], sign: Float, to sums: inout [Float], _ workers: Workers
  ) {
    let (columns, count) = (columns, counts.count)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let start = sums.baseAddress else { return }
      nonisolated(unsafe) let sums = start
      for group in 0..<columns.groups {
        let places = (0..<columns.width).map { Int64(columns.place(group: group, $0)) }
        workers.split(columns.rows, grain: 32) { rows in
          let first = columns.element(group: group, row: rows.lowerBound, 0)
          weights.withUnsafeBufferPointer { weights in
            ck_add_column_products_f32(
              numbers, Int64(count), places, Int64(places.count), weights.baseAddress! + first,
              Int64(columns.weightStrides.row), Int64(columns.weightStrides.column),
              Int64(rows.count), sign,
              sums + (group * columns.rows + rows.lowerBound) * count)
          }
        }
      }
    }
  }
}

extension [Float] {
  fileprivate func transposed(rows: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { result, initialized in
      if let start = result.baseAddress {
        ck_transpose_f32(self, Int64(rows), Int64(count / Swift.max(1, rows)), start)
      }
      initialized = count
    }
  }
}
