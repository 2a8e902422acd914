import Tensors

/// The slices of a tensor along an axis that differ from each other.
struct ONNXUniqueSlices {
  /// Where each of them occurs first.
  private(set) var firsts: [Int] = []
  /// For each slice of the tensor which of them it equals.
  private(set) var inverse: [Int] = []
  /// How often each of them occurs.
  private(set) var counts: [Int] = []

  /// - Parameter isSorted: whether they are in rising order, instead of that in which they occur.
  init(of tensor: Tensor, along axis: Int, isSorted: Bool) {
    let slices = Self.slices(of: tensor, along: axis)
    var numbers: [[Int]: Int] = [:]
    for (index, slice) in slices.enumerated() {
      let number = numbers[slice] ?? firsts.count
      if number == firsts.count {
        numbers[slice] = number
        firsts.append(index)
        counts.append(0)
      }
      counts[number] += 1
      inverse.append(number)
    }
    if isSorted { sort(slices) }
  }

  private mutating func sort(_ slices: [[Int]]) {
    let order = firsts.indices.sorted {
      slices[firsts[$0]].lexicographicallyPrecedes(slices[firsts[$1]])
    }
    var ranks = order
    for (rank, number) in order.enumerated() { ranks[number] = rank }
    firsts = order.map { firsts[$0] }
    counts = order.map { counts[$0] }
    inverse = inverse.map { ranks[$0] }
  }

  /// The elements of each slice in row-major order, as integers that are ordered like them.
  private static func slices(of tensor: Tensor, along axis: Int) -> [[Int]] {
    let shape = tensor.type.shape
    let keys = keys(of: tensor)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let outer = shape.extents[..<axis].reduce(1, *)
    return (0..<shape[axis]).map { index in
      (0..<outer).flatMap { row in
        let start = (row * shape[axis] + index) * inner
        return keys[start..<start + inner]
      }
    }
  }

  private static func keys(of tensor: Tensor) -> [Int] {
    let element = tensor.type.element
    guard element.isFloat else {
      // Bits of unsigned numbers are ordered like signed ones once the highest is flipped.
      let flip = element == .u64 ? Int.min : 0
      return (0..<tensor.type.elementCount).map {
        element.loadInteger(from: tensor.data.bytes, at: $0) ^ flip
      }
    }
    return tensor.storedNumbers.map(key)
  }

  /// Both zeros are one number, and all NaNs are one behind the others.
  private static func key(_ number: Double) -> Int {
    guard !number.isNaN else { return .max }
    let bits = Int(bitPattern: UInt(number == 0 ? 0 : number.bitPattern))
    return bits < 0 ? bits ^ .max : bits
  }
}
