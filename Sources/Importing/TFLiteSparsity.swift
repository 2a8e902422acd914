import Support
import TFLiteSchema
import Tensors

/// Where the elements of a sparse constant belong: a tree with a level for each axis, whose leaves are the elements in
/// the order in which they are stored.
///
/// The last levels may be those of blocks, into which an axis is divided; all elements of a block are stored.
///
/// Source: `SparsityParameters` in the schema of TFLite, and `FormatConverter` of its kernels.
struct TFLiteSparsity {
  private let shape: Shape
  private let levels: [Level]
  /// The number of elements that are stored.
  private let count: Int

  /// One axis of the tree.
  fileprivate struct Level {
    let extent: Int
    /// The distance of neighbours in the dense tensor, in elements.
    let stride: Int
    /// Which indices occur; nil if all do.
    var places: Places?
  }

  /// The indices that occur below node `n` of the level above: those at `starts[n]..<starts[n + 1]`.
  fileprivate struct Places {
    let starts: [Int]
    let indices: [Int]
  }

  /// - Throws: a `Diagnostic` if the lists contradict each other or the shape.
  init(_ table: tflite_table, of shape: Shape) throws {
    self.shape = shape
    var levels = try Self.levels(table, of: shape)
    var count = 1
    for index in levels.indices {
      let dimension = tflite_element(table, "dim_metadata", index)
      if tflite_int(dimension, "format") == 0 {
        guard tflite_int(dimension, "dense_size") == levels[index].extent else {
          throw Diagnostic(.badSparsity("a dense axis has another extent than the tensor"))
        }
        count *= levels[index].extent
      } else {
        let places = Places(
          starts: Self.list(dimension, "array_segments"),
          indices: Self.list(dimension, "array_indices"))
        guard places.fit(nodes: count, extent: levels[index].extent) else {
          throw Diagnostic(.badSparsity("the segments and indices of an axis do not fit"))
        }
        levels[index].places = places
        count = places.indices.count
      }
    }
    self.levels = levels
    self.count = count
  }

  /// The dense elements, with zeros where nothing is stored.
  ///
  /// - Throws: a `Diagnostic` if there are more or fewer elements than the tree has leaves.
  func expanded(_ bytes: UnsafeRawBufferPointer, _ element: ElementType) throws -> TensorData {
    let width = element.bitWidth / 8
    guard width > 0, bytes.count == count * width else {
      throw Diagnostic(.storedCount(bytes.count, count, element))
    }
    let byteCount = shape.elementCount * width
    try MemoryLimit.check(
      byteCount, for: "the elements of a sparse constant", help: "give it fewer elements")
    return TensorData(byteCount: byteCount) { memory in
      var position = 0
      visit(0, node: 0, offset: 0) { offset in
        for byte in 0..<width { memory[offset * width + byte] = bytes[position + byte] }
        position += width
      }
    }
  }

  /// Calls `body` with the place of each leaf in the dense tensor.
  private func visit(_ level: Int, node: Int, offset: Int, _ body: (Int) -> Void) {
    guard level < levels.count else { return body(offset) }
    let axis = levels[level]
    guard let places = axis.places else {
      for index in 0..<axis.extent {
        visit(
          level + 1, node: node * axis.extent + index, offset: offset + index * axis.stride, body)
      }
      return
    }
    for place in places.starts[node]..<places.starts[node + 1] {
      visit(level + 1, node: place, offset: offset + places.indices[place] * axis.stride, body)
    }
  }
}

extension TFLiteSparsity {
  private static let maximumLevels = 16

  /// The axes of the tensor in the order of the tree, and behind them those of the blocks.
  private static func levels(_ table: tflite_table, of shape: Shape) throws -> [Level] {
    let order = integers(table, "traversal_order")
    let blockAxes = integers(table, "block_map")
    guard order.count == shape.rank + blockAxes.count, order.count <= maximumLevels,
      order.count == tflite_count(table, "dim_metadata"),
      order.prefix(shape.rank).sorted() == Array(0..<shape.rank),
      order.sorted() == Array(order.indices), Set(blockAxes).count == blockAxes.count,
      blockAxes.allSatisfy(shape.extents.indices.contains)
    else { throw Diagnostic(.badSparsity("its axes are no permutation of the tensor's")) }
    let blocks = try blockSizes(table, order, blockAxes, shape)
    return order.map { number in
      guard number < shape.rank else {
        let axis = blockAxes[number - shape.rank]
        return Level(extent: blocks[axis], stride: shape.strides[axis])
      }
      return Level(
        extent: shape[number] / blocks[number], stride: shape.strides[number] * blocks[number])
    }
  }

  /// For each axis of the tensor, the extent of the blocks into which it is divided; 1 if it is not.
  private static func blockSizes(
    _ table: tflite_table, _ order: [Int], _ blockAxes: [Int], _ shape: Shape
  ) throws -> [Int] {
    var sizes = Array(repeating: 1, count: shape.rank)
    for (level, number) in order.enumerated() where number >= shape.rank {
      let size = Int(tflite_int(tflite_element(table, "dim_metadata", level), "dense_size"))
      let axis = blockAxes[number - shape.rank]
      guard size > 0, shape[axis] % size == 0 else {
        throw Diagnostic(
          .badSparsity("blocks of \(size) do not divide an extent of \(shape[axis])"))
      }
      sizes[axis] = size
    }
    return sizes
  }

  private static func integers(_ table: tflite_table, _ field: String) -> [Int] {
    (0..<tflite_count(table, field)).map { Int(tflite_int_element(table, field, $0)) }
  }

  /// The numbers of a list whose elements may be of any width; none if the file does not have it.
  private static func list(_ dimension: tflite_table, _ field: String) -> [Int] {
    let table = tflite_child(dimension, field)
    return table.data == nil ? [] : integers(table, "values")
  }
}

extension TFLiteSparsity.Places {
  /// Whether each node has a range of indices, which rise and lie within the extent, and every index has a node.
  fileprivate func fit(nodes: Int, extent: Int) -> Bool {
    guard starts.count == nodes + 1, starts.first == 0, starts.last == indices.count,
      zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return false }
    return (0..<nodes).allSatisfy { node in
      let list = indices[starts[node]..<starts[node + 1]]
      return list.allSatisfy((0..<extent).contains) && zip(list, list.dropFirst()).allSatisfy(<)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badSparsity(_ problem: String) -> Self {
    Self(id: "bad-sparsity", .malformed, "the tensor's sparsity cannot be: \(problem)")
  }

  fileprivate static func storedCount(_ found: Int, _ count: Int, _ element: ElementType) -> Self {
    Self(
      id: "bad-sparsity", .malformed,
      "the tensor's sparsity names \(count) elements of `\(element.rawValue)`, "
        + "its buffer has \(found) bytes")
  }
}
