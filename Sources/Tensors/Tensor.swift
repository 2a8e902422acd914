import Support

/// A tensor with its elements.
public struct Tensor: Hashable, Sendable {
  /// Shape, element type and quantization of `data`.
  public let type: TensorType
  /// The elements, shared with every copy of the tensor.
  public let data: TensorData

  /// - Precondition: `data` has exactly the bytes that `type` asks for.
  public init(_ type: TensorType, _ data: TensorData) {
    precondition(data.byteCount == type.byteCount, "data of \(data.byteCount) bytes for \(type)")
    self.type = type
    self.data = data
  }

  /// A tensor whose elements are given as real numbers, each stored as `type` stores it.
  ///
  /// Quantization plays no part: for an `i8` tensor the numbers are the integers to store, to be
  /// rounded and clamped.
  ///
  /// - Precondition: there are as many numbers as elements.
  public init(_ type: TensorType, numbers: [Double]) {
    precondition(numbers.count == type.elementCount, "\(numbers.count) numbers for \(type)")
    self.init(
      type,
      TensorData(byteCount: type.byteCount) { memory in
        for (index, number) in numbers.enumerated() {
          type.element.store(number, in: memory, at: index)
        }
      })
  }

  /// The stored numbers, not scaled: an `i8` of −3 is −3, whatever its quantization.
  public var storedNumbers: [Double] {
    (0..<type.elementCount).map { type.element.load(from: data.bytes, at: $0) }
  }

  /// The real numbers that the elements stand for: `(stored − zeroPoint) · scale`.
  public var realNumbers: [Double] {
    guard let quantization = type.quantization else { return storedNumbers }
    let stride = quantization.axis.map { type.shape.strides[$0] } ?? 1
    return storedNumbers.enumerated().map { index, stored in
      let channel = index / stride % quantization.scales.count
      return (stored - Double(quantization.zeroPoints[channel]))
        * Double(quantization.scales[channel])
    }
  }

  /// Seeded random elements: integers over their whole range, indices small, floats normal-ish in −2...2.
  public static func random(_ type: TensorType, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    let numbers = (0..<type.elementCount).map { _ in type.element.random(using: &generator) }
    return Tensor(type, numbers: numbers)
  }
}

extension ElementType {
  /// Seeded noise of this type. 32-bit integers, which are biases, shapes and indices, stay small.
  fileprivate func random(using generator: inout SeededGenerator) -> Double {
    switch self {
    case .f64, .f32, .f16, .bf16, .f8e4m3, .f8e5m2: return Double(generator.unitFloat() * 4 - 2)
    case .bool: return Double(generator.next() & 1)
    case .i32, .i64: return Double(Int(generator.next() % 2048) - 1024)
    case .u32, .u64: return Double(generator.next() % 2048)
    case .i4, .u4, .i8, .u8, .i16, .u16:
      let range = integerRange!  // these have one
      return Double(range.lowerBound + Int(generator.next() % UInt64(range.count)))
    }
  }
}
