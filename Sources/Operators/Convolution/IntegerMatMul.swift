import GraphIR
import Support
import Tensors

/// Sums of products of bytes, `y[…, m, n] = Σ (a[…, m, k] − p[m]) · (b[…, k, n] − q[n])`, the axes in front broadcast as NumPy
/// has it.
///
/// Operands: a and b, of `i8` or `u8` elements each, and their zero points p and q of the same types: a single one, one
/// for each row of a or column of b, or one for each row or column of each matrix. The result is `i32`; sums wrap.
///
/// ONNX: `MatMulInteger`.
public struct IntegerMatMul: Operator {
  public static let name = "integer_matmul"
  public static let elements: [ElementType] = [.i8, .u8]

  public init() {}

  /// The broadcast axes in front, then `m` and `n`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 4...4, Self.name)
    let (a, b) = (operands[0].shape, operands[1].shape)
    guard a.rank >= 2, b.rank >= 2, a[a.rank - 1] == b[b.rank - 2] else {
      throw Diagnostic(.matrices(a, b))
    }
    let matrices = try Broadcast.shape(
      Shape(Array(a.extents.dropLast(2))), Shape(Array(b.extents.dropLast(2))), Self.name)
    return [TensorType(.i32, Shape(matrices.extents + [a[a.rank - 2], b[b.rank - 1]]))]
  }

  /// Zero points are as many as there can be, and bytes of the same sign as what they belong to.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    for index in 0..<2 {
      let (matrix, points) = (operands[index], operands[index + 2])
      try ElementChecks.sameElements([matrix, points], Self.elements, Self.name)
      let counts = vectorCounts(matrix, isFirst: index == 0)
      guard counts.contains(points.elementCount) else {
        throw Diagnostic(.zeroPoints(index + 2, found: points.elementCount, counts))
      }
    }
  }

  /// One; the rows of a, or columns of b; and those of all matrices.
  private func vectorCounts(_ matrix: TensorType, isFirst: Bool) -> [Int] {
    let (rank, count) = (matrix.shape.rank, matrix.elementCount)
    let (rows, columns) = (matrix.shape[rank - 2], matrix.shape[rank - 1])
    return isFirst ? [1, rows, count / columns] : [1, columns, count / rows]
  }

  public func kernel(for site: Site) throws -> Kernel {
    let product = ByteProduct(site)
    let ready = site.constants[1].map { product.matrices($0.bytes) }
    return Kernel { operands, results, workers in
      let matrices = ready ?? product.matrices(operands[1])
      product.run(operands, matrices, results[0].pointer(to: Int32.self), workers)
    }
  }

  /// `elements of the result · k` multiply-accumulates.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(macs: Work.product(results[0].elementCount, operands[0].shape[operands[0].shape.rank - 1]))
  }

  public static let examples = [
    Example(
      IntegerMatMul(),
      [
        Tensor(TensorType(.u8, [2, 2]), numbers: [200, 3, 7, 255]),
        Tensor(TensorType(.i8, [2, 2]), numbers: [-1, 5, 100, -128]),
        Tensor(TensorType(.u8, []), numbers: [12]),
        Tensor(TensorType(.i8, []), numbers: [0]),
      ],
      gives: [Tensor(TensorType(.i32, [2, 2]), numbers: [-1088, 2092, 24305, -31129])]),
    // A zero point for each row and each column.
    Example(
      IntegerMatMul(),
      [
        Tensor(TensorType(.i8, [2, 1]), numbers: [3, 4]),
        Tensor(TensorType(.u8, [2, 1, 2]), numbers: [10, 20, 30, 40]),
        Tensor(TensorType(.i8, [2]), numbers: [1, -1]),
        Tensor(TensorType(.u8, [2]), numbers: [5, 0]),
      ],
      gives: [Tensor(TensorType(.i32, [2, 2, 2]), numbers: [10, 40, 25, 100, 50, 80, 125, 200])]),
  ]
}

/// The products of all matrices of one place in a graph.
private struct ByteProduct: Sendable {
  private let rows: Int
  private let depth: Int
  private let columns: Int
  private let matrixCount: Int
  private let offsets: (first: [Int], second: [Int])
  private let bytes: (first: SignedBytes, second: SignedBytes)

  init(_ site: Site) {
    let (a, result) = (site.operands[0].shape, site.results[0].shape)
    (rows, columns) = (result[result.rank - 2], result[result.rank - 1])
    depth = a[a.rank - 1]
    let outer = (site.operands.prefix(2) + site.results).map {
      Shape(Array($0.shape.extents.dropLast(2)))
    }
    matrixCount = outer[2].elementCount
    offsets = (
      Broadcast.offsets(Broadcast.view(outer[0], as: outer[2])),
      Broadcast.offsets(Broadcast.view(outer[1], as: outer[2]))
    )
    bytes = (SignedBytes(site.operands[0]), SignedBytes(site.operands[1]))
  }

  /// Those of b, packed.
  func matrices(_ b: UnsafeRawBufferPointer) -> [ByteMatrix] {
    bytes.second.with(b) { elements in
      stride(from: 0, to: b.count, by: depth * columns).map {
        ByteMatrix(elements + $0, depth: depth, columns: columns)
      }
    }
  }

  func run(
    _ operands: [UnsafeRawBufferPointer], _ matrices: [ByteMatrix],
    _ y: UnsafeMutablePointer<Int32>, _ workers: Workers
  ) {
    let p = bytes.first.zeroPoints(operands[2])
    let q = bytes.second.zeroPoints(operands[3])
    let result = Shared(y)
    bytes.first.with(operands[0]) { elements in
      let a = Shared(elements)
      workers.split(matrixCount, grain: max(1, (1 << 20) / (rows * depth * columns))) { part in
        for matrix in part {
          multiply(
            a.pointer + offsets.first[matrix] * rows * depth, matrices[offsets.second[matrix]],
            points(p, offsets.first[matrix], rows), points(q, offsets.second[matrix], columns),
            into: result.pointer + matrix * rows * columns)
        }
      }
    }
  }

  /// The zero points of one matrix, one for each of `count` rows or columns.
  private func points(_ all: [Int32], _ matrix: Int, _ count: Int) -> [Int32] {
    (0..<count).map { all.count == 1 ? all[0] : all[all.count == count ? $0 : matrix * count + $0] }
  }

  /// `Σ a · b`, from which `p · Σ b`, and `q · Σ (a − p)` are taken.
  private func multiply(
    _ a: UnsafePointer<Int8>, _ matrix: ByteMatrix, _ p: [Int32], _ q: [Int32],
    into y: UnsafeMutablePointer<Int32>
  ) {
    matrix.multiply(a, rows: rows, into: y)
    for row in 0..<rows {
      let sum = (0..<depth).reduce(Int32(0)) { $0 &+ Int32(a[row * depth + $1]) }
      let centered = sum &- Int32(truncatingIfNeeded: depth) &* p[row]
      let result = y + row * columns
      for column in 0..<columns {
        result[column] &-= p[row] &* matrix.columnSums[column] &+ q[column] &* centered
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func matrices(_ a: Shape, _ b: Shape) -> Self {
    Self(
      id: "matrices-do-not-fit", .malformed,
      "`integer_matmul` has operands of shapes \(a) and \(b), which cannot be multiplied")
  }

  fileprivate static func zeroPoints(_ operand: Int, found: Int, _ expected: [Int]) -> Self {
    let list = Set(expected).sorted().map(String.init).joined(separator: " or ")
    return Self(
      id: "zero-point-count", .malformed,
      "operand \(operand) of `integer_matmul` has \(found) zero points, expected \(list)")
  }
}
