import Foundation

/// From which elements along one axis those of a resized tensor come, and with which weights.
struct AxisSamples: Sendable {
  /// The indices of the operand, those for each index of the result one behind the other.
  private(set) var indices: [Int] = []
  /// The weights that go with them.
  private(set) var weights: [Float] = []
  /// Where those for each index of the result begin, and at last where they end.
  private(set) var starts = [0]
  /// The indices of the result that stand for positions outside of the operand.
  private(set) var outside: [Int] = []
  /// The extent of the operand along the axis.
  let input: Int

  /// Whether the axis stays as it is.
  var isIdentity: Bool {
    outside.isEmpty && starts.elementsEqual(0...input) && indices.elementsEqual(0..<input)
      && weights.allSatisfy { $0 == 1 }
  }

  /// The extent of the result along the axis.
  var output: Int { starts.count - 1 }

  /// - Parameter input: the extent of the operand along the axis.
  init(_ resize: Resize, _ axis: Int, _ input: Int) {
    self.input = input
    let positions = AxisPositions(resize, axis, input)
    let around = AxisWeights(resize, scale: resize.scales[axis], input)
    for index in 0..<resize.size[axis] {
      let position = positions[index]
      if resize.coordinates == .cropAndResize, !(0...Float(input - 1)).contains(position) {
        outside.append(index)
      }
      for tap in around.taps(position) { append(tap.index, tap.weight) }
      starts.append(indices.count)
    }
  }
}

extension AxisSamples {
  private mutating func append(_ index: Int, _ weight: Float) {
    indices.append(index)
    weights.append(weight)
  }
}

/// The positions of the operand that indices of the result stand for, in single precision, as ONNX Runtime has them.
private struct AxisPositions {
  private let coordinates: ResizeCoordinates
  private let scale: Float
  private let input: Float
  private let output: Float
  private let region: (begin: Float, end: Float)
  private let isIdentity: Bool

  init(_ resize: Resize, _ axis: Int, _ input: Int) {
    coordinates = resize.coordinates
    scale = resize.scales[axis]
    self.input = Float(input)
    output = Float(resize.size[axis])
    region =
      resize.region.isEmpty
      ? (0, 1) : (resize.region[axis], resize.region[resize.size.count + axis])
    isIdentity = scale == 1 && resize.size[axis] == input && region == (0, 1)
  }

  /// Within 2³⁰ of 0, and a number.
  subscript(index: Int) -> Float {
    let position = isIdentity ? Float(index) : position(Float(index))
    return position.isNaN ? 0 : min(max(position, -0x1p30), 0x1p30)
  }

  private func position(_ index: Float) -> Float {
    switch coordinates {
    case .asymmetric: return index / scale
    case .halfPixel: return (index + 0.5) / scale - 0.5
    case .halfPixelForNearest: return (index + 0.5) / scale
    case .pytorchHalfPixel: return output > 1 ? (index + 0.5) / scale - 0.5 : 0
    case .alignCorners: return length == 1 ? 0 : index * (input - 1) / (length - 1)
    case .halfPixelSymmetric:
      let offset = input / 2 * (1 - output / (scale * input))
      return offset + (index + 0.5) / scale - 0.5
    case .cropAndResize: return cropped(index)
    }
  }

  /// The extent of the result before it is rounded down, as the specification's reference has it.
  private var length: Float {
    let length = scale * input
    return abs(length - output) < 1e-3 ? output : length
  }

  private func cropped(_ index: Float) -> Float {
    guard output > 1 else { return 0.5 * (region.begin + region.end) * (input - 1) }
    let way = index * (region.end - region.begin) * (input - 1)
    return region.begin * (input - 1) + way / (output - 1)
  }
}

/// The elements around a position, and their weights.
private struct AxisWeights {
  private let method: ResizeMethod
  private let rounding: ResizeRounding
  private let coefficient: Float
  private let excludesOutside: Bool
  private let input: Int
  private let shrinks: Bool
  /// By how much weights reach further than to their neighbours; 1 without antialiasing.
  private let stretch: Float

  init(_ resize: Resize, scale: Float, _ input: Int) {
    method = resize.method
    rounding = resize.rounding
    coefficient = resize.cubicCoefficient
    excludesOutside = resize.excludesOutside
    shrinks = scale < 1
    stretch = resize.antialiases ? max(1, 1 / scale) : 1
    self.input = input
  }

  func taps(_ position: Float) -> [(index: Int, weight: Float)] {
    if method == .nearest { return [(clamped(Int(nearest(position))), 1)] }
    // Where one of two elements is outside, the other has all the weight either way.
    if method == .linear, stretch == 1 {
      return linear(min(max(position, 0), Float(input - 1)))
    }
    return merged(spread(position))
  }

  private func clamped(_ index: Int) -> Int { min(max(index, 0), input - 1) }

  private func nearest(_ position: Float) -> Float {
    switch rounding {
    case .preferFloor: return (position - 0.5).rounded(.up)
    case .preferCeil: return (position + 0.5).rounded(.down)
    case .floor: return position.rounded(.down)
    case .ceil: return position.rounded(.up)
    case .ceilWhereShrinking: return position.rounded(shrinks ? .up : .towardZero)
    }
  }

  private func linear(_ position: Float) -> [(index: Int, weight: Float)] {
    let part = position - position.rounded(.down)
    let low = clamped(Int(position))
    return [(low, 1 - part), (clamped(low + 1), part)].filter { $0.1 != 0 }
  }

  /// The weights of all elements that the method reaches, those outside included.
  private func spread(_ position: Float) -> [(index: Int, weight: Float)] {
    let reach = (method == .linear ? 1 : 2) * stretch
    let first = Int((position - reach).rounded(.down)) + 1
    let last = max(first, Int((position + reach).rounded(.up)) - 1)
    return (first...last).map { ($0, weight((Float($0) - position) / stretch)) }
  }

  private func weight(_ distance: Float) -> Float {
    let (x, a) = (abs(distance), coefficient)
    if method == .linear { return max(0, 1 - x) }
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }

  /// Elements outside left out, or taken together with the outermost; weights that add up to 1 where they would not of
  /// themselves.
  private func merged(_ taps: [(index: Int, weight: Float)]) -> [(index: Int, weight: Float)] {
    let inside = excludesOutside ? taps.filter { (0..<input).contains($0.index) } : taps
    let sum = excludesOutside || stretch > 1 ? inside.reduce(0) { $0 + $1.weight } : 1
    var merged: [(index: Int, weight: Float)] = []
    for tap in inside where tap.weight != 0 {
      let (index, weight) = (clamped(tap.index), sum == 0 ? 0 : tap.weight / sum)
      if merged.last?.index == index {
        merged[merged.count - 1].weight += weight
      } else {
        merged.append((index, weight))
      }
    }
    return merged
  }
}
