import Tensors

extension Operator {
  /// Computes results from operands: for tests, constant folding and other places where speed is no matter.
  ///
  /// - Parameter results: the types of the results; left out, those that the operator infers.
  /// - Throws: a `Diagnostic` if the operator refuses the operands, or what they hold.
  public func evaluate(_ operands: [Tensor], results: [TensorType]? = nil) throws -> [Tensor] {
    let types = operands.map(\.type)
    let results = try checkedResultTypes(of: types, declared: results)
    let site = Site(operands: types, constants: operands.map(\.data), results: results)
    let kernel = try preparedKernel(for: site)
    let outputs = results.map {
      UnsafeMutableRawBufferPointer.allocate(byteCount: $0.byteCount, alignment: 64)
    }
    defer { outputs.forEach { $0.deallocate() } }
    try kernel.run(operands.map { $0.data.bytes }, outputs, .one)
    return zip(results, outputs).map { type, memory in
      Tensor(
        type,
        TensorData(byteCount: memory.count) { $0.copyMemory(from: UnsafeRawBufferPointer(memory)) })
    }
  }
}
