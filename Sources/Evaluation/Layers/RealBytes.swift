import CKernels
import Tensors

/// Real numbers from the bytes of a tensor, and back, without a tensor in between.
enum RealBytes {
  /// Writes the real numbers that stored elements stand for.
  ///
  /// - Precondition: `numbers` has room for all elements.
  static func read(
    _ type: TensorType, _ bytes: UnsafeRawBufferPointer, into numbers: UnsafeMutablePointer<Float>
  ) {
    let count = Int64(type.elementCount)
    let (scale, zeroPoint) = type.onlyStep
    switch type.element {
    case .f32: copy(bytes.bindMemory(to: Float.self), to: numbers)
    case .i8 where type.isPerTensor:
      ck_real_of_i8(bytes.bindMemory(to: Int8.self).baseAddress, count, scale, zeroPoint, numbers)
    case .u8 where type.isPerTensor:
      ck_real_of_u8(bytes.bindMemory(to: UInt8.self).baseAddress, count, scale, zeroPoint, numbers)
    case .i16 where type.isPerTensor:
      ck_real_of_i16(bytes.bindMemory(to: Int16.self).baseAddress, count, scale, zeroPoint, numbers)
    default:
      for index in 0..<type.elementCount {
        let (scale, zeroPoint) = type.step(at: index)
        let stored = type.element.load(from: bytes, at: index)
        numbers[index] = Float((stored - zeroPoint) * scale)
      }
    }
  }

  private static func copy(
    _ elements: UnsafeBufferPointer<Float>, to numbers: UnsafeMutablePointer<Float>
  ) {
    guard let first = elements.baseAddress else { return }
    numbers.update(from: first, count: elements.count)
  }

  /// Stores the elements nearest to real numbers, halves away from zero, within the range of the type.
  ///
  /// - Precondition: `bytes` has the size of the type.
  static func store(
    _ numbers: UnsafePointer<Float>, _ type: TensorType, in bytes: UnsafeMutableRawBufferPointer
  ) {
    let count = Int64(type.elementCount)
    let (scale, zeroPoint) = type.onlyStep
    switch type.element {
    case .f32: copy(UnsafeBufferPointer(start: numbers, count: type.elementCount), to: bytes.floats)
    case .i8 where type.isPerTensor:
      ck_i8_of_real(numbers, count, scale, zeroPoint, bytes.bindMemory(to: Int8.self).baseAddress)
    case .u8 where type.isPerTensor:
      ck_u8_of_real(numbers, count, scale, zeroPoint, bytes.bindMemory(to: UInt8.self).baseAddress)
    case .i16 where type.isPerTensor:
      ck_i16_of_real(numbers, count, scale, zeroPoint, bytes.bindMemory(to: Int16.self).baseAddress)
    default:
      let rounds = !type.element.isFloat
      for index in 0..<type.elementCount {
        let (scale, zeroPoint) = type.step(at: index)
        let steps = Double(numbers[index]) / scale
        type.element.store((rounds ? steps.rounded() : steps) + zeroPoint, in: bytes, at: index)
      }
    }
  }
}

extension TensorType {
  /// Whether one scale serves all elements, or there is none.
  fileprivate var isPerTensor: Bool { quantization?.isPerTensor ?? true }

  /// The scale and the zero point of all elements; 1 and 0 without quantization.
  fileprivate var onlyStep: (scale: Float, zeroPoint: Int32) {
    (quantization?.scale ?? 1, Int32(truncatingIfNeeded: quantization?.zeroPoint ?? 0))
  }

  /// The scale and the zero point of an element; 1 and 0 without quantization.
  fileprivate func step(at index: Int) -> (scale: Double, zeroPoint: Double) {
    guard let quantization else { return (1, 0) }
    let stride = quantization.axis.map { shape.strides[$0] } ?? 1
    let channel = index / stride % quantization.scales.count
    return (Double(quantization.scales[channel]), Double(quantization.zeroPoints[channel]))
  }
}

extension UnsafeMutableRawBufferPointer {
  /// The address of elements that are floats.
  ///
  /// - Precondition: the buffer has memory.
  fileprivate var floats: UnsafeMutablePointer<Float> {
    guard let first = bindMemory(to: Float.self).baseAddress else {
      preconditionFailure("a tensor has memory")
    }
    return first
  }
}
