import CKernels

/// The product of two matrices in double precision.
enum DoubleProduct {
  /// `y = Σ a · b`, summed from 0 in the order of depth.
  static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ form: ck_matrix_product,
    into y: UnsafeMutablePointer<Double>
  ) {
    let (rows, depth, columns) = (Int(form.rows), Int(form.depth), Int(form.columns))
    let (aRow, aStep) = form.a_is_transposed != 0 ? (1, rows) : (depth, 1)
    let (bColumn, bStep) = form.b_is_transposed != 0 ? (depth, 1) : (1, columns)
    y.update(repeating: 0, count: rows * columns)
    for row in 0..<rows {
      let sums = y + row * columns
      for index in 0..<depth {
        let (factor, terms) = (a[row * aRow + index * aStep], b + index * bStep)
        for column in 0..<columns { sums[column] += factor * terms[column * bColumn] }
      }
    }
  }
}
