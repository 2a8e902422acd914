import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds pairs of numbers that are turned by angles: as halves side by side, as neighbours, and with full tables of angles.
  public static let recoverRotaryEmbedding = rewrite(
    "recover-rotary-embedding", "find rotary embeddings in products with cosines and sines",
    .approximate("compilers may round sums of two products once"),
    Rule(replacing: Concatenation.self) { graph, id, op in
      try graph.turnedHalves(id, axis: op.axis)
    },
    Rule(replacing: Reshape.self) { graph, id, _ in try graph.turnedNeighbours(id) },
    Rule(replacing: Add.self) { graph, id, op in
      op.clamp.isOpen ? try graph.turnedByTables(id) : nil
    })
}

/// Some indices of the last axis of a value.
private struct RowPart: Equatable {
  let whole: ValueID
  let begin: Int
  let count: Int
  let step: Int
}

/// The angles by which the numbers of a row are turned.
private struct Turn {
  let first: RowPart
  let second: RowPart
  let cosines: ValueID
  let sines: ValueID
}

extension Graph {
  /// Both halves turned, and what is behind them.
  fileprivate mutating func turnedHalves(_ id: NodeID, axis: Int) throws -> ValueID? {
    let (inputs, width) = (nodes[id].inputs, values[result(of: id)].type.shape.extents.last ?? 0)
    var derivation = Derivation(in: self)
    guard axis == -1 || axis == values[result(of: id)].type.shape.rank - 1,
      (2...3).contains(inputs.count), let turn = derivation.turn(inputs[0], inputs[1]),
      case let (x, half) = (turn.first.whole, turn.first.count),
      turn.first == RowPart(whole: x, begin: 0, count: half, step: 1),
      turn.second == RowPart(whole: x, begin: half, count: half, step: 1),
      inputs.count == 3 || 2 * half == width
    else { return nil }
    let rest = RowPart(whole: x, begin: 2 * half, count: width - 2 * half, step: 1)
    if inputs.count == 3, derivation.part(inputs[2]) != rest { return nil }
    return try turned(id, turn, RotaryEmbedding(), derivation)
  }

  /// Neighbours turned, which lie side by side once their own axis is gone.
  fileprivate mutating func turnedNeighbours(_ id: NodeID) throws -> ValueID? {
    var derivation = Derivation(in: self)
    let rank = values[result(of: id)].type.shape.rank
    guard let (pack, inputs) = derivation.node(input(of: id), as: Pack.self), inputs.count == 2,
      pack.axis == rank, values[inputs[0]].type.shape.rank == rank,
      let turn = derivation.turn(inputs[0], inputs[1]),
      case let (x, pairs) = (turn.first.whole, turn.first.count),
      turn.first == RowPart(whole: x, begin: 0, count: pairs, step: 2),
      turn.second == RowPart(whole: x, begin: 1, count: pairs, step: 2)
    else { return nil }
    return try turned(id, turn, RotaryEmbedding(isInterleaved: true), derivation)
  }

  private mutating func turned(
    _ id: NodeID, _ turn: Turn, _ op: RotaryEmbedding, _ derivation: Derivation
  ) throws -> ValueID? {
    guard derivation.isClosed(except: id), haveSameType(turn.first.whole, result(of: id)),
      types(of: [turn.cosines, turn.sines]).map(\.shape).allEqual
    else { return nil }
    return try? insert(op, [turn.first.whole, turn.cosines, turn.sines], before: id)[0]
  }

  /// `x · cosines + [−x₂, x₁] · sines`, where both tables have every angle twice.
  fileprivate mutating func turnedByTables(_ id: NodeID) throws -> ValueID? {
    var derivation = Derivation(in: self)
    guard let found = derivation.tables(id), derivation.isClosed(except: id),
      haveSameType(found.x, result(of: id)),
      types(of: [found.cosines, found.sines]).map(\.shape).allEqual,
      let cosines = halfOfTable(found.cosines), let sines = halfOfTable(found.sines)
    else { return nil }
    return try? insert(RotaryEmbedding(), [found.x, cosines, sines], before: id)[0]
  }

  /// The first half of each row of a constant; nil if the second is another.
  private mutating func halfOfTable(_ value: ValueID) -> ValueID? {
    guard let numbers = realNumbers(value), let width = values[value].type.shape.extents.last,
      width % 2 == 0
    else { return nil }
    let starts = stride(from: 0, to: numbers.count, by: width)
    let halves = starts.map { (numbers[$0..<$0 + width / 2], numbers[$0 + width / 2..<$0 + width]) }
    guard halves.allSatisfy({ $0.0.elementsEqual($0.1) }) else { return nil }
    let shape = Shape(values[value].type.shape.extents.dropLast() + [width / 2])
    return addReal(halves.flatMap { $0.0 }, shape, like: value)
  }
}

extension Derivation {
  /// `cos · x₁ − sin · x₂` and `sin · x₁ + cos · x₂`.
  fileprivate mutating func turn(_ first: ValueID, _ second: ValueID) -> Turn? {
    guard let (_, difference) = node(first, as: Subtract.self),
      let (_, sum) = node(second, as: Add.self),
      let a = scaledPart(difference[0]), let b = scaledPart(difference[1])
    else { return nil }
    let turn = Turn(first: a.part, second: b.part, cosines: a.factor, sines: b.factor)
    let terms = sum.compactMap { scaledPart($0) }
    let isTurned =
      terms.count == 2
      && [terms, terms.reversed()].contains { terms in
        terms[0] == (a.part, b.factor) && terms[1] == (b.part, a.factor)
      }
    return isTurned ? turn : nil
  }

  private mutating func scaledPart(_ value: ValueID) -> (part: RowPart, factor: ValueID)? {
    guard let (_, operands) = node(value, as: Multiply.self) else { return nil }
    for index in 0...1 {
      if let part = part(operands[index]) { return (part, operands[1 - index]) }
    }
    return nil
  }

  /// The value as a part of each row of another.
  fileprivate mutating func part(_ value: ValueID) -> RowPart? {
    guard let id = graph.producer(of: value), let slice = graph.op(id, as: StridedSlice.self),
      case let (whole, extents) = (
        graph.input(of: id), graph.values[graph.input(of: id)].type.shape.extents
      ),
      let begin = slice.begin.last, let count = slice.size.last, let step = slice.step.last,
      slice.size.dropLast() == extents.dropLast(), slice.step.dropLast().allSatisfy({ $0 == 1 })
    else { return nil }
    take(id)
    return RowPart(whole: whole, begin: begin, count: count, step: step)
  }

  /// A value and the tables of `x · cosines + [−x₂, x₁] · sines`.
  fileprivate mutating func tables(_ id: NodeID) -> (x: ValueID, cosines: ValueID, sines: ValueID)?
  {
    for (plain, crossed) in [(0, 1), (1, 0)] {
      var attempt = self
      let inputs = graph.nodes[id].inputs
      guard let (_, straight) = attempt.node(inputs[plain], as: Multiply.self),
        let (_, turned) = attempt.node(inputs[crossed], as: Multiply.self),
        let cosines = straight.first(where: graph.isConstant),
        let sines = turned.first(where: graph.isConstant),
        let x = straight.first(where: { $0 != cosines }),
        let halves = turned.first(where: { $0 != sines }), attempt.isCrossed(halves, of: x)
      else { continue }
      self = attempt
      return (x, cosines, sines)
    }
    return nil
  }

  /// Whether a value is the second half of another's rows with its sign turned, and then the first.
  private mutating func isCrossed(_ value: ValueID, of x: ValueID) -> Bool {
    guard let (op, inputs) = node(value, as: Concatenation.self), inputs.count == 2,
      op.axis == -1 || op.axis == graph.values[x].type.shape.rank - 1,
      let width = graph.values[x].type.shape.extents.last,
      let negated = operand(inputs[0], as: Negate.self)
    else { return false }
    let half = width / 2
    return width % 2 == 0 && part(negated) == RowPart(whole: x, begin: half, count: half, step: 1)
      && part(inputs[1]) == RowPart(whole: x, begin: 0, count: half, step: 1)
  }
}

extension [Shape] {
  fileprivate var allEqual: Bool { allSatisfy { $0 == first } }
}
