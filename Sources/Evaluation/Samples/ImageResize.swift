import Foundation

/// Resizes part of an image, each row and each column by itself.
///
/// Pixel `i` of the result lies at `(i + 1/2) · boxExtent / extent − 1/2` of the box. Its number is a weighted mean of its
/// neighbours in the box; weights of neighbours beyond the edge are left out, and the others made to sum to 1, as
/// TensorFlow's `tf.image.resize` does without antialiasing.
package struct ImageResize {
  /// The neighbours of a row or column, and their weights.
  private struct Taps {
    let first: Int
    let weights: [Float]
  }

  private let rows: [Taps]
  private let columns: [Taps]

  /// - Parameter box: lies within the image.
  package init(
    from box: ImageBox, height: Int, width: Int, _ interpolation: Preprocessing.Interpolation
  ) {
    rows = Self.taps(height, from: box.top, box.height, interpolation)
    columns = Self.taps(width, from: box.left, box.width, interpolation)
  }

  /// The numbers of the result, [height][width][channels].
  package func resized(_ image: DecodedImage) -> [Float] {
    rows.flatMap { row in resizedRow(mixed(row, image), channels: image.channels) }
  }

  /// The weighted mean of rows, over the whole width of the image.
  private func mixed(_ taps: Taps, _ image: DecodedImage) -> [Float] {
    let count = image.width * image.channels
    var sums = [Float](repeating: 0, count: count)
    for (offset, weight) in taps.weights.enumerated() {
      let start = (taps.first + offset) * count
      image.pixels[start..<start + count].withUnsafeBufferPointer { row in
        for index in 0..<count { sums[index] += weight * Float(row[index]) }
      }
    }
    return sums
  }

  private func resizedRow(_ row: [Float], channels: Int) -> [Float] {
    var result = [Float](repeating: 0, count: columns.count * channels)
    for (x, taps) in columns.enumerated() {
      for tap in taps.weights.indices {
        let (weight, start) = (taps.weights[tap], (taps.first + tap) * channels)
        for channel in 0..<channels {
          result[x * channels + channel] += weight * row[start + channel]
        }
      }
    }
    return result
  }

  private static func taps(
    _ count: Int, from start: Int, _ extent: Int, _ interpolation: Preprocessing.Interpolation
  ) -> [Taps] {
    (0..<count).map { index in
      let place = (Double(index) + 0.5) * Double(extent) / Double(count) - 0.5
      let floor = Int(place.rounded(.down))
      let reach = interpolation == .bilinear ? floor...floor + 1 : floor - 1...floor + 2
      let inside = reach.clamped(to: 0...extent - 1)
      let weights = inside.map { weight(abs(place - Double($0)), interpolation) }
      let sum = weights.reduce(0, +)
      return Taps(first: start + inside.lowerBound, weights: weights.map { Float($0 / sum) })
    }
  }

  /// Of a neighbour at a distance, in pixels.
  ///
  /// Source: Keys, "Cubic convolution interpolation for digital image processing", IEEE Transactions on Acoustics, Speech
  /// and Signal Processing, 1981, with a = −1/2.
  private static func weight(
    _ distance: Double, _ interpolation: Preprocessing.Interpolation
  ) -> Double {
    let (d, a) = (distance, -0.5)
    switch interpolation {
    case .bilinear: return max(0, 1 - d)
    case .bicubic where d <= 1: return ((a + 2) * d - (a + 3)) * d * d + 1
    case .bicubic: return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0
    }
  }
}
