import GraphIR
import Support
import Tensors

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
