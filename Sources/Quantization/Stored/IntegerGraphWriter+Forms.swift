import GraphIR
import Operators
import Tensors

extension IntegerGraphWriter {
  /// A value with real numbers.
  mutating func real(_ value: ValueID) throws -> ValueID {
    if let made = plain[value] { return made }
    let old = source.values[value]
    let made: ValueID
    if case .constant(let data) = old.definition {
      made = result.addConstant(old.name, old.type, data, sourceIndex: old.sourceIndex)
    } else {
      guard let stored = integers[value]?.first?.value else {
        preconditionFailure("a value is made before it is read")
      }
      made = try result.insert(Dequantize(), [stored], results: [old.type])[0]
      result.rename(made, old.name + "_dequantized", sourceIndex: nil)
    }
    plain[value] = made
    return made
  }

  /// A value as integers of a type.
  mutating func integer(_ value: ValueID, _ type: TensorType) throws -> ValueID {
    if let made = integers[value]?[type] { return made }
    let made: ValueID
    if let numbers = source.constantNumbers(value) {
      made = constant(value, numbers, type)
    } else {
      let base = try plain[value] ?? integers[value]?.values.min() ?? real(value)
      made = try result.insert(Quantize(element: type.element), [base], results: [type])[0]
      result.rename(made, source.values[value].name + "_quantized", sourceIndex: nil)
    }
    integers[value, default: [:]][type] = made
    return made
  }

  private mutating func constant(
    _ value: ValueID, _ numbers: [Float], _ type: TensorType
  ) -> ValueID {
    guard let quantization = type.quantization, let range = type.element.integerRange else {
      preconditionFailure("stored constants are quantized integers")
    }
    let tensor = Tensor(type, numbers: quantization.stored(numbers, within: range))
    return result.addConstant(
      source.values[value].name, type, tensor.data, sourceIndex: source.values[value].sourceIndex)
  }
}
