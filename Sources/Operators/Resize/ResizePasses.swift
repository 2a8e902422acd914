import GraphIR
import Support
import Tensors

/// Resamples a tensor along one axis after another.
struct ResizePasses {
  private let workers: Workers
  /// The bytes of elements that are moved; nil for `f32` elements that are weighted.
  private let movedBytes: Int?

  init(_ workers: Workers, elementBytes: Int?) {
    self.workers = workers
    movedBytes = elementBytes
  }

  private var width: Int { movedBytes ?? 4 }

  /// Goes through the axes in the order given; what lies between two of them is in memory of its own.
  func run(
    _ operand: UnsafeRawBufferPointer, _ shape: Shape,
    _ passes: [(axis: Int, samples: AxisSamples)], into result: UnsafeMutableRawBufferPointer
  ) {
    guard let (axis, samples) = passes.first else { return result.copyMemory(from: operand) }
    guard passes.count > 1 else { return resample(operand, shape, axis, samples, into: result) }
    var extents = shape.extents
    extents[axis] = samples.output
    let next = Shape(extents)
    let between = TensorData(byteCount: next.elementCount * width) {
      resample(operand, shape, axis, samples, into: $0)
    }
    run(between.bytes, next, Array(passes.dropFirst()), into: result)
  }

  /// Works on rows in parallel, a row being what lies behind one index of the axis.
  private func resample(
    _ operand: UnsafeRawBufferPointer, _ shape: Shape, _ axis: Int, _ samples: AxisSamples,
    into result: UnsafeMutableRawBufferPointer
  ) {
    let outer = shape.extents[..<axis].reduce(1, *)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let (x, y) = (Shared(operand), Shared(result))
    let width = movedBytes
    workers.split(outer * samples.output, grain: max(1, 16384 / inner)) { rows in
      if let width {
        Self.move(x.pointer, samples, rows, bytes: inner * width, into: y.pointer)
      } else {
        Self.weight(
          x.pointer.pointer(to: Float.self), samples, rows, count: inner,
          into: y.pointer.pointer(to: Float.self))
      }
    }
  }

  private static func move(
    _ x: UnsafeRawBufferPointer, _ samples: AxisSamples, _ rows: Range<Int>, bytes: Int,
    into y: UnsafeMutableRawBufferPointer
  ) {
    for row in rows {
      let (block, place) = (row / samples.output, row % samples.output)
      let from = block * samples.input + samples.indices[samples.starts[place]]
      y.copy(bytes, of: x, from: from * bytes, to: row * bytes)
    }
  }

  private static func weight(
    _ x: UnsafePointer<Float>, _ samples: AxisSamples, _ rows: Range<Int>, count: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    for row in rows {
      let (block, place) = (row / samples.output, row % samples.output)
      let result = y + row * count
      result.update(repeating: 0, count: count)
      for tap in samples.starts[place]..<samples.starts[place + 1] {
        let from = x + (block * samples.input + samples.indices[tap]) * count
        let weight = samples.weights[tap]
        for index in 0..<count { result[index] += weight * from[index] }
      }
    }
  }

  /// Puts one element in all places that have one of these indices along an axis.
  func fill(
    _ result: UnsafeMutableRawBufferPointer, _ shape: Shape, _ axis: Int, _ indices: [Int],
    _ element: [UInt8]
  ) {
    let outer = shape.extents[..<axis].reduce(1, *)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    for block in 0..<outer {
      for index in indices {
        let start = (block * shape[axis] + index) * inner
        for place in start..<start + inner {
          UnsafeMutableRawBufferPointer(
            rebasing: result[place * element.count..<(place + 1) * element.count]
          ).copyBytes(from: element)
        }
      }
    }
  }
}
