import GraphIR
import Support
import Tensors

/// Zeros, but for the operand's elements, each put where its place says; of several for one place the last stays. A place
/// outside is taken for the nearest inside.
///
/// Operands: elements, and their places of `i32` or `i64`, counted through the whole result.
///
/// ONNX: `MaxUnpool`.
public struct MaxUnpool: Operator {
  public static let name = "max_unpool"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The extents of the result.
  public var shape: [Int]

  public init() { self.init(shape: [1]) }

  /// - Parameter shape: positive extents.
  public init(shape: [Int]) { self.shape = shape }

  /// The element type with the attribute's extents.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    try ElementChecks.shape(operands, 1, operands[0].shape, Self.name)
    guard let shape = Shape(checkingPositive: shape) else { throw Diagnostic(.badShape(shape)) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (count, room) = (site.operands[0].elementCount, site.results[0].elementCount)
    let width = site.operands[0].element.bitWidth / 8
    let reader = IndexReader(site.operands[1])
    let zero = Pad.stored(0, as: site.results[0])
    return Kernel { operands, results, _ in
      for start in stride(from: 0, to: results[0].count, by: width) {
        UnsafeMutableRawBufferPointer(rebasing: results[0][start..<start + width])
          .copyBytes(from: zero)
      }
      for index in 0..<count {
        let place = reader.index(operands[1], at: index, among: room)
        results[0].copy(width, of: operands[0], from: index * width, to: place * width)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      MaxUnpool(shape: [1, 1, 2, 3]),
      [
        Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [7, 8]),
        Tensor(TensorType(.i64, [1, 1, 1, 2]), numbers: [4, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 3]), numbers: [8, 0, 0, 0, 7, 0])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badShape(_ shape: [Int]) -> Self {
    Self(id: "bad-unpool", .malformed, "`max_unpool` to \(shape) cannot be")
  }
}
