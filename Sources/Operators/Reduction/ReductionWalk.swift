import CKernels
import GraphIR
import Support
import Tensors

/// The way over all elements of a tensor, in row-major order, and which element of the reduced one each of them goes into.
public struct ReductionWalk: Sendable {
  private let shape: Shape
  private let isReduced: [Bool]
  private let targets: StridedView
  /// The elements of the result.
  let results: Int

  init(over shape: Shape, reducing axes: Set<Int>) {
    self.shape = shape
    isReduced = shape.extents.indices.map(axes.contains)
    let kept = Shape(shape.extents.indices.map { axes.contains($0) ? 1 : shape[$0] })
    targets = Broadcast.view(kept, as: shape)
    results = kept.elementCount
  }

  /// The axes that vanish, counted from the front.
  static func axes(_ axes: [Int], of shape: Shape, _ kind: String) throws -> Set<Int> {
    Set(try axes.map { try ElementChecks.axis($0, rank: shape.rank, kind) })
  }

  /// The extents without the reduced ones, or with 1 in their places.
  static func shape(_ shape: Shape, reducing axes: Set<Int>, _ keepsAxes: Bool) -> Shape {
    Shape(
      shape.extents.indices.compactMap { axis in
        axes.contains(axis) ? (keepsAxes ? 1 : nil) : shape[axis]
      })
  }

  /// How many elements go into each of the result.
  var count: Int { results == 0 ? 0 : shape.elementCount / results }

  /// A kernel that combines elements one by one.
  func kernel<Element: BitwiseCopyable, Sum: Sendable>(
    start: Sum, _ combine: @escaping @Sendable (Sum, Element) -> Sum,
    finish: @escaping @Sendable (Sum, Int) -> Element
  ) -> Kernel {
    Kernel { operands, outputs, _ in
      let x = operands[0].pointer(to: Element.self)
      let y = outputs[0].pointer(to: Element.self)
      var sums = Array(repeating: start, count: results)
      var position = 0
      let run = targets.run
      targets.forEachRun { offset in
        if run.stride == 0 {
          var sum = sums[offset]
          for index in 0..<run.count { sum = combine(sum, x[position + index]) }
          sums[offset] = sum
        } else {
          for index in 0..<run.count {
            let target = offset + index * run.stride
            sums[target] = combine(sums[target], x[position + index])
          }
        }
        position += run.count
      }
      for index in 0..<results { y[index] = finish(sums[index], count) }
    }
  }

  /// A kernel that adds neighbours by `sum`, which gets the first of them, their number, and the first one's place.
  func kernel(
    summing sum: @escaping @Sendable (UnsafePointer<Float>?, Int64, Int64) -> Float,
    finish: @escaping @Sendable (Float, Int) -> Float
  ) -> Kernel {
    guard targets.run.stride == 0 else {
      return kernel(start: 0, { (sum: Float, x: Float) in sum + x }, finish: finish)
    }
    return Kernel { operands, outputs, _ in
      let (x, y) = (operands[0].pointer(to: Float.self), outputs[0].pointer(to: Float.self))
      var sums = [Float](repeating: 0, count: results)
      var position = 0
      let length = targets.run.count
      targets.forEachRun { offset in
        sums[offset] += sum(x + position, Int64(length), Int64(position))
        position += length
      }
      for index in 0..<results { y[index] = finish(sums[index], count) }
    }
  }

  /// A kernel for integers that stand for themselves, or are only compared.
  func kernel<Kind: ReductionOperator, Element: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ kind: Kind.Type, of element: Element.Type
  ) -> Kernel {
    kernel(
      start: Kind.integerStart, { (sum, x: Element) in Kind.combine(sum, Int64(x)) },
      finish: { Element(truncatingIfNeeded: Kind.finish($0, count: $1)) })
  }

  /// A kernel for sums or means of quantized elements.
  ///
  /// Source: `QuantizedMeanOrSum` of the TFLite reference kernels.
  func kernel(_ kind: ck_reduction_kind, _ site: Site, _ name: String) throws -> Kernel {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", name)
    let factor = try FixedPoint(Double(input.scale) / Double(output.scale))
    let form = ck_reduction(
      kind: kind, input_zero_point: Int32(input.zeroPoint), multiplier: factor.multiplier,
      shift: factor.shift, output_zero_point: Int32(output.zeroPoint))
    let extents = shape.extents.map { Int32(clamping: $0) }
    let flags = isReduced.map { UInt8($0 ? 1 : 0) }
    let isWide = site.operands[0].element == .i16
    return Kernel { operands, results, _ in
      withUnsafePointer(to: form) { form in
        if isWide {
          ck_reduce_i16(
            operands[0].pointer(to: Int16.self), extents, flags, Int32(extents.count), form,
            results[0].pointer(to: Int16.self))
        } else {
          ck_reduce_i8(
            operands[0].pointer(to: Int8.self), extents, flags, Int32(extents.count), form,
            results[0].pointer(to: Int8.self))
        }
      }
    }
  }
}
