import GraphIR
import Support
import Tensors

/// The same numbers in another element type. Fractions are dropped. An integer that a narrower type cannot hold loses its
/// high bits, as in C; a float is clamped, where C leaves it open, and a NaN becomes 0.
///
/// Quantization plays no part: stored numbers are taken as they are.
public struct Cast: ElementwiseOperator {
  public static let name = "cast"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases
  /// The element type of the result.
  public var element: ElementType
  /// Whether floats of 8 bits stand for numbers that are too large by their largest one, not by infinity or a NaN.
  public var saturates: Bool

  public init() { self.init(element: .f32) }

  /// - Parameters:
  ///   - element: of the result; any type will do.
  ///   - saturates: plays a part for floats of 8 bits alone.
  public init(element: ElementType, saturates: Bool = true) {
    self.element = element
    self.saturates = saturates
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(element, operands[0].shape)]
  }

  /// Works on elements in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let (from, to) = (site.operands[0].element, site.results[0].element)
    let count = site.results[0].elementCount
    if let form = Self.forms[from]?[to] { return form(count) }
    // Elements that share bytes are written by one thread.
    let grain = to.bitWidth < 8 ? count : 1 << 12
    return Kernel { [self] operands, results, workers in
      let (x, y) = (Shared(operands[0]), Shared(results[0]))
      workers.split(count, grain: grain) { part in
        for index in part { convert(x.pointer, from, y.pointer, to, at: index) }
      }
    }
  }

  /// The conversions that are frequent, and lose nothing but digits.
  private static let forms: [ElementType: [ElementType: @Sendable (Int) -> Kernel]] = [
    .f16: [.f32: form { (x: Float16) in Float(x) }],
    .f32: [.f16: form { (x: Float) in Float16(x) }, .f64: form { (x: Float) in Double(x) }],
    .f64: [.f32: form { (x: Double) in Float(x) }],
    .i32: [.f32: form { (x: Int32) in Float(x) }, .i64: form { (x: Int32) in Int64(x) }],
    .i64: [
      .f32: form { (x: Int64) in Float(x) },
      .i32: form { (x: Int64) in Int32(truncatingIfNeeded: x) },
    ],
    .u8: [.f32: form { (x: UInt8) in Float(x) }],
  ]

  private static func form<From: BitwiseCopyable, To: BitwiseCopyable>(
    _ convert: @escaping @Sendable (From) -> To
  ) -> @Sendable (Int) -> Kernel {
    { count in
      Kernel { operands, results, workers in
        let x = Shared(operands[0].pointer(to: From.self))
        let y = Shared(results[0].pointer(to: To.self))
        workers.split(count, grain: 1 << 14) { part in
          for index in part { y.pointer[index] = convert(x.pointer[index]) }
        }
      }
    }
  }

  /// One element, whatever the types.
  private func convert(
    _ operand: UnsafeRawBufferPointer, _ from: ElementType,
    _ result: UnsafeMutableRawBufferPointer, _ to: ElementType, at index: Int
  ) {
    // Floats of 8 bits say themselves what lies beyond their range.
    guard from.isFloat || to.isFloat && to.bitWidth == 8 else {
      let integer = from.loadInteger(from: operand, at: index)
      return from == .u64 && integer < 0 && to.isFloat
        ? Self.store(UInt64(bitPattern: Int64(integer)), as: to, in: result, at: index)
        : Self.store(integer, as: to, in: result, at: index)
    }
    let number = from.load(from: operand, at: index)
    if !saturates, let bits = to.bitsBeyondRange(number) {
      result[index] = bits
    } else {
      let isKept = to.isFloat || to == .bool
      to.store(isKept ? number : number.rounded(.towardZero), in: result, at: index)
    }
  }

  private static func store(
    _ integer: some BinaryInteger, as element: ElementType,
    in bytes: UnsafeMutableRawBufferPointer, at index: Int
  ) {
    switch element {
    // Rounded once, where `Double` would round before it.
    case .f32: element.store(Double(Float(integer)), in: bytes, at: index)
    case .f64, .f16, .bf16, .f8e4m3, .f8e5m2, .bool:
      element.store(Double(integer), in: bytes, at: index)
    default: element.storeLowBits(of: Int(truncatingIfNeeded: integer), in: bytes, at: index)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Cast(element: .i8),
      [Tensor(TensorType(.u8, [2]), numbers: [255, 130])],
      gives: [Tensor(TensorType(.i8, [2]), numbers: [-1, -126])]),
    Example(
      Cast(element: .i32),
      [Tensor(TensorType(.i64, [2]), numbers: [4_294_967_297, -3])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [1, -3])]),
    Example(
      Cast(element: .f8e5m2, saturates: false),
      [Tensor(TensorType(.f32, [3]), numbers: [-1e5, 57344, 61439])],
      gives: [Tensor(TensorType(.f8e5m2, [3]), TensorData([0xfc, 0x7b, 0x7b] as [UInt8]))]),
    Example(
      Cast(element: .f8e4m3, saturates: false),
      [Tensor(TensorType(.f32, [4]), numbers: [464, 465, -.infinity, -0.0])],
      gives: [Tensor(TensorType(.f8e4m3, [4]), TensorData([0x7e, 0x7f, 0xff, 0x80] as [UInt8]))]),
    Example(
      Cast(element: .f8e5m2, saturates: false),
      [Tensor(TensorType(.i32, [2]), numbers: [70000, -70000])],
      gives: [Tensor(TensorType(.f8e5m2, [2]), TensorData([0x7c, 0xfc] as [UInt8]))]),
    // 2⁶³ + 2³⁹ lies halfway between two floats, and 1 more is nearer to the upper one.
    Example(
      Cast(element: .f32),
      [
        Tensor(
          TensorType(.u64, [2]), TensorData([1 << 63, 1 << 63 + 1 << 39 + 1] as [UInt64]))
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0x1p63, 0x1.000002p63])]),
    Example(
      Cast(element: .i32),
      [Tensor(TensorType(.f32, [3]), numbers: [1.9, -1.9, 3e10])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [1, -1, 2_147_483_647])]),
  ]
}

extension ElementType {
  /// The bits of infinity, or of a NaN where there is none, for a number that rounds to more than an 8-bit float can hold;
  /// nil if it does not, or for other types.
  fileprivate func bitsBeyondRange(_ number: Double) -> UInt8? {
    let sign: UInt8 = number.sign == .minus ? 0x80 : 0
    switch self {
    // Halfway to what would come next, ties go to the even one.
    case .f8e4m3: return abs(number) > 464 ? sign | 0x7f : nil
    case .f8e5m2: return abs(number) >= 61440 ? sign | 0x7c : nil
    default: return nil
    }
  }
}
