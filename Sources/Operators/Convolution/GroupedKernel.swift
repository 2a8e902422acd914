import GraphIR
import Support
import Tensors

/// A convolution of `f32` images in groups of channels, each computed by a dense kernel of its own.
///
/// Operands are an image with its channels last, weights whose first axis is divided among the groups, and optionally a bias.
struct GroupedKernel: Sendable {
  private let groups: Int
  private let kernels: [Kernel]
  private let part: Site

  /// - Parameter dense: makes the kernel of one group.
  init(_ site: Site, groups: Int, dense: (Site) throws -> Kernel) throws {
    let part = Self.part(of: site, groups: groups)
    self.groups = groups
    self.part = part
    kernels = try (0..<groups).map { group in
      let constants = site.constants.enumerated().map { index, data in
        index == 0 ? nil : data.map { Self.copy(Self.slice($0.bytes, group, of: groups)) }
      }
      return try dense(
        Site(operands: part.operands, constants: constants, results: part.results))
    }
  }

  /// The site of one group.
  private static func part(of site: Site, groups: Int) -> Site {
    let filters = [site.operands[0].shape.rank - 1, 0, 0]
    func divided(_ type: TensorType, _ axis: Int) -> TensorType {
      var extents = type.shape.extents
      extents[axis] /= groups
      return TensorType(type.element, Shape(extents))
    }
    return Site(
      operands: zip(site.operands, filters).map(divided),
      constants: site.constants.map { _ in nil },
      results: site.results.map { divided($0, $0.shape.rank - 1) })
  }

  private static func slice(
    _ bytes: UnsafeRawBufferPointer, _ group: Int, of groups: Int
  ) -> UnsafeRawBufferPointer {
    let count = bytes.count / groups
    return UnsafeRawBufferPointer(rebasing: bytes[group * count..<(group + 1) * count])
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer) -> TensorData {
    TensorData(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
  }

  /// Works on group after group, each in memory of its own.
  var kernel: Kernel {
    Kernel { operands, results, workers in
      let image = UnsafeMutableRawBufferPointer.allocate(
        byteCount: part.operands[0].byteCount, alignment: 64)
      let result = UnsafeMutableRawBufferPointer.allocate(
        byteCount: part.results[0].byteCount, alignment: 64)
      defer {
        image.deallocate()
        result.deallocate()
      }
      for group in 0..<groups {
        gather(operands[0], group, into: image, workers)
        let own = operands.dropFirst().map { Self.slice($0, group, of: groups) }
        try kernels[group].run([UnsafeRawBufferPointer(image)] + own, [result], workers)
        scatter(UnsafeRawBufferPointer(result), group, into: results[0], workers)
      }
    }
  }

  private func gather(
    _ image: UnsafeRawBufferPointer, _ group: Int, into own: UnsafeMutableRawBufferPointer,
    _ workers: Workers
  ) {
    let count = part.operands[0].shape.extents.last ?? 1
    let channels = count * groups
    let from = Shared(image.pointer(to: Float.self) + group * count)
    let to = Shared(own.pointer(to: Float.self))
    workers.split(part.operands[0].elementCount / count, grain: 4096) { pixels in
      for pixel in pixels {
        (to.pointer + pixel * count).update(from: from.pointer + pixel * channels, count: count)
      }
    }
  }

  private func scatter(
    _ own: UnsafeRawBufferPointer, _ group: Int, into result: UnsafeMutableRawBufferPointer,
    _ workers: Workers
  ) {
    let count = part.results[0].shape.extents.last ?? 1
    let channels = count * groups
    let from = Shared(own.pointer(to: Float.self))
    let to = Shared(result.pointer(to: Float.self) + group * count)
    workers.split(part.results[0].elementCount / count, grain: 4096) { pixels in
      for pixel in pixels {
        (to.pointer + pixel * channels).update(from: from.pointer + pixel * count, count: count)
      }
    }
  }
}
