import CKernels
import GraphIR
import Support
import Tensors

/// Makes the kernel of a function of stored integers, for one element type.
public typealias StoredForm = @Sendable (Site) -> Kernel

/// A function of a number in double precision.
public typealias DoubleForm = @Sendable (Double) -> Double

/// A function of each element by itself, of `f32` tensors, and where the operator says so of `f64`, of quantized `i8`, `u8` and
/// `i16`, or of integers as they are stored.
public protocol UnaryOperator: ElementwiseOperator {
  /// The function.
  /// It is called from several threads at once, and for 8-bit elements 256 times to make a table.
  func apply(_ x: Float) -> Float

  /// The function of many real numbers at once, with the results of `apply`; nil if there is none.
  var vectorForm: VectorForm? { get }

  /// The function of `f64` elements; nil if there is none, or it has no attributes and is among the stored forms.
  var doubleForm: DoubleForm? { get }

  /// Whether there is a form for 8-bit elements.
  static var hasQuantizedForm: Bool { get }

  /// The kernel for `i8` elements; by default one that looks up in a table.
  func quantizedKernel(_ site: Site) throws -> Kernel

  /// Whether there is a form for 16-bit elements.
  static var hasWideForm: Bool { get }

  /// The kernel for `i16` elements; by default one that interpolates in a table.
  func wideKernel(_ site: Site) throws -> Kernel

  /// The function for each type of integers that it takes as they are stored: scales play no part.
  static var storedForms: [ElementType: StoredForm] { get }
}

extension UnaryOperator {
  public static var elements: [ElementType] {
    [.f32] + (Self().doubleForm == nil ? [] : [.f64]) + (hasQuantizedForm ? [.i8, .u8] : [])
      + (hasWideForm ? [.i16] : [])
      + ElementType.allCases.filter { storedForms[$0] != nil }
  }

  /// Elements or none.
  public static var acceptsEmpty: Bool { true }

  /// Operators say so if they have one.
  public var vectorForm: VectorForm? { nil }

  /// Operators say so if they have one.
  public var doubleForm: DoubleForm? { nil }

  /// Operators say so if they have one.
  public static var hasQuantizedForm: Bool { false }

  /// Operators say so if they have one.
  public static var hasWideForm: Bool { false }

  /// Operators say so if they have some.
  public static var storedForms: [ElementType: StoredForm] { [:] }

  /// The form for integers that are stored as `Integer`.
  static func form<Integer: BitwiseCopyable & Sendable>(
    _ apply: @escaping @Sendable (Integer) -> Integer
  ) -> StoredForm {
    { site in
      let count = site.results[0].elementCount
      return Kernel { operands, results, _ in
        let x = operands[0].pointer(to: Integer.self)
        let y = results[0].pointer(to: Integer.self)
        for index in 0..<count { y[index] = apply(x[index]) }
      }
    }
  }

  /// Of the function at 513 places.
  public func wideKernel(_ site: Site) throws -> Kernel {
    let table = try WideTable(of: apply, site, Self.name)
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Int16.self), results[0].pointer(to: Int16.self))
      for index in 0..<count { y[index] = table[x[index]] }
    }
  }

  /// The operand's shape and elements; scales are up to the declared result.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  /// Refuses element types without a form, and quantized operands or results whose scales do not do.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    _ = try kernel(for: Site(operands: operands, constants: [nil], results: results))
  }

  /// Works on elements in parallel; unsigned bytes run on the signed form.
  public func kernel(for site: Site) throws -> Kernel {
    if let form = Self.storedForms[site.operands[0].element] { return form(site) }
    if let doubleForm, site.operands[0].element == .f64 { return Self.form(doubleForm)(site) }
    if site.operands[0].element == .i16 { return try wideKernel(site) }
    guard site.operands[0].element == .f32 else {
      return try quantizedKernel(site.signed).unsigned(site)
    }
    let count = site.results[0].elementCount
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(count, grain: 1 << 14) { part in
        if let vectorForm {
          let start = part.lowerBound
          return vectorForm(x.pointer + start, Int64(part.count), y.pointer + start)
        }
        for index in part { y.pointer[index] = apply(x.pointer[index]) }
      }
    }
  }

  /// A look-up in a table.
  public func quantizedKernel(_ site: Site) throws -> Kernel { try tableKernel(site) }

  /// The function as a table of 256 entries: `stored = clamp(round(apply(real) / scale) + zeroPoint)`, in single
  /// precision, as the TFLite reference kernels make theirs.
  func tableKernel(_ site: Site) throws -> Kernel {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let inverse = 1 / output.scale
    let table = (-128...127).map { stored -> Int8 in
      let real = apply(Float(stored - input.zeroPoint) * input.scale)
      let steps = (real * inverse).rounded(.toNearestOrAwayFromZero)
      // Where the function has a pole, the type's own limits stand for infinity.
      guard steps.isFinite else { return steps > 0 ? 127 : -128 }
      return Int8(clamping: Int(min(max(steps, -0x1p30), 0x1p30)) + output.zeroPoint)
    }
    let count = Int64(site.results[0].elementCount)
    return Kernel { operands, results, _ in
      ck_lookup_i8(
        operands[0].pointer(to: Int8.self), count, table, results[0].pointer(to: Int8.self))
    }
  }

  /// One operation for each element, whatever the function.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }
}
