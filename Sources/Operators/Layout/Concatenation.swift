import GraphIR
import Support
import Tensors

/// Operands one behind the other along an axis. They agree in all other extents, and are quantized alike, or are bytes of
/// one scale each that are brought to the result's. 16-bit numbers are joined as they are stored, whatever their scales:
/// so LiteRT has it.
public struct Concatenation: Operator {
  public static let name = "concatenation"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The axis along which extents add up; a negative one counts from the back.
  public var axis: Int

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1.
  public init(axis: Int) { self.axis = axis }

  /// The first operand's extents, but along the axis the sum of all; at most 4096 operands.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...4096, Self.name)
    let first = operands[0]
    let axis = try ElementChecks.axis(axis, rank: first.shape.rank, Self.name)
    var extents = first.shape.extents
    extents[axis] = operands.reduce(0) { $0 + (axis < $1.shape.rank ? $1.shape[axis] : 0) }
    for (index, operand) in operands.enumerated() {
      var expected = extents
      if axis < operand.shape.rank { expected[axis] = operand.shape[axis] }
      try ElementChecks.shape(operands, index, Shape(expected), Self.name)
    }
    guard operands.allSatisfy({ $0.element == first.element }) else {
      throw Diagnostic(.mixedElements(operands.map(\.element)))
    }
    return [TensorType(first.element, Shape(extents), first.quantization)]
  }

  /// Operands and result are quantized alike, unless they are bytes or numbers of 16 bits.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(results[0], Self.name)
    guard results[0].element != .i16 else { return }
    for operand in operands where !Self.canRescale(operand, results[0]) {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  private static func canRescale(_ operand: TensorType, _ result: TensorType) -> Bool {
    let isByte = operand.element == .i8 || operand.element == .u8
    let scales = [operand.quantization, result.quantization]
    return isByte && scales.allSatisfy { $0?.isPerTensor ?? false }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.results[0].shape
    let axis = try ElementChecks.axis(axis, rank: shape.rank, Self.name)
    let width = site.results[0].element.bitWidth / 8
    let outer = shape.extents[..<axis].reduce(1, *)
    let chunks = site.operands.map { $0.shape.extents[axis...].reduce(width, *) }
    let kernel = Kernel { operands, results, _ in
      var position = 0
      for row in 0..<outer {
        for (operand, bytes) in zip(operands, chunks) {
          UnsafeMutableRawBufferPointer(rebasing: results[0][position..<position + bytes])
            .copyMemory(
              from: UnsafeRawBufferPointer(rebasing: operand[row * bytes..<(row + 1) * bytes]))
          position += bytes
        }
      }
    }
    return site.operands.indices.reduce(kernel) { kernel, index in
      guard let table = Self.table(site.operands[index], site.results[0]) else { return kernel }
      return kernel.converting(index, of: site) { bytes in TensorData(bytes.map { table[Int($0)] })
      }
    }
  }

  /// The result's byte for each of an operand's; nil if they are quantized alike.
  ///
  /// Source: `ConcatenationWithScaling` of the TFLite reference kernels.
  private static func table(_ operand: TensorType, _ result: TensorType) -> [UInt8]? {
    guard operand.element != .i16, let from = operand.quantization,
      let to = result.quantization, from != to, let limits = result.element.integerRange
    else { return nil }
    let scale = from.scale * (1 / to.scale)
    let bias = -Float(from.zeroPoint) * scale
    return (0...255).map { byte in
      let stored = operand.element == .u8 ? byte : Int(Int8(truncatingIfNeeded: byte))
      let steps = (Float(stored) * scale + bias).rounded(.toNearestOrAwayFromZero)
      // No number where the quotient of the scales is infinite.
      let moved = steps.isNaN ? to.zeroPoint : Int(min(max(steps, -0x1p30), 0x1p30)) + to.zeroPoint
      return UInt8(truncatingIfNeeded: min(max(moved, limits.lowerBound), limits.upperBound))
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Concatenation(axis: -1),
      [
        Tensor(TensorType(.i8, [2, 1]), numbers: [1, 2]),
        Tensor(TensorType(.i8, [2, 2]), numbers: [3, 4, 5, 6]),
      ],
      gives: [Tensor(TensorType(.i8, [2, 3]), numbers: [1, 3, 4, 2, 5, 6])]),
    Example(
      Concatenation(axis: 0),
      [
        Tensor(TensorType(.u8, [1], Quantization(scale: 1, zeroPoint: 100)), numbers: [103]),
        Tensor(TensorType(.u8, [1], Quantization(scale: 0.5)), numbers: [7]),
      ],
      gives: [Tensor(TensorType(.u8, [2], Quantization(scale: 0.5)), numbers: [6, 7])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func mixedElements(_ found: [ElementType]) -> Self {
    let list = found.map(\.rawValue).joined(separator: ", ")
    return Self(
      id: "mixed-elements", .malformed, "operands of `concatenation` have element types \(list)")
  }
}
