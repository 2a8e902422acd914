import GraphIR
import Support
import Tensors

/// A convolution of volumes NDHWC, in single or double precision.
protocol VolumeOperator: Operator {
  /// Works on planes of the result in parallel.
  func kernel<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    _ site: Site, of number: Number.Type
  ) throws -> Kernel
}

extension VolumeOperator {
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32, .f32], [.f64, .f64, .f64]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    try site.operands[0].element == .f64
      ? kernel(site, of: Double.self) : kernel(site, of: Float.self)
  }
}

/// A convolution of volumes NDHWC that computes its result plane by plane.
protocol VolumePlanes: Sendable {
  /// What elements are stored as.
  associatedtype Number: BinaryFloatingPoint & BitwiseCopyable & Sendable

  /// Computes the plane of the result with this number, counted over all batches.
  func plane(
    _ number: Int, _ x: UnsafePointer<Number>, _ weights: UnsafePointer<Number>,
    _ bias: UnsafePointer<Number>?, _ y: UnsafeMutablePointer<Number>)
}

extension VolumePlanes {
  /// Works on planes of the result in parallel.
  func kernel(for site: Site) -> Kernel {
    let planes = site.results[0].shape[0] * site.results[0].shape[1]
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Number.self))
      let weights = Shared(operands[1].pointer(to: Number.self))
      let bias = Shared(operands.count > 2 ? operands[2].pointer(to: Number.self) : nil)
      let y = Shared(results[0].pointer(to: Number.self))
      workers.split(planes, grain: 1) { part in
        for plane in part {
          self.plane(plane, x.pointer, weights.pointer, bias.pointer, y.pointer)
        }
      }
    }
  }
}
