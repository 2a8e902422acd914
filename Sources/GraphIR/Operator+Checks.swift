import Support
import Tensors

extension Operator {
  /// The inferred types, or the declared ones if they agree with these in shape and element type.
  ///
  /// - Throws: a `Diagnostic` if the operator refuses the operands, the types disagree, a
  ///   quantization or shape cannot be, or there would be more work than `Work.maximumCount`.
  public func checkedResultTypes(of operands: [TensorType], declared: [TensorType]?) throws
    -> [TensorType]
  {
    // Before anything else: what there is to infer may divide by an extent.
    try Self.checkElements(of: operands)
    let inferred = try resultTypes(operands)
    if let shape = inferred.map(\.shape).first(where: { Shape(checking: $0.extents) == nil }) {
      throw Diagnostic(.impossibleShape(Self.name, shape))
    }
    let results = declared ?? inferred
    guard results.count == inferred.count else {
      throw Diagnostic(.resultCount(Self.name, found: results.count, expected: inferred.count))
    }
    for (position, pair) in zip(results, inferred).enumerated() where !pair.0.matches(pair.1) {
      throw Diagnostic(
        .resultType(position, Self.name, found: pair.0, expected: pair.1),
        help: "the operands and attributes decide the result's type")
    }
    try Self.checkElements(of: results)
    for type in operands + results {
      if let problem = type.quantization?.problem(for: type.shape, type.element) {
        throw Diagnostic(.badQuantization(problem))
      }
    }
    try check(operands, results)
    let work = work(operands, results)
    guard max(work.macs, work.elementOperations) <= Work.maximumCount else {
      throw Diagnostic(.tooMuchWork(Self.name))
    }
    return results
  }

  private static func checkElements(of types: [TensorType]) throws {
    guard acceptsEmpty || !types.contains(where: \.shape.isEmpty) else {
      throw Diagnostic(.noElements(name))
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func resultCount(_ kind: String, found: Int, expected: Int) -> Self {
    Self(id: "result-count", .malformed, "`\(kind)` has \(found) results, expected \(expected)")
  }

  fileprivate static func resultType(
    _ position: Int, _ kind: String, found: TensorType, expected: TensorType
  ) -> Self {
    Self(
      id: "result-type", .malformed,
      "result \(position) of `\(kind)` has type \(found.element.rawValue)\(found.shape), "
        + "expected \(expected.element.rawValue)\(expected.shape)")
  }

  fileprivate static func noElements(_ kind: String) -> Self {
    Self(id: "no-elements", .unsupported, "`\(kind)` has an operand or a result without elements")
  }

  fileprivate static func impossibleShape(_ kind: String, _ shape: Shape) -> Self {
    Self(
      id: "impossible-shape", .malformed,
      "a result of `\(kind)` would have the shape \(shape), which no tensor can have")
  }

  fileprivate static func tooMuchWork(_ kind: String) -> Self {
    Self(
      id: "too-much-work", .malformed,
      "`\(kind)` would need more than \(Work.maximumCount) operations")
  }

  fileprivate static func badQuantization(_ problem: String) -> Self {
    Self(id: "bad-quantization", .malformed, problem)
  }
}
