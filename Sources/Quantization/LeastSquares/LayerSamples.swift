import CKernels
import Support
import Tensors

/// Moments of what a layer reads.
package struct LayerMoments {
  /// Of the columns that it is fitted to.
  package let fitted: InputMoments
  /// Of others, by which it is judged.
  package let heldOut: InputMoments
  /// Some of these others.
  package let judged: ColumnBlock
}

/// Columns of all groups at some positions, [count][tapCount][channels].
package struct ColumnBlock {
  let columns: LayerColumns
  let count: Int
  /// What the real network has there.
  let real: [Float]
  /// What the quantized one has.
  let quantized: [Float]
}

/// Which columns of a layer's input are looked at, what each counts, and which are kept out of the fit to judge it by.
///
/// Where a few columns are far louder than others, such as those of rare answers beyond all bounds, they would be all that is
/// fitted. They count less, so that none has more than `loudness` times the energy of one in the middle.
package struct LayerSamples {
  /// Columns that are looked at for each weight of an output channel, and the least and the largest number of them, of all
  /// samples together.
  package static let columnsPerWeight = 4
  package static let columnLimits = 1024...4096
  /// Times the energy of a column in the middle that one may have.
  package static let loudness = 4.0
  /// One of so many samples is not fitted to.
  package static let heldOutStride = 4
  /// Columns of which the error of each is looked at.
  private static let judgedCount = 128
  /// Columns that are in memory together.
  private static let blockCount = 256

  /// A place of a layer's output in a sample.
  private struct Place {
    let sample: Int
    let position: Int
  }

  private let columns: LayerColumns
  private let real: [Tensor]
  private let quantized: [Tensor]
  private let hasProducts: Bool

  /// - Parameters:
  ///   - real, quantized: what the layer reads in each sample, in both networks.
  ///   - hasProducts: whether second moments are wanted besides the sums.
  package init(
    _ columns: LayerColumns, real: [Tensor], quantized: [Tensor], hasProducts: Bool
  ) {
    (self.columns, self.real, self.quantized) = (columns, real, quantized)
    self.hasProducts = hasProducts
  }

  /// The moments of columns to fit to, and of those to judge by; nil if there are not enough for both.
  package func moments(_ workers: Workers) -> LayerMoments? {
    let places = places()
    let loudest = Self.loudness * middleEnergy(of: places)
    let parts = [false, true].map { isHeldOut in
      places.enumerated().filter { self.isHeldOut($0.element, $0.offset) == isHeldOut }.map(
        \.element)
    }
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return LayerMoments(
      fitted: moments(of: parts[0], loudest: loudest, workers),
      heldOut: moments(of: parts[1], loudest: loudest, workers), judged: block(of: parts[1]))
  }

  /// Whole samples where there are enough of them: neighbours in one have much in common.
  private func isHeldOut(_ place: Place, _ index: Int) -> Bool {
    real.count >= Self.heldOutStride
      ? Self.isHeldOut(sample: place.sample) : Self.isHeldOut(sample: index)
  }

  /// Whether one of four samples or more is kept out of the fit.
  package static func isHeldOut(sample: Int) -> Bool {
    sample % heldOutStride == heldOutStride - 1
  }

  private func places() -> [Place] {
    let limit = (Self.columnsPerWeight * columns.width).clamped(to: Self.columnLimits)
    let perSample = (limit - 1) / real.count + 1
    return real.indices.flatMap { sample in
      Self.positions(columns.positions, perSample, sample: sample)
        .map { Place(sample: sample, position: $0) }
    }
  }

  /// Positions that are spread evenly, other ones for each sample.
  package static func positions(_ count: Int, _ limit: Int, sample: Int) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    // Multiples of the golden ratio are spread evenly too.
    let shift = (Double(sample) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
    return (0..<limit).map { Int((Double($0) + shift) * Double(count) / Double(limit)) }
  }

  private func moments(
    of places: [Place], loudest: Double, _ workers: Workers
  ) -> InputMoments {
    var moments = InputMoments(columns, hasProducts: hasProducts)
    for start in stride(from: 0, to: places.count, by: Self.blockCount) {
      let block = places[start..<min(start + Self.blockCount, places.count)]
      var (x, y) = (numbers(block, of: real), numbers(block, of: quantized))
      let counts = energies(x, block.count).map { $0 > loudest ? Float(loudest / $0) : 1 }
      moments.add(&x, &y, counts: counts, workers)
    }
    moments.finish()
    return moments
  }

  private func block(of places: [Place]) -> ColumnBlock {
    let count = min(places.count, Self.judgedCount)
    let some = (0..<count).map { places[$0 * places.count / count] }[...]
    return ColumnBlock(
      columns: columns, count: count, real: numbers(some, of: real),
      quantized: numbers(some, of: quantized))
  }

  private func middleEnergy(of places: [Place]) -> Double {
    let all = places.flatMap { energies(numbers([$0], of: real), 1) }.filter { $0 > 0 }.sorted()
    return all.isEmpty ? 0 : all[all.count / 2]
  }

  private func energies(_ columns: [Float], _ count: Int) -> [Double] {
    let length = self.columns.length
    return columns.withUnsafeBufferPointer { columns in
      (0..<count).map { ck_energy_f32(columns.baseAddress! + $0 * length, Int64(length)) }
    }
  }

  private func numbers(_ places: ArraySlice<Place>, of samples: [Tensor]) -> [Float] {
    [Float](unsafeUninitializedCapacity: places.count * columns.length) { result, count in
      guard let start = result.baseAddress else { return }
      for (index, place) in places.enumerated() {
        columns.write(
          place.position, of: samples[place.sample].data.bytes.bindMemory(to: Float.self),
          to: start + index * columns.length)
      }
      count = result.count
    }
  }
}
