import GraphIR
import Support
import Tensors

/// A convolution of volumes NDHWC that computes its result plane by plane, in `f32`.
protocol VolumePlanes: Sendable {
  /// Computes the plane of the result with this number, counted over all batches.
  func plane(
    _ number: Int, _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>)
}

extension VolumePlanes {
  /// Works on planes of the result in parallel.
  func kernel(for site: Site) -> Kernel {
    let planes = site.results[0].shape[0] * site.results[0].shape[1]
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let weights = Shared(operands[1].pointer(to: Float.self))
      let bias = Shared(operands.count > 2 ? operands[2].pointer(to: Float.self) : nil)
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(planes, grain: 1) { part in
        for plane in part {
          self.plane(plane, x.pointer, weights.pointer, bias.pointer, y.pointer)
        }
      }
    }
  }
}
