import Foundation
import Tensors

/// Weights as a scheme stores them: numbers in steps of scales.
public struct StoredWeights: Sendable {
  /// How the numbers are stored.
  public let scheme: TensorScheme
  /// Of the weights.
  public let shape: Shape
  /// Which elements share a scale.
  public let map: ScaleMap
  /// One for each entry of `map`; all 1 for formats without scales.
  public internal(set) var scales: [Float]
  /// As many as there are scales.
  public let zeroPoints: [Int]
  /// The stored numbers: integers less their zero point, or floats of the format.
  public internal(set) var steps: [Float]

  /// Stores weights, each as the number nearest to it.
  ///
  /// - Parameters:
  ///   - weights: real numbers, as many as `shape` has elements.
  ///   - channelAxis: along which output channels lie.
  ///   - clipping: how scales are chosen.
  ///   - smallestScale: for each scale the least that it may be, such as to let a bias fit; nil for no limit.
  package init(
    _ weights: [Float], _ shape: Shape, channelAxis: Int, _ scheme: TensorScheme,
    clipping: WeightClipping = .none, smallestScale: (Int) -> Double = { _ in 0 }
  ) {
    self.scheme = scheme
    self.shape = shape
    map =
      scheme.format.hasScale
      ? ScaleMap(shape, channelAxis: channelAxis, scheme.granularity) : .single
    guard scheme.format.hasScale else {
      scales = [1]
      zeroPoints = [0]
      steps = scheme.format.roundedAsTheyStand(weights, rowLength: shape.extents.last ?? 1)
      return
    }
    let quantizations = clipping.quantizations(of: weights, map, scheme, smallestScale)
    scales = quantizations.map(\.scale)
    zeroPoints = quantizations.map(\.zeroPoint)
    steps = weights
    for index in weights.indices {
      let scale = map.scale(of: index)
      steps[index] = rounded(weights[index] / scales[scale], scale: scale)
    }
  }

  /// The number of the format that is nearest to a number of steps.
  func rounded(_ number: Float, scale: Int) -> Float {
    guard let levels = scheme.format.levels(isSymmetric: scheme.isSymmetric) else {
      return Float(scheme.format.smallFloat?.rounded(Double(number)) ?? Double(number))
    }
    let (lower, upper) = bounds(levels, scale)
    return min(max(number.rounded(.toNearestOrEven), lower), upper)
  }

  /// The least and the largest number of steps that integers can have; nil for floats.
  func bounds(scale: Int) -> (lower: Float, upper: Float)? {
    scheme.format.levels(isSymmetric: scheme.isSymmetric).map { bounds($0, scale) }
  }

  private func bounds(_ levels: ClosedRange<Int>, _ scale: Int) -> (lower: Float, upper: Float) {
    let zeroPoint = zeroPoints[scale]
    return (Float(levels.lowerBound - zeroPoint), Float(levels.upperBound - zeroPoint))
  }

  /// The real numbers that are stored: `steps · scale`.
  public var realNumbers: [Float] {
    guard scheme.format.hasScale else { return steps }
    var numbers = steps
    map.forEachRun(steps.count) { index, elements in
      let scale = scales[index]
      for element in elements { numbers[element] *= scale }
    }
    return numbers
  }
}

extension NumberFormat {
  /// Numbers as a format without scales of its own has them.
  ///
  /// - Parameter rowLength: blocks do not reach from one row into the next.
  func roundedAsTheyStand(_ numbers: [Float], rowLength: Int) -> [Float] {
    switch self {
    case .integer: return numbers
    case .float(let element):
      return Tensor(TensorType(element, [numbers.count]), numbers: numbers.map(Double.init))
        .storedNumbers.map { Float($0) }
    case .block(let format): return format.roundedInBlocks(numbers, rowLength: rowLength)
    }
  }
}
