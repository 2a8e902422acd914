import GraphIR
import Support
import Tensors

/// Brings numbers to the element type of an input.
///
/// A tensor of the input's own element type is taken as it is, unless there is a mean or a scale. All else counts as real
/// numbers `(number − mean) / scale`, which float inputs hold as they are. Inputs of quantized integers hold
/// `round(number / inputScale) + zeroPoint`, and other integers `round(number)`: halves away from zero, limited to the
/// range of the type.
struct SampleConversion: Sendable {
  private let type: TensorType
  private let mean: [Double]
  private let scale: [Double]
  /// The elements from one channel to the next.
  private let channelStride: Int
  private let keepsNumbers: Bool

  /// - Throws: a `Diagnostic` if there are means or scales for each channel, and the input has others.
  init(to input: Value, _ preprocessing: Preprocessing) throws {
    type = input.type
    keepsNumbers = preprocessing.keepsNumbers
    mean = preprocessing.mean.isEmpty ? [0] : preprocessing.mean
    scale = preprocessing.scale.isEmpty ? [1] : preprocessing.scale
    let count = max(mean.count, scale.count)
    guard count > 1 else {
      channelStride = 1
      return
    }
    let layout = try ImageLayout(of: input, declared: preprocessing.layout)
    guard [mean.count, scale.count].allSatisfy({ [1, layout.channels].contains($0) }) else {
      throw Diagnostic(
        .channelCount(count, input.name, layout.channels),
        help: "give one number, or \(layout.channels) with colons between them")
    }
    channelStride = layout.isChannelsFirst ? layout.height * layout.width : 1
  }

  /// The tensor of the input for a sample with as many elements.
  ///
  /// - Throws: a `Diagnostic` if an element of the sample is not finite.
  func tensor(_ sample: Tensor, sampleIndex: Int) throws -> Tensor {
    if let position = sample.firstNonFinite {
      throw Diagnostic(
        .nonFinite(sampleIndex, position),
        help: "leave the sample out, or look for what went wrong when it was made")
    }
    if sample.type.element == type.element, keepsNumbers { return Tensor(type, sample.data) }
    let (element, bytes) = (sample.type.element, sample.data.bytes)
    return tensor { element.load(from: bytes, at: $0) }
  }

  /// The tensor of the input for the numbers that `number` gives for its elements.
  func tensor(_ number: (Int) -> Double) -> Tensor {
    let data = TensorData(byteCount: type.byteCount) { memory in
      for index in 0..<type.elementCount {
        type.element.store(stored(number(index), at: index), in: memory, at: index)
      }
    }
    return Tensor(type, data)
  }

  /// What the input holds for a number of the sample.
  private func stored(_ number: Double, at index: Int) -> Double {
    let real = keepsNumbers ? number : normalized(number, channel: index / channelStride)
    guard let quantization = type.quantization else {
      return type.element.isFloat ? real : real.rounded()
    }
    let stride = quantization.axis.map { type.shape.strides[$0] } ?? 1
    let channel = index / stride % quantization.scales.count
    // In single precision, as QUANTIZE of TFLite has it.
    let steps = (Float(real) / quantization.scales[channel]).rounded()
    return Double(steps) + Double(quantization.zeroPoints[channel])
  }

  private func normalized(_ number: Double, channel: Int) -> Double {
    (number - mean[channel % mean.count]) / scale[channel % scale.count]
  }
}

extension Tensor {
  /// The first element that is infinite or not a number; integers are always finite.
  fileprivate var firstNonFinite: Int? {
    guard type.element.isFloat else { return nil }
    guard type.element == .f32 else { return storedNumbers.firstIndex { !$0.isFinite } }
    let numbers = data.bytes.bindMemory(to: Float.self)
    // A sum of differences with themselves is 0 unless one of them is not finite; it needs no branch per element.
    let isFinite = numbers.reduce(into: Float(0)) { $0 += $1 - $1 } == 0
    return isFinite ? nil : numbers.firstIndex { !$0.isFinite }
  }
}

extension Diagnostic.Message {
  fileprivate static func channelCount(_ count: Int, _ name: String, _ channels: Int) -> Self {
    Self(
      id: "preprocessing-channels", .usage,
      "there are \(count) numbers for the channels of the input `\(name)`, which has \(channels)")
  }

  fileprivate static func nonFinite(_ sample: Int, _ position: Int) -> Self {
    Self(
      id: "non-finite-sample", .malformed,
      "sample \(sample) has an element at position \(position) that is infinite or not a number")
  }
}
