import Foundation

/// Functions of rows in double precision, whose largest element is subtracted before the exponential.
enum RealRows {
  /// `exp(beta · x) / Σ exp(beta · x)`.
  static func softmax(
    _ x: UnsafePointer<Double>, rows: Int64, depth: Int, beta: Double,
    into y: UnsafeMutablePointer<Double>
  ) {
    for start in stride(from: 0, to: Int(rows) * depth, by: depth) {
      let row = start..<start + depth
      let largest = row.reduce(-Double.infinity) { max($0, x[$1]) }
      var sum = 0.0
      for index in row {
        y[index] = exp((x[index] - largest) * beta)
        sum += y[index]
      }
      for index in row { y[index] /= sum }
    }
  }

  /// `x − log(Σ exp(x))`.
  static func logSoftmax(
    _ x: UnsafePointer<Double>, rows: Int64, depth: Int, into y: UnsafeMutablePointer<Double>
  ) {
    for start in stride(from: 0, to: Int(rows) * depth, by: depth) {
      let row = start..<start + depth
      let largest = row.reduce(-Double.infinity) { max($0, x[$1]) }
      let logarithm = log(row.reduce(0) { $0 + exp(x[$1] - largest) })
      for index in row { y[index] = x[index] - largest - logarithm }
    }
  }
}
