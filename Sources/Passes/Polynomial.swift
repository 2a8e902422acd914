import GraphIR
import Operators
import Tensors

/// `coefficients[0] + coefficients[1] · x + coefficients[2] · x² + …`
struct Polynomial {
  /// One for each power up to the fourth.
  private(set) var coefficients: [Double]

  /// One more than the highest power that counts.
  private static let count = 5

  init(_ coefficients: [Double]) {
    self.coefficients =
      coefficients + Array(repeating: 0, count: Self.count - coefficients.count)
  }

  /// The variable itself.
  static let variable = Polynomial([0, 1])

  /// Whether two are the same but for the last digits of single precision.
  func isNear(_ expected: [Double]) -> Bool {
    zip(coefficients, Polynomial(expected).coefficients).allSatisfy { $0.isNear($1) }
  }

  static func + (a: Polynomial, b: Polynomial) -> Polynomial {
    Polynomial(zip(a.coefficients, b.coefficients).map { $0 + $1 })
  }

  static func * (a: Polynomial, scale: Double) -> Polynomial {
    Polynomial(a.coefficients.map { $0 * scale })
  }

  /// Nil if a power is higher than those that count.
  static func * (a: Polynomial, b: Polynomial) -> Polynomial? {
    var product = [Double](repeating: 0, count: 2 * count)
    for (i, x) in a.coefficients.enumerated() {
      for (j, y) in b.coefficients.enumerated() { product[i + j] += x * y }
    }
    guard product[count...].allSatisfy({ $0 == 0 }) else { return nil }
    return Polynomial(Array(product.prefix(count)))
  }
}

extension Double {
  /// Whether two numbers are the same but for the last digits of single precision.
  func isNear(_ other: Double) -> Bool { abs(self - other) <= 1e-5 * Swift.max(abs(other), 1e-3) }
}

extension Derivation {
  /// The value as a polynomial of another; nil if it is none, or hides in too many nodes.
  ///
  /// - Parameter depth: how many nodes one may lie behind another, which bounds the work.
  mutating func polynomial(_ value: ValueID, in x: ValueID, depth: Int = 7) -> Polynomial? {
    if value == x { return .variable }
    if let number = graph.uniformNumber(value) { return Polynomial([Double(number)]) }
    guard depth > 0, let id = graph.producer(of: value), graph.isReal(value),
      graph.nodes[id].op.isUnlimited
    else { return nil }
    var terms: [Polynomial] = []
    for operand in graph.nodes[id].inputs.prefix(2) {
      guard let term = polynomial(operand, in: x, depth: depth - 1) else { return nil }
      terms.append(term)
    }
    return combined(terms, by: id)
  }

  /// As `polynomial(_:in:depth:)`, of a node that limits its result, and the limits.
  mutating func limitedPolynomial(
    _ value: ValueID, in x: ValueID, depth: Int = 3
  ) -> (Clamp, Polynomial)? {
    guard let id = graph.producer(of: value), graph.isReal(value) else { return nil }
    let op = graph.nodes[id].op
    if let limits = op.limits {
      take(id)
      // A limit below is often one of its own: `min(max(x, 0), 6)`.
      if depth > 0,
        let (inner, found) = limitedPolynomial(graph.input(of: id), in: x, depth: depth - 1)
      {
        return (inner.intersection(limits), found)
      }
      return polynomial(graph.input(of: id), in: x).map { (limits, $0) }
    }
    guard let clamp = (op as? any ClampedOperator)?.clamp, !clamp.isOpen else { return nil }
    let terms = graph.nodes[id].inputs.compactMap { polynomial($0, in: x) }
    guard terms.count == graph.nodes[id].inputs.count else { return nil }
    return combined(terms, by: id).map { (clamp, $0) }
  }

  private mutating func combined(_ terms: [Polynomial], by id: NodeID) -> Polynomial? {
    guard let result = graph.nodes[id].op.combined(terms) else { return nil }
    take(id)
    return result
  }
}

extension Operator {
  /// What the operator makes of polynomials as its operands; nil if that is none.
  fileprivate func combined(_ terms: [Polynomial]) -> Polynomial? {
    switch (self, terms.count) {
    case (is Add, 2): return terms[0] + terms[1]
    case (is Subtract, 2): return terms[0] + terms[1] * -1
    case (is Multiply, 2): return terms[0] * terms[1]
    case (is Divide, 2): return terms[1].constant.map { terms[0] * (1 / $0) }
    case (is Negate, 1): return terms[0] * -1
    case (is Square, 1): return terms[0] * terms[0]
    case (is Power, 2): return terms[1].constant.flatMap { terms[0].power($0) }
    default: return nil
    }
  }
}

extension Polynomial {
  /// The only coefficient, if no other counts.
  fileprivate var constant: Double? {
    coefficients.dropFirst().allSatisfy { $0 == 0 } ? coefficients[0] : nil
  }

  fileprivate func power(_ exponent: Double) -> Polynomial? {
    guard [1, 2, 3].contains(exponent) else { return nil }
    return (1..<Int(exponent)).reduce(self) { power, _ in power.flatMap { $0 * self } }
  }
}
