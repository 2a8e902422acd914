import GraphIR
import ONNXSchema
import Tensors

/// In which order of axes nodes are computed that can be so in any.
extension ONNXGraphWriter {
  /// Writes a function of elements, its operands broadcast, in the order in which they are there already.
  ///
  /// - Parameter isStored: whether it is about numbers as they are stored.
  mutating func elementwise(
    _ site: ONNXSite, ofStored isStored: Bool = false,
    _ body: (inout ONNXFile, [String]) throws -> String
  ) throws {
    let order = commonOrder(site.operands, rank: site.resultTypes[0].shape.rank)
    let names = try site.operands.map { try aligned($0, order, isStored: isStored) }
    let name = try body(&file, names)
    if isStored {
      defineStored(site.results[0], order, as: name)
    } else {
      define(site.results[0], order, as: name)
    }
  }

  /// The order in which most operands stand in the file.
  ///
  /// - Parameter rank: of the result; operands with fewer axes are broadcast to it.
  func commonOrder(_ operands: [ValueID], rank: Int) -> AxisOrder {
    let small = operands.filter { type(of: $0).shape.rank < rank }
    let full = operands.filter {
      type(of: $0).shape.rank == rank && !graph.isConstant($0) && !weights.contains($0)
    }
    let orders = AxisOrder.common(rank).filter { $0.isPlain || small.allSatisfy(canBeAligned) }
    let counts = orders.map { order in full.count { has(ValueForm($0, order)) } }
    // The first of equal ones, which is that of the graph.
    let best = orders.indices.first { counts[$0] == counts.max() }
    return best.map { orders[$0] } ?? .plain(rank)
  }

  /// Whether a value with fewer axes than others can go along with them in any order.
  private func canBeAligned(_ value: ValueID) -> Bool {
    type(of: value).shape.extents.count { $0 != 1 } < 2
      || graph.constantData(value) != nil && !isQuantized(value)
  }

  /// An operand as it broadcasts to a result in this order.
  private mutating func aligned(
    _ value: ValueID, _ order: AxisOrder, isStored: Bool
  ) throws -> String {
    let (shape, rank) = (type(of: value).shape, order.axes.count)
    if shape.rank == rank { return try isStored ? stored(value, order) : real(value, order) }
    let plain = plainOrder(value)
    if order.isPlain || shape.elementCount == 1 {
      return try isStored ? stored(value, plain) : real(value, plain)
    }
    let extents = Array(repeating: 1, count: rank - shape.rank) + shape.extents
    guard let data = graph.constantData(value), !isQuantized(value) else {
      let name = try isStored ? stored(value, plain) : real(value, plain)
      return file.reshape(name, order.arranged(extents))
    }
    let tensor = Tensor(type(of: value).with(shape: Shape(extents)), data)
    let name = file.claim(graph.values[value].name)
    file.add(tensor, order, as: name)
    return name
  }

  /// The elements of a value, real or stored, in any order that has them one behind the other as the graph's own.
  mutating func inRow(_ value: ValueID, isReal: Bool) throws -> String {
    try name(of: rowForm(value, isReal: isReal))
  }

  /// The real numbers of a value in another shape.
  ///
  /// What is dequantized is so behind the change of shape: ONNX Runtime 1.31 quantizes results of a `Reshape` again, and
  /// in files of version 21 with a zero point of another type than it says.
  mutating func reshaped(_ value: ValueID, _ extents: [Int]) throws -> String {
    let form = rowForm(value, isReal: isQuantized(value)).source(in: graph)
    let type = type(of: form.value)
    guard form.isReal, !graph.isConstant(form.value), let quantization = type.quantization,
      quantization.isPerTensor
    else { return file.reshape(try name(of: form), extents) }
    let stored = file.reshape(try name(of: ValueForm(form.value, form.order)), extents)
    return file.dequantize(stored, type.element, ONNXScales(quantization, .plain(extents.count)))
  }

  private func rowForm(_ value: ValueID, isReal: Bool) -> ValueForm {
    let shape = type(of: value).shape
    let order = AxisOrder.common(shape.rank).first { order in
      let long = order.axes.filter { shape[$0] != 1 }
      return long == long.sorted() && has(ValueForm(value, order))
    }
    return ValueForm(value, order ?? .plain(shape.rank), isReal: isReal)
  }

  /// Writes what moves elements, as they are stored where that is possible, and else as real numbers.
  ///
  /// - Parameters:
  ///   - order: of operands and results; left out, that in which operands are there.
  ///   - movesStored: whether to leave scales aside; left out, where they are all the same.
  ///   - body: gives the results, for operands of all but the first that `count` leaves out.
  mutating func moving(
    _ site: ONNXSite, in order: AxisOrder? = nil, operands count: Int? = nil,
    movesStored: Bool? = nil, _ body: (inout ONNXFile, [String], AxisOrder) throws -> [String]
  ) throws {
    let operands = Array(site.operands.prefix(count ?? site.operands.count))
    let movesStored = movesStored ?? site.movesStored(Array(operands.indices))
    let rank = site.shape(0).rank
    let order = order ?? commonOrder(operands, rank: rank)
    let names = try operands.map { operand in
      movesStored ? try stored(operand, order) : try real(operand, order)
    }
    for (result, name) in zip(site.results, try body(&file, names, order)) {
      let own = type(of: result).shape.rank == rank ? order : plainOrder(result)
      if movesStored { defineStored(result, own, as: name) } else { define(result, own, as: name) }
    }
  }
}
