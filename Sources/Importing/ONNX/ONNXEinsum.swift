import GraphIR
import Operators
import Support
import Tensors

/// Einstein's summation: products of tensors whose axes have letters, summed over the letters that the result lacks.
struct ONNXEinsum {
  /// A letter, or the distance from the last of the axes that an ellipsis stands for.
  enum Label: Hashable {
    case letter(Character)
    case ellipsis(Int)
  }

  private let terms: [Substring]
  private let result: Substring?

  /// - Parameter equation: terms with commas between them, and behind an arrow the result's; letters and `...` each.
  /// - Throws: a `Diagnostic` if that is not what it is, or there are not as many terms as operands.
  init(_ equation: String, operands: Int) throws {
    let text = equation.filter { $0 != " " }
    let sides = text.split(separator: "->", maxSplits: 1, omittingEmptySubsequences: false)
    terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    result = sides.count == 2 ? sides[1] : nil
    let isSound = (terms + [result ?? ""]).allSatisfy { term in
      let letters = term.replacing("...", with: "", maxReplacements: 1)
      return letters.allSatisfy { $0.isASCII && $0.isLetter }
    }
    guard isSound, terms.count == operands, operands > 0 else {
      throw Diagnostic(.equation(equation, operands))
    }
  }

  /// Inserts the products, two operands at a time, from the left.
  func convert(_ operands: [ValueID], _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    var open = try zip(terms, operands).map { term, operand in
      try LabeledValue(
        operand, Self.labels(of: term, rank: builder.shape(operand).rank), &builder)
    }
    let wanted = try resultLabels(open)
    var product = open.removeFirst()
    while !open.isEmpty {
      let next = open.removeFirst()
      let needed = Set(wanted + open.flatMap(\.labels))
      product = try product.multiplied(by: next, needed: needed, &builder)
    }
    return try product.summed(keeping: Set(wanted), &builder).arranged(wanted, &builder)
  }

  /// The labels of the axes of an operand.
  private static func labels(of term: Substring, rank: Int) throws -> [Label] {
    let letters = term.filter { $0 != "." }
    let hasEllipsis = letters.count < term.count
    guard hasEllipsis ? letters.count <= rank : letters.count == rank else {
      throw Diagnostic(.rank(String(term), rank))
    }
    return labels(of: term, ellipsis: rank - letters.count)
  }

  private static func labels(of term: Substring, ellipsis count: Int) -> [Label] {
    let start = term.firstIndex(of: ".") ?? term.endIndex
    let before = term[..<start].map { Label.letter($0) }
    guard start < term.endIndex else { return before }
    let middle = (0..<count).reversed().map { Label.ellipsis($0) }
    return before + middle + term[start...].dropFirst(3).map { Label.letter($0) }
  }

  /// Without an arrow: the axes of ellipses, then the letters that stand once, in alphabetical order.
  private func resultLabels(_ operands: [LabeledValue]) throws -> [Label] {
    let known = Set(operands.flatMap(\.labels))
    let depth = known.map { if case .ellipsis(let place) = $0 { place + 1 } else { 0 } }.max() ?? 0
    let letters = terms.joined().filter { $0 != "." }
    let once = Set(letters).filter { letter in letters.count { $0 == letter } == 1 }.sorted()
    let text = result ?? Substring("..." + String(once))
    let labels = Self.labels(of: text, ellipsis: depth)
    guard Set(labels).count == labels.count, known.isSuperset(of: labels) else {
      throw Diagnostic(.result(String(text)))
    }
    return labels
  }
}

/// A tensor whose axes have labels, none of them twice.
private struct LabeledValue {
  let value: ValueID
  let labels: [ONNXEinsum.Label]

  private init(_ value: ValueID, unique labels: [ONNXEinsum.Label]) {
    (self.value, self.labels) = (value, labels)
  }

  /// Of a label that stands twice, the diagonal.
  init(_ value: ValueID, _ labels: [ONNXEinsum.Label], _ builder: inout ONNXGraphBuilder) throws {
    var (value, labels) = (value, labels)
    while let second = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }),
      let first = labels.firstIndex(of: labels[second])
    {
      value = try builder.diagonal(value, first, second)
      labels =
        labels.indices.filter { ![first, second].contains($0) }.map { labels[$0] }
        + [labels[first]]
    }
    (self.value, self.labels) = (value, labels)
  }

  /// Sums over the axes of other labels.
  func summed(keeping kept: Set<ONNXEinsum.Label>, _ builder: inout ONNXGraphBuilder) throws -> Self
  {
    let axes = labels.indices.filter { !kept.contains(labels[$0]) }
    guard !axes.isEmpty else { return self }
    return Self(try builder.apply(Sum(axes: axes), value), unique: labels.filter(kept.contains))
  }

  /// The axes in another order.
  func arranged(_ order: [ONNXEinsum.Label], _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    try builder.transpose(value, order.compactMap { labels.firstIndex(of: $0) })
  }

  /// Without axes of extent 1 that `other` has larger ones for.
  private func squeezed(against other: Self, _ builder: inout ONNXGraphBuilder) throws -> Self {
    let extents = other.extents(builder)
    let own = self.extents(builder)
    let kept = labels.filter { !(own[$0] == 1 && (extents[$0] ?? 1) > 1) }
    return Self(try builder.reshape(value, kept.compactMap { own[$0] }), unique: kept)
  }

  func extents(_ builder: ONNXGraphBuilder) -> [ONNXEinsum.Label: Int] {
    Dictionary(zip(labels, builder.shape(value).extents)) { first, _ in first }
  }

  /// The product with another tensor, summed over what nobody needs any more.
  func multiplied(
    by other: Self, needed: Set<ONNXEinsum.Label>, _ builder: inout ONNXGraphBuilder
  ) throws -> Self {
    let squeezed = try (
      self.squeezed(against: other, &builder), other.squeezed(against: self, &builder)
    )
    let left = try squeezed.0.summed(keeping: needed.union(squeezed.1.labels), &builder)
    let right = try squeezed.1.summed(keeping: needed.union(squeezed.0.labels), &builder)
    let extents = left.extents(builder).merging(right.extents(builder)) { first, _ in first }
    let shared = left.labels.filter(right.labels.contains)
    guard shared.allSatisfy({ right.extents(builder)[$0] == extents[$0] }) else {
      throw Diagnostic(.extents(builder.shape(value), builder.shape(other.value)))
    }
    let batch = shared.filter(needed.contains)
    let inner = shared.filter { !needed.contains($0) }
    let rows = left.labels.filter { !shared.contains($0) }
    let columns = right.labels.filter { !shared.contains($0) }
    func count(_ labels: [ONNXEinsum.Label]) -> Int {
      labels.reduce(1) { $0 * (extents[$1] ?? 1) }
    }
    let a = try builder.reshape(
      left.arranged(batch + rows + inner, &builder), [count(batch), count(rows), count(inner)])
    let b = try builder.reshape(
      right.arranged(batch + inner + columns, &builder),
      [count(batch), count(inner), count(columns)])
    let product =
      try inner.isEmpty
      ? builder.apply(Multiply(clamp: .unlimited), a, b) : builder.matrixProduct(a, b)
    let labels = batch + rows + columns
    return Self(try builder.reshape(product, labels.compactMap { extents[$0] }), unique: labels)
  }
}

extension ONNXGraphBuilder {
  /// The elements whose indices along two axes are the same, in a new last axis in place of these.
  fileprivate mutating func diagonal(_ value: ValueID, _ first: Int, _ second: Int) throws
    -> ValueID
  {
    let extents = shape(value).extents
    guard extents[first] == extents[second] else {
      throw Diagnostic(.diagonal(shape(value)))
    }
    let others = extents.indices.filter { ![first, second].contains($0) }
    let (count, outer) = (extents[first], others.map { extents[$0] })
    // Neighbours on the diagonal lie one more than a row apart.
    let rows = try reshape(
      transpose(value, others + [first, second]), outer + [count * count])
    return try apply(
      StridedSlice(
        begin: outer.map { _ in 0 } + [0], size: outer + [count],
        step: outer.map { _ in 1 } + [count + 1]), rows)
  }
}

extension Diagnostic.Message {
  fileprivate static func equation(_ equation: String, _ operands: Int) -> Self {
    Self(
      id: "onnx-einsum", .malformed,
      "the equation `\(equation)` of `Einsum` is no sum of products of \(operands) operands")
  }

  fileprivate static func rank(_ term: String, _ rank: Int) -> Self {
    Self(
      id: "onnx-einsum", .malformed,
      "the term `\(term)` of `Einsum` stands for an operand of rank \(rank)")
  }

  fileprivate static func result(_ term: String) -> Self {
    Self(
      id: "onnx-einsum", .malformed,
      "the result `\(term)` of `Einsum` has a letter twice, or one that no operand has")
  }

  fileprivate static func extents(_ a: Shape, _ b: Shape) -> Self {
    Self(
      id: "onnx-einsum", .malformed,
      "operands of `Einsum` of shapes \(a) and \(b) have different extents for one letter")
  }

  fileprivate static func diagonal(_ shape: Shape) -> Self {
    Self(
      id: "onnx-einsum", .malformed,
      "an operand of `Einsum` of shape \(shape) has one letter for different extents")
  }
}
