import GraphIR
import Tensors

extension Kernel {
  /// A kernel for a site whose operand this one wants in another form: converted once if it is constant, else anew in
  /// each run.
  func converting(
    _ operand: Int, of site: Site,
    _ convert: @escaping @Sendable (UnsafeRawBufferPointer) -> TensorData
  ) -> Kernel {
    let constant = site.constants[operand].map { convert($0.bytes) }
    return Kernel { operands, results, workers in
      let converted = constant ?? convert(operands[operand])
      try withExtendedLifetime(converted) {
        var all = operands
        all[operand] = converted.bytes
        try run(all, results, workers)
      }
    }
  }

  /// For a site with an `i32` bias as operand 2, made from a kernel that reads a bias of `i64`.
  func wideningBias(_ site: Site) -> Kernel {
    guard site.operands.count > 2, site.operands[2].element == .i32 else { return self }
    return converting(2, of: site) { bias in
      TensorData(bias.bindMemory(to: Int32.self).map(Int64.init))
    }
  }
}
