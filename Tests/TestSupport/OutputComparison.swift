import Evaluation
import GraphIR
import Tensors

/// What differs between the outputs of two graphs on the same seeded inputs; empty if nothing does.
///
/// Integers must agree in every bit, floats to 1e-5 of the larger: passes may reorder float sums.
public func outputDifferences(_ a: Graph, _ b: Graph, seed: UInt64 = 1) throws -> [String] {
  let inputs = a.inputs.enumerated().map { position, id in
    Tensor.random(a.values[id].type, seed: seed &+ UInt64(position))
  }
  guard a.types(of: a.inputs) == b.types(of: b.inputs) else { return ["the inputs differ"] }
  let (first, second) = (try a.evaluate(inputs), try b.evaluate(inputs))
  guard first.count == second.count else { return ["the number of outputs differs"] }
  return zip(first, second).enumerated().compactMap { position, pair in
    difference(pair.0, pair.1, relative: 1e-5).map { "output \(position): \($0)" }
  }
}

/// As `outputDifferences(_:_:seed:)`, where numbers may differ by a part of the range of the first graph's output.
public func outputDifferences(
  _ a: Graph, _ b: Graph, seed: UInt64 = 1, tolerance: Double
) throws -> [String] {
  guard a.types(of: a.inputs) == b.types(of: b.inputs) else { return ["the inputs differ"] }
  let inputs = a.inputs.enumerated().map { position, id in
    Tensor.random(a.values[id].type, seed: seed &+ UInt64(position))
  }
  let (first, second) = (try a.evaluate(inputs), try b.evaluate(inputs))
  guard first.count == second.count else { return ["the number of outputs differs"] }
  return zip(first, second).enumerated().compactMap { position, pair in
    pair.1.firstDifference(from: pair.0, tolerance: tolerance).map {
      "output \(position): element \($0) is \(pair.0.storedNumbers[$0]) in one and "
        + "\(pair.1.storedNumbers[$0]) in the other"
    }
  }
}

/// The first place where two tensors differ; nil if they agree.
///
/// - Parameter relative: how far apart floats may be, as a part of the larger.
public func difference(_ a: Tensor, _ b: Tensor, relative: Double) -> String? {
  guard a.type == b.type else { return "type \(a.type) became \(b.type)" }
  if a.data == b.data { return nil }
  for (index, pair) in zip(a.storedNumbers, b.storedNumbers).enumerated() {
    let (x, y) = pair
    let allowed = a.type.element.isFloat ? relative * max(abs(x), abs(y), 1e-6) : 0
    let agree = x == y || abs(x - y) <= allowed || (x.isNaN && y.isNaN)
    if !agree { return "element \(index) is \(x) in one and \(y) in the other" }
  }
  return nil
}
