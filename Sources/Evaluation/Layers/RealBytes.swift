import Tensors

/// Real numbers from the bytes of a tensor, and back, without a tensor in between.
enum RealBytes {
  /// Writes the real numbers that stored elements stand for.
  ///
  /// - Precondition: `numbers` has room for all elements.
  static func read(
    _ type: TensorType, _ bytes: UnsafeRawBufferPointer, into numbers: UnsafeMutablePointer<Float>
  ) {
    switch type.element {
    case .f32: copy(bytes.bindMemory(to: Float.self), to: numbers)
    case .i8 where type.isPerTensor: read(bytes.bindMemory(to: Int8.self), type, numbers)
    case .u8 where type.isPerTensor: read(bytes.bindMemory(to: UInt8.self), type, numbers)
    case .i16 where type.isPerTensor: read(bytes.bindMemory(to: Int16.self), type, numbers)
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

  private static func read<Stored: FixedWidthInteger>(
    _ elements: UnsafeBufferPointer<Stored>, _ type: TensorType,
    _ numbers: UnsafeMutablePointer<Float>
  ) {
    let scale = type.quantization?.scale ?? 1
    let zeroPoint = Int32(type.quantization?.zeroPoint ?? 0)
    for index in elements.indices {
      numbers[index] = Float(Int32(elements[index]) - zeroPoint) * scale
    }
  }

  /// Stores the elements nearest to real numbers, halves away from zero, within the range of the type.
  ///
  /// - Precondition: `bytes` has the size of the type.
  static func store(
    _ numbers: UnsafePointer<Float>, _ type: TensorType, in bytes: UnsafeMutableRawBufferPointer
  ) {
    switch type.element {
    case .f32: copy(UnsafeBufferPointer(start: numbers, count: type.elementCount), to: bytes.floats)
    case .i8 where type.isPerTensor: store(numbers, type, bytes.bindMemory(to: Int8.self))
    case .u8 where type.isPerTensor: store(numbers, type, bytes.bindMemory(to: UInt8.self))
    case .i16 where type.isPerTensor: store(numbers, type, bytes.bindMemory(to: Int16.self))
    default:
      let rounds = !type.element.isFloat
      for index in 0..<type.elementCount {
        let (scale, zeroPoint) = type.step(at: index)
        let steps = Double(numbers[index]) / scale
        type.element.store((rounds ? steps.rounded() : steps) + zeroPoint, in: bytes, at: index)
      }
    }
  }

  private static func store<Stored: FixedWidthInteger>(
    _ numbers: UnsafePointer<Float>, _ type: TensorType,
    _ elements: UnsafeMutableBufferPointer<Stored>
  ) {
    let scale = type.quantization?.scale ?? 1
    let zeroPoint = Float(type.quantization?.zeroPoint ?? 0)
    let (lowest, highest) = (Float(Stored.min), Float(Stored.max))
    for index in elements.indices {
      let steps = (numbers[index] / scale).rounded() + zeroPoint
      elements[index] = steps.isNaN ? 0 : Stored(max(lowest, min(highest, steps)))
    }
  }
}

extension TensorType {
  /// Whether one scale serves all elements, or there is none.
  fileprivate var isPerTensor: Bool { quantization?.isPerTensor ?? true }

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
