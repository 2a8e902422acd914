import CKernels
import Support

/// What a layer reads.
package struct LayerMoments {
  /// Of the columns that it is fitted to.
  package let fitted: InputMoments
  /// Others, by which it is judged.
  package let heldOut: HeldOutColumns
}

/// Which columns of a layer's input are looked at, what each counts, and which are kept out of the fit to judge it by.
///
/// Where a few columns are far louder than others, such as those of rare answers beyond all bounds, they would be all that is
/// fitted. They count less, so that none has more than `loudness` times the energy of one in the middle.
package struct LayerSamples {
  /// Columns that are looked at for each weight of an output channel, and the largest number of them, of all samples together.
  package static let columnsPerWeight = 4
  package static let columnLimit = 2048
  /// Between these lies the least number of them: the smaller, the longer a column is.
  package static let leastColumns = 512...columnLimit
  /// Times the energy of a column in the middle that one may have.
  package static let loudness = 4.0
  /// One of so many samples is not fitted to.
  package static let heldOutStride = 4
  /// Columns that are held out at most: fewer of long ones, and of those with many products.
  private static let heldOutLimits = 128...1024
  /// Numbers, and products of weights, that suffice to judge a layer by, or to fit it to.
  private static let (numberLimit, productLimit) = (1 << 22, 1 << 25)
  /// Columns that are in memory together, and about how many numbers of them.
  private static let blockLimits = 32...256
  private static let blockSize = 1 << 18

  /// A place of a layer's output in a sample.
  private struct Place {
    let sample: Int
    let position: Int
  }

  private let columns: LayerColumns
  private let real: [ValueMemory]
  private let quantized: [ValueMemory]
  private let hasProducts: Bool

  /// - Parameters:
  ///   - real, quantized: what the layer reads in each sample, in both networks.
  ///   - hasProducts: whether second moments are wanted besides the sums.
  init(
    _ columns: LayerColumns, real: [ValueMemory], quantized: [ValueMemory], hasProducts: Bool
  ) {
    (self.columns, self.real, self.quantized) = (columns, real, quantized)
    self.hasProducts = hasProducts
  }

  /// The moments of columns to fit to, and of those to judge by; nil if there are not enough for both.
  package func moments(_ workers: Workers) -> LayerMoments? {
    let places = places()
    let loudest = Self.loudness * middleEnergy(of: places.spread(to: heldOutLimit))
    let parts = [false, true].map { isHeldOut in
      places.enumerated().filter { self.isHeldOut($0.element, $0.offset) == isHeldOut }.map(
        \.element)
    }
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return LayerMoments(
      fitted: moments(of: parts[0], loudest: loudest, workers),
      heldOut: heldOut(parts[1].spread(to: heldOutLimit), loudest: loudest))
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

  private var heldOutLimit: Int {
    let weights = columns.groups * columns.rows * columns.width
    return min(Self.numberLimit / columns.length, Self.productLimit / weights)
      .clamped(to: Self.heldOutLimits)
  }

  private func places() -> [Place] {
    let least = (Self.numberLimit / columns.length).clamped(to: Self.leastColumns)
    let limit = (Self.columnsPerWeight * columns.width).clamped(to: least...Self.columnLimit)
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
    let count = (Self.blockSize / columns.length).clamped(to: Self.blockLimits)
    for start in stride(from: 0, to: places.count, by: count) {
      let block = places[start..<min(start + count, places.count)]
      var (x, y) = (numbers(block, of: real), numbers(block, of: quantized))
      moments.add(&x, &y, counts: counts(x, block.count, loudest: loudest), workers)
    }
    moments.finish()
    return moments
  }

  private func heldOut(_ places: [Place], loudest: Double) -> HeldOutColumns {
    let x = numbers(places[...], of: real)
    return HeldOutColumns(
      columns, real: x, quantized: numbers(places[...], of: quantized),
      counts: counts(x, places.count, loudest: loudest))
  }

  private func counts(_ columns: [Float], _ count: Int, loudest: Double) -> [Float] {
    energies(columns, count).map { $0 > loudest ? Float(loudest / $0) : 1 }
  }

  private func middleEnergy(of places: [Place]) -> Double {
    let all = energies(numbers(places[...], of: real), places.count).filter { $0 > 0 }.sorted()
    return all.isEmpty ? 0 : all[all.count / 2]
  }

  private func energies(_ columns: [Float], _ count: Int) -> [Double] {
    let length = self.columns.length
    return columns.withUnsafeBufferPointer { columns in
      (0..<count).map { ck_energy_f32(columns.baseAddress! + $0 * length, Int64(length)) }
    }
  }

  private func numbers(_ places: ArraySlice<Place>, of samples: [ValueMemory]) -> [Float] {
    [Float](unsafeUninitializedCapacity: places.count * columns.length) { result, count in
      guard let start = result.baseAddress else { return }
      for (index, place) in places.enumerated() {
        columns.write(
          place.position, of: samples[place.sample].bytes.bindMemory(to: Float.self),
          to: start + index * columns.length)
      }
      count = result.count
    }
  }
}

extension Array {
  /// Some of the elements, spread evenly.
  fileprivate func spread(to limit: Int) -> [Element] {
    count <= limit ? self : (0..<limit).map { self[$0 * count / limit] }
  }
}
