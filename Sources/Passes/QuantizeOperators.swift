import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets operators work on the integers that their operands were dequantized from and their result is quantized to, as
  /// integer hardware does.
  ///
  /// Only results whose halves go to even are computed so, which is ONNX's way: models of TFLite dequantize where LiteRT
  /// does compute with real numbers. Results differ by one step at most, where a sum lies at a half.
  public static let quantizeOperators = rewrite(
    "quantize-operators", "compute on integers what is dequantized before and quantized behind",
    .quantizing("a sum that lies at a half may be rounded to the other step"),
    Rule(replacing: Quantize.self) { graph, id, quantize in
      guard quantize.roundsHalfToEven else { return nil }
      // What has no form for such integers stays as it is.
      return try? graph.computedOnIntegers(for: id)
    },
    Rule(replacing: Quantize.self) { graph, id, quantize in
      guard quantize.roundsHalfToEven else { return nil }
      return try? graph.quantizedEarlier(quantize, id)
    })
}

extension Graph {
  /// What the operator in front of a `quantize` gives, computed on integers; nil if it cannot be.
  fileprivate mutating func computedOnIntegers(for id: NodeID) throws -> ValueID? {
    let (value, clamp) = unclamped(input(of: id))
    guard let producer = producer(of: value), nodes[producer].results.count == 1 else { return nil }
    let type = values[result(of: id)].type
    if op(producer, as: Dequantize.self) != nil, clamp == .none {
      return try requantized(input(of: producer), to: type, before: id)
    }
    guard type.isByte, isReadOnlyByQuantize(value) || clamp != .none else { return nil }
    return try integerResult(of: producer, type, clamp, before: id)
  }

  /// A value without the limits that nobody else sees, and these limits together.
  private func unclamped(_ value: ValueID) -> (value: ValueID, clamp: Clamp) {
    var (value, clamp) = (value, Clamp.none)
    while isReadOnce(value), let id = producer(of: value), let limits = nodes[id].op.limits,
      case let both = clamp.intersection(limits), !both.isContradictory,
      isReadOnce(input(of: id))
    {
      (value, clamp) = (input(of: id), both)
    }
    return (value, clamp)
  }

  private func isReadOnlyByQuantize(_ value: ValueID) -> Bool {
    !exits.contains(value)
      && values[value].uses.allSatisfy { op($0.node, as: Quantize.self) != nil }
  }

  /// The result of a `quantize`, with the operator in front of it moved behind: one that chooses among elements chooses the
  /// same among integers.
  fileprivate mutating func quantizedEarlier(_ quantize: Quantize, _ id: NodeID) throws -> ValueID?
  {
    let (value, type) = (input(of: id), values[result(of: id)].type)
    guard case .result(let producer, let position) = values[value].definition,
      type.quantization?.isPerTensor == true, isReadOnlyByQuantize(value),
      choosesElements(producer)
    else { return nil }
    let operand = input(of: producer)
    let quantized = try insert(
      quantize, [operand], results: [type.with(shape: values[operand].type.shape)], before: id)[0]
    if let limits = nodes[producer].op.limits, limits.effective(on: type) == .none {
      return quantized
    }
    return try moved(quantized, by: producer, before: id)?[position]
  }

  private func choosesElements(_ id: NodeID) -> Bool {
    let op = nodes[id].op
    return movesElements(id) || op is MaxPool2D || op is ReduceMax || op is ReduceMin
      || op.limits != nil
  }
}

extension Operator {
  /// The range that this operator limits its operand to, if that is all it does.
  var limits: Clamp? {
    switch self {
    case let op as Clip: op.clamp
    case is any ClampingOperator: (Self.self as? any ClampingOperator.Type)?.clamp
    default: nil
    }
  }
}

extension Clamp {
  /// Whether no number is within both bounds.
  var isContradictory: Bool { (lower ?? -.infinity) > (upper ?? .infinity) }

  /// The limits that are felt by stored integers of a type; none if all of them are within.
  ///
  /// - Precondition: the type is of quantized integers.
  func effective(on type: TensorType) -> Clamp {
    let (range, all) = (storedRange(of: type), Clamp.none.storedRange(of: type))
    return Clamp(
      lower: range.lower == all.lower ? nil : lower, upper: range.upper == all.upper ? nil : upper)
  }
}

extension TensorType {
  /// Whether elements are quantized to 8 bits with a single scale.
  var isByte: Bool { hasByteSteps && quantization?.isPerTensor == true }

  /// Whether elements are quantized to 8 bits.
  var hasByteSteps: Bool { (element == .i8 || element == .u8) && quantization != nil }
}
