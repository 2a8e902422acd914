import Tensors

/// Constants of integers, as both forms of a quantized network hold them.
extension StoredWeights {
  /// Whether scales belong to an axis, or to the whole: groups have another matrix.
  var isWhole: Bool { map.count == 1 || map.axis != nil }

  /// The weights as integers of a type.
  ///
  /// - Parameter shape: with as many elements; of groups its rows are the groups.
  func tensor(of element: ElementType, _ shape: Shape) -> Tensor {
    let quantization = Quantization(
      axis: map.count == 1 ? nil : map.axis ?? 0, scales: scales, zeroPoints: zeroPoints)
    let type = TensorType(element, shape, quantization)
    if element == .i8 {
      return Tensor(type, TensorData(integers { Int8($0.clamped(to: -128...127)) }))
    }
    return Tensor(type, numbers: integers { Double($0) })
  }

  /// What is stored of each weight, its zero point with it.
  private func integers<Number>(_ number: (Float) -> Number) -> [Number] {
    [Number](unsafeUninitializedCapacity: steps.count) { numbers, count in
      map.forEachRun(steps.count) { scale, elements in
        let zeroPoint = Float(zeroPoints[scale])
        for index in elements { numbers[index] = number(steps[index] + zeroPoint) }
      }
      count = steps.count
    }
  }

  /// A bias in steps of the sums that it is added to, `input scale · weight scale`.
  ///
  /// - Parameter input: of what the layer reads.
  func biasTensor(_ bias: [Float], input: Quantization, of element: ElementType) -> Tensor {
    let scales = scales.map { $0 * input.scale }
    let steps = bias.indices.map { index in
      (Double(bias[index]) / Double(scales[index % scales.count])).rounded(.toNearestOrEven)
    }
    let quantization = Quantization(
      axis: scales.count > 1 ? 0 : nil, scales: scales, zeroPoints: scales.map { _ in 0 })
    return Tensor(TensorType(element, [bias.count], quantization), numbers: steps)
  }
}

extension Quantization {
  /// Real numbers as the integers nearest to them, within a range.
  ///
  /// - Precondition: one scale serves all.
  func stored(_ numbers: [Float], within range: ClosedRange<Int>) -> [Double] {
    numbers.map { number in
      let level = Double((number / scale).rounded(.toNearestOrEven)) + Double(zeroPoint)
      return level.clamped(to: Double(range.lowerBound)...Double(range.upperBound))
    }
  }
}
