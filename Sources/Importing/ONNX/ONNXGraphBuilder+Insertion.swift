import GraphIR
import Operators
import Support
import Tensors

extension ONNXGraphBuilder {
  /// Inserts a node and gives its results; what can be computed now becomes constants.
  ///
  /// Where the operator has no form for elements of some type, operands are converted to a wider one that it takes, and
  /// results converted back.
  ///
  /// - Parameter results: the types of the results; left out, those that the operator infers.
  mutating func insert(
    _ op: any Operator, _ operands: [ValueID], results: [TensorType]? = nil
  ) throws -> [ValueID] {
    let types = operands.map(type)
    do {
      _ = try op.checkedResultTypes(of: types, declared: results)
    } catch {
      guard let promoted = try insertPromoted(op, operands, results) else { throw error }
      return promoted
    }
    guard let tensors = try folded(op, operands, results) else {
      return try graph.insert(op, operands, results: results)
    }
    guard isAboutIntegers(op, operands) else { return tensors.map { constant($0) } }
    let values = try graph.insert(op, operands, results: results)
    for (value, tensor) in zip(values, tensors) { dequantizedConstants[value] = tensor }
    return values
  }

  /// Whether a node of constants is kept: a pass may want the integers that are dequantized, not what becomes of them.
  private func isAboutIntegers(_ op: any Operator, _ operands: [ValueID]) -> Bool {
    // Within nodes no pass looks.
    guard captures == nil else { return false }
    return op is Dequantize
      || (op is Transpose || op is Reshape) && dequantizedConstants[operands[0]] != nil
  }

  /// Inserts a node with one result.
  mutating func apply(_ op: any Operator, _ operands: ValueID...) throws -> ValueID {
    try insert(op, operands)[0]
  }

  /// As `apply`, with the operands in a list and the type of the result.
  mutating func apply(
    _ op: any Operator, _ operands: [ValueID], result: TensorType? = nil
  ) throws -> ValueID {
    try insert(op, operands, results: result.map { [$0] })[0]
  }

  mutating func constant(_ tensor: Tensor) -> ValueID {
    graph.addConstant("\(graph.values.count)", tensor.type, tensor.data)
  }

  /// A constant of zeros.
  ///
  /// - Throws: a `Diagnostic` if there is not as much memory.
  mutating func zeros(_ type: TensorType) throws -> ValueID {
    try budget.take(byteCount: type.byteCount)
    return constant(Tensor(type, TensorData(byteCount: type.byteCount) { _ in }))
  }

  /// A constant of rank 0.
  mutating func scalar(_ number: Double, _ element: ElementType) -> ValueID {
    constant(Tensor(TensorType(element, []), numbers: [number]))
  }

  /// A constant list of integers.
  mutating func integers(_ numbers: [Int]) -> ValueID {
    constant(Tensor(TensorType(.i64, [numbers.count]), TensorData(numbers)))
  }

  /// The same numbers in another element type.
  ///
  /// - Parameter saturates: whether floats of 8 bits are limited to their range; plays no part for others.
  mutating func cast(
    _ value: ValueID, to element: ElementType, saturates: Bool = true
  ) throws -> ValueID {
    guard self.element(value) != element else { return value }
    // Other types have no numbers but their own to put in the place of those beyond their range.
    let isSmall = [.f8e4m3, .f8e5m2].contains(element)
    return try apply(Cast(element: element, saturates: saturates || !isSmall), value)
  }

  mutating func reshape(_ value: ValueID, _ extents: [Int]) throws -> ValueID {
    shape(value).extents == extents ? value : try apply(Reshape(shape: extents), value)
  }

  /// What a node of its own computes: the same value.
  mutating func copy(of value: ValueID) throws -> ValueID {
    try graph.insert(Reshape(shape: shape(value).extents), [value], results: [type(value)])[0]
  }

  mutating func transpose(_ value: ValueID, _ permutation: [Int]) throws -> ValueID {
    if permutation == Array(permutation.indices) { return value }
    // What converters move to and fro stays where it was.
    if let producer = graph.producer(of: value),
      let inner = graph.op(producer, as: Transpose.self),
      permutation.map({ inner.permutation[$0] }) == Array(permutation.indices)
    {
      return graph.input(of: producer)
    }
    return try apply(Transpose(permutation: permutation), value)
  }

  /// Batch, channels, and then the axes of the image, with the channels moved behind them.
  mutating func channelsLast(_ value: ValueID) throws -> ValueID {
    let rank = shape(value).rank
    guard rank > 2 else { return value }
    return try transpose(value, [0] + Array(2..<rank) + [1])
  }

  /// The inverse of `channelsLast`.
  mutating func channelsFirst(_ value: ValueID) throws -> ValueID {
    let rank = shape(value).rank
    guard rank > 2 else { return value }
    return try transpose(value, [0, rank - 1] + Array(1..<rank - 1))
  }
}

extension ONNXGraphBuilder {
  /// The results, where all operands are constant, and it is not too much to compute here.
  private func folded(
    _ op: any Operator, _ operands: [ValueID], _ results: [TensorType]?
  ) throws -> [Tensor]? {
    let tensors = operands.compactMap(tensor)
    guard tensors.count == operands.count else { return nil }
    let types = try results ?? op.resultTypes(tensors.map(\.type))
    let work = op.work(tensors.map(\.type), types)
    guard try budget.takes(work, byteCounts: types.map(\.byteCount)) else { return nil }
    return try op.evaluate(tensors, results: results)
  }

  /// The node on wider elements, between conversions; nil if the operator takes no wider ones either.
  private mutating func insertPromoted(
    _ op: any Operator, _ operands: [ValueID], _ results: [TensorType]?
  ) throws -> [ValueID]? {
    let found = operands.map(element)
    for narrow in found.indices.filter({ found.firstIndex(of: found[$0]) == $0 }).map({ found[$0] })
    {
      for wide in Self.promotions(of: narrow) {
        let types = operands.map { type($0).promoted(narrow, to: wide) }
        let declared = results?.map { $0.promoted(narrow, to: wide) }
        guard (try? op.checkedResultTypes(of: types, declared: declared)) != nil else { continue }
        let widened = try operands.map { element($0) == narrow ? try cast($0, to: wide) : $0 }
        // Places and counts are of the wide type in their own right.
        let own = try? results ?? op.resultTypes(operands.map(type))
        return try insert(op, widened, results: declared).enumerated().map { position, result in
          let isOwn = own.map { $0[position].element == wide } ?? false
          return element(result) == wide && !isOwn ? try cast(result, to: narrow) : result
        }
      }
    }
    return nil
  }

  /// The types that hold all numbers of `element`, or for 64 bits the nearest to them, best first.
  private static func promotions(of element: ElementType) -> [ElementType] {
    switch element {
    case .f16, .bf16, .f8e4m3, .f8e5m2, .f64: [.f32]
    case .i4, .u4, .i8, .u8, .i16, .u16, .bool: [.i32, .i64, .f32]
    case .i32: [.i64, .f32]
    case .u32, .u64: [.i64, .f32]
    case .i64: [.i32, .f32]
    case .f32: []
    }
  }
}

extension TensorType {
  fileprivate func promoted(_ narrow: ElementType, to wide: ElementType) -> TensorType {
    element == narrow ? TensorType(wide, shape) : self
  }
}
