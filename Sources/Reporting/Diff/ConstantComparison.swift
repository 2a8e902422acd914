import GraphIR
import Tensors

/// Compares the constants of two layers: their types, their scales and their elements.
struct ConstantComparison {
  private let a: GraphSide
  private let b: GraphSide
  private let x: Int
  private let y: Int

  init(_ matching: GraphMatching, _ x: Int, _ y: Int) {
    a = matching.a
    b = matching.b
    self.x = x
    self.y = y
  }

  func differences(
    _ operand: Int, _ old: ValueID, _ new: ValueID
  ) -> (details: [GraphDiff.Detail], hasConsequence: Bool) {
    let (before, after) = (a.graph.values[old], b.graph.values[new])
    let (data, others) = (a.graph.constantData(old), b.graph.constantData(new))
    let subject = before.name.isEmpty ? "operand \(operand)" : before.name
    var details: [GraphDiff.Detail] = []
    if before.name != after.name, !(a.isUnnamed(old) && b.isUnnamed(new)) {
      details.append(.init(.name, "constant", before.name, after.name))
    }
    if before.type == after.type, data == others { return (details, false) }
    if isRescaled(operand, (before.type, data), (after.type, others)) { return (details, true) }
    if !before.type.matches(after.type) {
      details.append(.init(.type, subject, before.type.plainText, after.type.plainText))
    }
    if before.type.quantization != after.type.quantization {
      details.append(
        .init(
          .quantization, subject, before.type.quantizationText, after.type.quantizationText))
    }
    if data != others {
      let change = WeightChange(before.type, data, after.type, others)
      details.append(.init(.weights, subject, nil, nil, weights: change))
    }
    return (details, false)
  }

  /// Whether a bias stands for the same numbers in steps of another size, because the size is the product of the
  /// scales of activations and weights, of which one changed; or keeps its integers in steps of that size.
  private func isRescaled(
    _ operand: Int, _ old: (type: TensorType, data: TensorData?),
    _ new: (type: TensorType, data: TensorData?)
  ) -> Bool {
    guard operand == 2, old.type.matches(new.type),
      old.type.element == .i32 || old.type.element == .i64,
      let before = old.type.quantization, let after = new.type.quantization,
      before.scales.count == after.scales.count, before.axis == after.axis,
      let factor = factors(after.scales.count), let data = old.data, let others = new.data
    else { return false }
    for (index, factor) in factor.enumerated() {
      let ratio = Double(after.scales[index]) / Double(before.scales[index])
      guard abs(ratio - factor) <= 1e-4 * factor else { return false }
    }
    if data == others { return true }
    let numbers = zip(Tensor(old.type, data).realNumbers, Tensor(new.type, others).realNumbers)
    let step = Double((before.scales + after.scales).max() ?? 0)
    return numbers.allSatisfy { abs($0 - $1) <= step }
  }

  /// By what the product of the scales of activations and weights grew, for each channel; nil if it did not.
  private func factors(_ count: Int) -> [Double]? {
    let (before, after) = (a.graph.types(of: a.node(x).inputs), b.graph.types(of: b.node(y).inputs))
    guard let old = Self.products(before, count), let new = Self.products(after, count), old != new
    else { return nil }
    return zip(new, old).map { $0 / $1 }
  }

  private static func products(_ types: [TensorType], _ count: Int) -> [Double]? {
    guard types.count > 1, let input = types[0].quantization, let weights = types[1].quantization,
      [1, count].contains(weights.scales.count)
    else { return nil }
    return (0..<count).map { channel in
      Double(input.scale) * Double(weights.scales[weights.scales.count == 1 ? 0 : channel])
    }
  }
}
