import Tensors

extension Tensor {
  /// One of the tensors of a type that lie one after the other in `bytes`; copied.
  ///
  /// - Precondition: there are more than `index` of them, and elements have whole bytes.
  package init(_ type: TensorType, at index: Int, of bytes: UnsafeRawBufferPointer) {
    let start = index * type.byteCount
    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + type.byteCount])
    self.init(type, TensorData(byteCount: type.byteCount) { $0.copyMemory(from: part) })
  }

  /// Tensors of one type side by side, along a new first axis.
  ///
  /// - Precondition: there is at least one part, and all have the type of the first.
  public init(stacking parts: [Tensor]) {
    precondition(!parts.isEmpty, "something is stacked")
    let part = parts[0].type
    let quantization = part.quantization.map {
      Quantization(axis: $0.axis.map { $0 + 1 }, scales: $0.scales, zeroPoints: $0.zeroPoints)
    }
    let type = TensorType(part.element, Shape([parts.count] + part.shape.extents), quantization)
    self.init(
      type,
      TensorData(byteCount: type.byteCount) { memory in
        for (index, tensor) in parts.enumerated() {
          let start = index * part.byteCount
          UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + part.byteCount])
            .copyMemory(from: tensor.data.bytes)
        }
      })
  }
}
