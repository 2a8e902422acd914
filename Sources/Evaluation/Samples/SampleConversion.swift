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
    return tensor(sample.storedNumbers)
  }

  /// The tensor of the input for the numbers of a sample.
  func tensor(_ numbers: [Double]) -> Tensor {
    var numbers = numbers
    if !keepsNumbers { normalize(&numbers) }
    return Tensor(
      type,
      TensorData(byteCount: type.byteCount) { memory in
        if type.quantization != nil || !type.element.isFloat {
          storeSteps(numbers, in: memory)
        } else if type.element == .f32 {
          let floats = memory.bindMemory(to: Float.self)
          for (index, number) in numbers.enumerated() { floats[index] = Float(number) }
        } else {
          for (index, number) in numbers.enumerated() {
            type.element.store(number, in: memory, at: index)
          }
        }
      })
  }

  /// `(number − mean) / scale`, in runs of one channel.
  private func normalize(_ numbers: inout [Double]) {
    let count = max(mean.count, scale.count)
    let run = count == 1 ? max(1, numbers.count) : channelStride
    for start in stride(from: 0, to: numbers.count, by: run) {
      let channel = start / run % count
      let (mean, scale) = (mean[channel % mean.count], scale[channel % scale.count])
      for index in start..<min(start + run, numbers.count) {
        numbers[index] = (numbers[index] - mean) / scale
      }
    }
  }

  /// Stores real numbers as integers.
  private func storeSteps(_ numbers: [Double], in memory: UnsafeMutableRawBufferPointer) {
    let scales = type.quantization?.scales ?? [1]
    let zeroPoints = type.quantization?.zeroPoints.map { Double($0) } ?? [0]
    let run = type.quantization?.axis.map { type.shape.strides[$0] } ?? max(1, numbers.count)
    for start in stride(from: 0, to: numbers.count, by: run) {
      let channel = start / run % scales.count
      let (scale, zeroPoint) = (scales[channel], zeroPoints[channel])
      for index in start..<min(start + run, numbers.count) {
        let steps = Self.steps(numbers[index], scale, isQuantized: type.quantization != nil)
        type.element.store(steps + zeroPoint, in: memory, at: index)
      }
    }
  }

  /// Rounded, halves away from zero. Quantization divides in single precision, as TFLite's QUANTIZE does.
  private static func steps(_ number: Double, _ scale: Float, isQuantized: Bool) -> Double {
    isQuantized ? Double((Float(number) / scale).rounded()) : number.rounded()
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
