import GraphIR
import Support
import Tensors

/// A function of the elements of two tensors, pair by pair, with NumPy's broadcasting. Both are `f32`, or of another type
/// for which the operator has a form.
public protocol BinaryOperator: ElementwiseOperator {
  /// The range that results are limited to.
  var clamp: Clamp { get }

  /// The function of real numbers, for `f32` elements; `clamp` comes behind it.
  static func apply(_ a: Float, _ b: Float) -> Float

  /// The function of `f64` elements; nil if there is none.
  static var doubleForm: (@Sendable (Double, Double) -> Double)? { get }

  /// Whether there is a form for 8-bit elements.
  static var hasQuantizedForm: Bool { get }

  /// The kernel for `i8` elements.
  func quantizedKernel(_ site: Site) throws -> Kernel

  /// Whether there is a form for quantized 16-bit elements.
  static var hasWideForm: Bool { get }

  /// The kernel for `i16` elements.
  func wideKernel(_ site: Site) throws -> Kernel

  /// The function of `i32` elements; nil if there is none. Sums and products wrap.
  static var integerForm: (@Sendable (Int32, Int32) -> Int32)? { get }

  /// The function of `i64` elements; nil if there is none. Sums and products wrap.
  static var longForm: (@Sendable (Int64, Int64) -> Int64)? { get }

  /// The function of `u64` elements; nil if there is none, and that of `i64` gives the same bits.
  static var unsignedForm: (@Sendable (UInt64, UInt64) -> UInt64)? { get }
}

extension BinaryOperator {
  public static var elements: [ElementType] {
    (doubleForm == nil ? [] : [.f64]) + [.f32] + (hasQuantizedForm ? [.i8, .u8] : [])
      + (hasWideForm ? [.i16] : [])
      + (integerForm == nil ? [] : [.i32]) + (longForm == nil ? [] : [.i64])
      + (unsignedForm == nil ? [] : [.u64])
  }

  /// No limit: for operators without a fused activation.
  public var clamp: Clamp { .none }

  /// Operators say so if they have one.
  public static var doubleForm: (@Sendable (Double, Double) -> Double)? { nil }

  /// Elements or none.
  public static var acceptsEmpty: Bool { true }

  /// Operators say so if they have one.
  public static var hasQuantizedForm: Bool { false }

  /// Never called: `check` refuses 8-bit elements of an operator without a form for them.
  public func quantizedKernel(_ site: Site) throws -> Kernel {
    preconditionFailure("the operator has no form for 8-bit elements")
  }

  /// Operators say so if they have one.
  public static var hasWideForm: Bool { false }

  /// Never called: `check` refuses 16-bit elements of an operator without a form for them.
  public func wideKernel(_ site: Site) throws -> Kernel {
    preconditionFailure("the operator has no form for 16-bit elements")
  }

  /// Operators say so if they have one.
  public static var longForm: (@Sendable (Int64, Int64) -> Int64)? { nil }

  /// Operators say so if they have one.
  public static var unsignedForm: (@Sendable (UInt64, UInt64) -> UInt64)? { nil }

  /// The broadcast shape with the first operand's elements; scales are up to the declared result.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let shape = try Broadcast.shape(operands[0].shape, operands[1].shape, Self.name)
    return [TensorType(operands[0].element, shape)]
  }

  /// Refuses element types without a form, and quantized operands or results whose scales do not do.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    let integers: [[ElementType]] = Self.integerForm == nil ? [] : [[.i32, .i32]]
    let longs: [[ElementType]] = Self.longForm == nil ? [] : [[.i64, .i64]]
    let unsigned: [[ElementType]] = Self.unsignedForm == nil ? [] : [[.u64, .u64]]
    let doubles: [[ElementType]] = Self.doubleForm == nil ? [] : [[.f64, .f64]]
    let bytes: [[ElementType]] = Self.hasQuantizedForm ? [[.i8, .i8]] : []
    let words: [[ElementType]] = Self.hasWideForm ? [[.i16, .i16]] : []
    try ElementChecks.elements(
      operands, [[.f32, .f32]] + doubles + integers + longs + unsigned + bytes + words, Self.name)
    guard operands[0].element.bitWidth <= 16 else { return }
    // Making a kernel finds what is wrong with scales and zero points.
    _ = try kernel(for: Site(operands: operands, constants: [nil, nil], results: results))
  }

  /// Works on pairs in parallel; unsigned bytes run on the signed form.
  public func kernel(for site: Site) throws -> Kernel {
    if let apply = Self.integerForm, site.operands[0].element == .i32 {
      return BroadcastKernel.make(site, clamp, apply)
    }
    if let apply = Self.longForm, site.operands[0].element == .i64 {
      return BroadcastKernel.make(site, clamp, apply)
    }
    if let apply = Self.unsignedForm, site.operands[0].element == .u64 {
      return BroadcastKernel.make(site, clamp, apply)
    }
    if let apply = Self.doubleForm, site.operands[0].element == .f64 {
      return BroadcastKernel.make(site, clamp, apply)
    }
    if site.operands[0].element == .i16 { return try wideKernel(site) }
    guard site.operands[0].element == .f32 else {
      return try quantizedKernel(site.signed).unsigned(site)
    }
    let range = clamp.floatRange
    return BroadcastKernel.make(site) { (a: UnsafePointer<Float>, b, count, y) in
      for index in 0..<count {
        y[index] = min(max(Self.apply(a[index], b[index]), range.lower), range.upper)
      }
    }
  }

  /// One operation for each element of the result, whatever the function.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }
}

/// Makes kernels that compute elements from pairs of elements.
enum BroadcastKernel {
  /// A kernel that stretches operands where their shape is not the result's, and calls `body` for parts.
  static func make<Element: BitwiseCopyable, Result>(
    _ site: Site,
    _ body:
      @escaping @Sendable (
        UnsafePointer<Element>, UnsafePointer<Element>, Int, UnsafeMutablePointer<Result>
      ) -> Void
  ) -> Kernel {
    let shape = site.results[0].shape
    let shapes = site.operands.map(\.shape)
    return Kernel { operands, results, workers in
      let copies = zip(operands, shapes).map { operand, from in
        from == shape ? [] : Broadcast.stretch(operand.pointer(to: Element.self), from, to: shape)
      }
      copies[0].withUnsafeBufferPointer { first in
        copies[1].withUnsafeBufferPointer { second in
          let a = Shared(pointer(first, operands[0]))
          let b = Shared(pointer(second, operands[1]))
          let y = Shared(results[0].pointer(to: Result.self))
          workers.split(shape.elementCount, grain: 1 << 16) { part in
            let start = part.lowerBound
            body(a.pointer + start, b.pointer + start, part.count, y.pointer + start)
          }
        }
      }
    }
  }

  /// A kernel for integers that stand for themselves.
  static func make<Integer: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ site: Site, _ clamp: Clamp, _ apply: @escaping @Sendable (Integer, Integer) -> Integer
  ) -> Kernel {
    let range = clamp.integerRange(as: Integer.self)
    return make(site) { (a: UnsafePointer<Integer>, b, count, y: UnsafeMutablePointer<Integer>) in
      for index in 0..<count {
        y[index] = min(max(apply(a[index], b[index]), range.lower), range.upper)
      }
    }
  }

  /// A kernel for `f64` elements.
  static func make(
    _ site: Site, _ clamp: Clamp, _ apply: @escaping @Sendable (Double, Double) -> Double
  ) -> Kernel {
    let lower = clamp.lower.map(Double.init) ?? -.infinity
    let upper = clamp.upper.map(Double.init) ?? .infinity
    return make(site) { (a: UnsafePointer<Double>, b, count, y: UnsafeMutablePointer<Double>) in
      for index in 0..<count { y[index] = min(max(apply(a[index], b[index]), lower), upper) }
    }
  }

  /// The stretched copy if there is one, else the operand itself.
  private static func pointer<Element>(
    _ copy: UnsafeBufferPointer<Element>, _ operand: UnsafeRawBufferPointer
  ) -> UnsafePointer<Element> {
    guard let start = copy.baseAddress, !copy.isEmpty else {
      return operand.pointer(to: Element.self)
    }
    return start
  }
}
