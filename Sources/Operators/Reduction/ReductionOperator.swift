import GraphIR
import Support
import Tensors

/// Combines the elements along some axes into one, in row-major order of the operand: of `f32` tensors, and of integers where
/// the operator says so.
public protocol ReductionOperator: AxisPermutable {
  /// The axes that vanish; negative ones count from the back.
  var axes: [Int] { get set }
  /// Whether they stay, with an extent of 1.
  var keepsAxes: Bool { get }

  /// What a result starts from.
  static var start: Float { get }

  /// Takes one more element into a result.
  static func combine(_ sum: Float, _ x: Float) -> Float

  /// As for single precision.
  static func combine(_ sum: Double, _ x: Double) -> Double

  /// As for single precision.
  static func finish(_ sum: Double, count: Int) -> Double

  /// What becomes of a result at the end; `count` elements went into it.
  static func finish(_ sum: Float, count: Int) -> Float

  /// What a result of integers starts from.
  static var integerStart: Int64 { get }

  /// Takes one more integer into a result; sums and products wrap.
  static func combine(_ sum: Int64, _ x: Int64) -> Int64

  /// As for real numbers; what a narrower type cannot hold loses its high bits.
  static func finish(_ sum: Int64, count: Int) -> Int64

  /// The kernel for `f32` elements; by default one that combines them one after another.
  func realKernel(_ walk: ReductionWalk) -> Kernel

  /// The kernel for quantized `i8` or `i16` elements.
  func quantizedKernel(_ walk: ReductionWalk, _ site: Site) throws -> Kernel
}

extension ReductionOperator {
  public static var elements: [ElementType] { [.f64, .f32, .i8, .u8, .i16, .i32, .i64] }

  /// The result as it is: only a mean has anything left to do.
  public static func finish(_ sum: Float, count: Int) -> Float { sum }

  /// The result as it is.
  public static func finish(_ sum: Double, count: Int) -> Double { sum }

  /// Elements or none, of which a result stays what it starts from.
  public static var acceptsEmpty: Bool { true }

  /// The result as it is, too.
  public static func finish(_ sum: Int64, count: Int) -> Int64 { sum }

  /// The operand's extents without the reduced ones, or with 1 in their places.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let shape = operands[0].shape
    let reduced = try ReductionWalk.axes(axes, of: shape, Self.name)
    return [
      TensorType(operands[0].element, ReductionWalk.shape(shape, reducing: reduced, keepsAxes))
    ]
  }

  /// Refuses elements without a form, and quantized operands or results whose scales do not do.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, Self.elements.map { [$0] }, Self.name)
    _ = try kernel(for: Site(operands: operands, constants: [nil], results: results))
  }

  /// Walks once over the operand and combines each element with the result that it belongs to:
  /// sums add in the operand's order.
  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let walk = ReductionWalk(
      over: shape, reducing: try ReductionWalk.axes(axes, of: shape, Self.name))
    switch site.operands[0].element {
    case .f32:
      return realKernel(walk)
    case .f64:
      return walk.kernel(
        start: Double(Self.start), { Self.combine($0, $1 as Double) }, finish: Self.finish)
    case .i32: return walk.kernel(Self.self, of: Int32.self)
    case .i64: return walk.kernel(Self.self, of: Int64.self)
    case .bool: return walk.kernel(Self.self, of: UInt8.self)
    case .i8, .u8, .i16: return try quantizedKernel(walk, site.signed).unsigned(site)
    default: preconditionFailure("`check` refuses such elements")
    }
  }

  public func realKernel(_ walk: ReductionWalk) -> Kernel {
    walk.kernel(start: Self.start, { Self.combine($0, $1) }, finish: Self.finish)
  }

  /// For operators whose results are among their operands, which are quantized alike.
  public func quantizedKernel(_ walk: ReductionWalk, _ site: Site) throws -> Kernel {
    try ElementChecks.sameQuantization(site.operands[0], site.results[0], Self.name)
    return site.operands[0].element == .i16
      ? walk.kernel(Self.self, of: Int16.self) : walk.kernel(Self.self, of: Int8.self)
  }

  /// One operation for each element of the operand.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }
}
