import GraphIR
import Operators
import Tensors

/// What rules ask about values and the numbers in them.
extension Graph {
  /// Whether a single node reads a value, once, and nobody outside of the graph sees it.
  package func isReadOnce(_ value: ValueID) -> Bool {
    values[value].uses.count == 1 && !exits.contains(value)
  }

  /// Whether a value holds real numbers in single precision.
  func isReal(_ value: ValueID) -> Bool { values[value].type.element == .f32 }

  /// The elements of a constant of real numbers; nil if it is none, or elided.
  func realNumbers(_ value: ValueID) -> [Float]? {
    guard isReal(value) else { return nil }
    return constantData(value)?.elements(as: Float.self)
  }

  /// The real number that every element of a constant is; nil if there is none such.
  func uniformNumber(_ value: ValueID) -> Float? {
    guard let numbers = realNumbers(value), let first = numbers.first,
      numbers.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }

  /// A constant as one number for each index of a last axis; nil if it differs along others, or has them without need.
  func channelNumbers(_ value: ValueID, count: Int) -> [Float]? {
    guard let numbers = realNumbers(value), numbers.allSatisfy(\.isFinite) else { return nil }
    if numbers.count == 1 { return Array(repeating: numbers[0], count: count) }
    guard numbers.count == count, values[value].type.shape.extents.last == count else { return nil }
    return numbers
  }

  /// The constant operand of a node with two, and the other one; nil if there is none, or the result has not the other's
  /// type.
  func constantAndOther(of id: NodeID) -> (constant: ValueID, other: ValueID, isFirst: Bool)? {
    let inputs = nodes[id].inputs
    guard inputs.count == 2, let position = inputs.firstIndex(where: isConstant),
      case let other = inputs[1 - position], !isConstant(other),
      values[other].type == values[result(of: id)].type
    else { return nil }
    return (inputs[position], other, position == 0)
  }

  /// A constant of real numbers that takes its name from another value.
  mutating func addReal(_ numbers: [Float], _ shape: Shape, like value: ValueID) -> ValueID {
    addConstant(values[value].name, TensorType(.f32, shape), TensorData(numbers))
  }
}

extension Clamp {
  /// Whether real numbers pass as they are.
  var isOpen: Bool { lower ?? -.infinity == -.infinity && upper ?? .infinity == .infinity }
}

extension Operator {
  /// Whether the operator has no activation of its own that would limit its result.
  var isUnlimited: Bool { (self as? any ClampedOperator)?.clamp.isOpen ?? true }
}
