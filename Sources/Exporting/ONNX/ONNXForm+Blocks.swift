import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What arranges images in blocks, and matrices about their diagonals.
  static let blocks: [ONNXForm] = [
    ONNXForm(BatchToSpace.self) { op, site, writer in try writer.gatherBlocks(op, site) },
    ONNXForm(DepthToSpace.self) { op, site, writer in
      try writer.arrange("DepthToSpace", op.blockSize, site)
    },
    ONNXForm(Determinant.self) { _, site, writer in
      let x = try writer.real(site.operands[0])
      let result = site.results[0]
      writer.define(result, writer.plainOrder(result), as: writer.file.add("Det", [x]))
    },
    ONNXForm(MatrixDiagonal.self) { _, site, writer in
      let row = site.shape(0).extents
      let (rank, size, element) = (row.count, row[row.count - 1], site.types[0].element)
      // Zeros are stored ones, whatever the zero point.
      try writer.moving(site, in: .plain(rank), movesStored: true) { file, names, _ in
        let rows = file.reshape(names[0], Array(row.dropLast()) + [1, size])
        let operands = [file.diagonal(size, size), rows, file.scalar(0, element, "zero")]
        return [file.add("Where", operands)]
      }
    },
    ONNXForm(MatrixSetDiagonal.self) { _, site, writer in
      let matrix = Array(site.shape(0).extents.suffix(2))
      let row = site.shape(1).extents
      // Of a wide matrix the diagonal has an element for each row, and stands as a column.
      let isWide = matrix[1] > matrix[0]
      let place = isWide ? row + [1] : row.dropLast() + [1, row[row.count - 1]]
      let diagonal = try writer.stored(site.operands[1])
      try writer.moving(
        site, in: writer.plainOrder(site.operands[0]), operands: 1, movesStored: true
      ) { file, names, _ in
        let mask = file.diagonal(matrix[0], matrix[1])
        return [file.add("Where", [mask, file.reshape(diagonal, place)] + names)]
      }
    },
    ONNXForm(SpaceToBatch.self) { op, site, writer in try writer.divideBlocks(op, site) },
    ONNXForm(SpaceToDepth.self) { op, site, writer in
      try writer.arrange("SpaceToDepth", op.blockSize, site)
    },
    ONNXForm(Triangle.self) { op, site, writer in
      let k = writer.file.scalar(Double(op.diagonal), .i64, "k")
      let order = writer.plainOrder(site.operands[0])
      try writer.moving(site, in: order, movesStored: true) { file, names, _ in
        [file.add("Trilu", names + [k], [.flag("upper", op.isUpper)])]
      }
    },
  ]
}

extension ONNXFile {
  /// Whether an element lies on the diagonal.
  fileprivate mutating func diagonal(_ height: Int, _ width: Int) -> String {
    let numbers = (0..<height).flatMap { row in (0..<width).map { $0 == row ? 1.0 : 0 } }
    return constant(Tensor(TensorType(.bool, [height, width]), numbers: numbers), "diagonal")
  }
}

extension ONNXGraphWriter {
  fileprivate mutating func arrange(_ kind: String, _ block: Int, _ site: ONNXSite) throws {
    let order = AxisOrder.channelsFirst(4)
    let x = try real(site.operands[0], order)
    define(site.results[0], order, as: file.add(kind, [x], [.integer("blocksize", block)]))
  }

  /// Pads; gives each axis one more, for the place within a block; and moves these to the front.
  fileprivate mutating func divideBlocks(_ op: SpaceToBatch, _ site: ONNXSite) throws {
    let extents = site.shape(0).extents
    let (count, rank) = (op.block.count, extents.count)
    let rest = Array(repeating: 0, count: rank - 1 - count)
    let before = [0] + op.before + rest
    let after = [0] + op.after + rest
    let zero = file.scalar(0, site.realElement(0), "zero")
    let padded = file.add(
      "Pad", [try real(site.operands[0]), file.integers(before + after, "pads"), zero])
    let whole = extents.indices.map { extents[$0] + before[$0] + after[$0] }
    let blocks = (0..<count).flatMap { [whole[$0 + 1] / op.block[$0], op.block[$0]] }
    let apart = file.reshape(padded, [whole[0]] + blocks + whole[(count + 1)...])
    let places = (0..<count).map { 2 * $0 + 2 }
    let images = [0] + (0..<count).map { 2 * $0 + 1 }
    let behind = Array(2 * count + 1..<rank + count)
    let turned = file.add("Transpose", [apart], [.integers("perm", places + images + behind)])
    let result = site.results[0]
    define(result, plainOrder(result), as: file.reshape(turned, type(of: result).shape.extents))
  }

  /// The inverse: places within blocks, which are in front, go behind their axes.
  fileprivate mutating func gatherBlocks(_ op: BatchToSpace, _ site: ONNXSite) throws {
    let extents = site.shape(0).extents
    let (count, rank) = (op.block.count, extents.count)
    let batches = extents[0] / op.block.reduce(1, *)
    let apart = file.reshape(
      try real(site.operands[0]), op.block + [batches] + extents[1...])
    let axes = (0..<count).flatMap { [count + 1 + $0, $0] }
    let behind = Array(2 * count + 1..<rank + count)
    let turned = file.add("Transpose", [apart], [.integers("perm", [count] + axes + behind)])
    let whole =
      [batches] + (1...count).map { extents[$0] * op.block[$0 - 1] }
      + extents[(count + 1)...]
    let joined = file.reshape(turned, whole)
    let rest = Array(repeating: 0, count: rank - 1 - count)
    let crop = StridedSlice(begin: [0] + op.before + rest, size: site.resultTypes[0].shape.extents)
    define(
      site.results[0], .plain(rank),
      as: file.slice(joined, crop, of: Shape(whole), .plain(rank)))
  }
}
