import GraphIR
import Support
import Tensors

/// How often each n-gram of a pool occurs in rows of `i32` or `i64` elements, as `f32`: either counted or only noticed, and
/// multiplied by weights.
///
/// The elements of an n-gram lie one to `skips + 1` apart, always equally far. Single elements are counted once, however
/// many skips there are.
///
/// ONNX: `TfIdfVectorizer` with a pool of integers.
public struct TermFrequencies: Operator {
  public static let name = "term_frequencies"
  public static let elements: [ElementType] = [.i32, .i64]
  public static let acceptsEmpty = true
  /// The elements of all n-grams, one n-gram behind the other, those of one element first.
  public var pool: [Int]
  /// Where in the pool the n-grams of 1, 2, … elements begin.
  public var starts: [Int]
  /// For each n-gram of the pool its place in the result.
  public var places: [Int]
  /// For each n-gram of the pool what its count is multiplied by; empty for 1.
  public var weights: [Float]
  /// The length of the shortest n-grams that are looked for.
  public var minimumLength: Int
  /// The length of the longest n-grams that are looked for.
  public var maximumLength: Int
  /// How many elements may lie between neighbours of an n-gram.
  public var skips: Int
  /// Whether further occurrences of an n-gram count.
  public var countsAll: Bool

  public init() { self.init(pool: [], starts: [], places: []) }

  /// - Parameters:
  ///   - starts: in rising order, between 0 and the length of the pool.
  ///   - places: one for each n-gram, none negative.
  ///   - weights: none, or one for each n-gram.
  ///   - minimumLength, maximumLength: from 1 to the number of `starts`.
  public init(
    pool: [Int], starts: [Int], places: [Int], weights: [Float] = [], minimumLength: Int = 1,
    maximumLength: Int = 1, skips: Int = 0, countsAll: Bool = true
  ) {
    self.pool = pool
    self.starts = starts
    self.places = places
    self.weights = weights
    self.minimumLength = minimumLength
    self.maximumLength = maximumLength
    self.skips = skips
    self.countsAll = countsAll
  }

  /// A list as long as the highest place demands, for a list or for each row.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let rows = operands[0].shape.extents.dropLast()
    guard (1...2).contains(operands[0].shape.rank), isSound,
      let shape = Shape(checking: rows + [length])
    else { throw Diagnostic(.badPool(operands[0].shape)) }
    return [TensorType(.f32, shape)]
  }

  private var length: Int { Work.sum(places.max() ?? -1, 1) }

  private var isSound: Bool {
    let ends = starts.dropFirst() + [pool.count]
    guard zip(starts, ends).allSatisfy({ (0...pool.count).contains($0) && $0 <= $1 }),
      (1...max(starts.count, 1)).contains(maximumLength),
      (1...maximumLength).contains(minimumLength), skips >= 0
    else { return false }
    let counts = zip(starts, ends).enumerated().map { index, part in
      (part.1 - part.0).quotientAndRemainder(dividingBy: index + 1)
    }
    return counts.allSatisfy { $0.remainder == 0 }
      && counts.reduce(0) { $0 + $1.quotient } == places.count
      && places.allSatisfy { $0 >= 0 } && weights.allSatisfy(\.isFinite)
      && (weights.isEmpty || weights.count == places.count)
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let element = site.operands[0].element
    let rowLength = site.operands[0].shape.extents.last ?? 1
    let rows = site.operands[0].shape.extents.dropLast().reduce(1, *)
    let (terms, factors) = (terms(), factors())
    return Kernel { [self] operands, results, _ in
      let y = results[0].pointer(to: Float.self)
      for row in 0..<rows {
        let x = (0..<rowLength).map {
          element.loadInteger(from: operands[0], at: row * rowLength + $0)
        }
        let counts = y + row * factors.count
        counts.update(repeating: 0, count: factors.count)
        count(terms, in: x) { counts[$0] += 1 }
        for (place, factor) in factors.enumerated() {
          counts[place] = (countsAll ? counts[place] : min(counts[place], 1)) * factor
        }
      }
    }
  }

  /// What the count at each place of the result is multiplied by.
  private func factors() -> [Float] {
    var factors = [Float](repeating: 1, count: length)
    for (place, weight) in zip(places, weights) { factors[place] = weight }
    return factors
  }

  /// The n-grams that are looked for, with their places in the result.
  private func terms() -> [[Int]: Int] {
    var terms: [[Int]: Int] = [:]
    var number = 0
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : pool.count
      for begin in stride(from: start, to: end, by: index + 1) {
        if (minimumLength...maximumLength).contains(index + 1) {
          terms[Array(pool[begin...begin + index])] = places[number]
        }
        number += 1
      }
    }
    return terms
  }

  /// Calls `found` with the place of each n-gram in a row.
  private func count(_ terms: [[Int]: Int], in row: [Int], _ found: (_ place: Int) -> Void) {
    for size in minimumLength...maximumLength {
      // A distance beyond the row leaves no place for a second element.
      for distance in 1...(size == 1 ? 1 : min(skips, row.count) + 1) {
        for begin in 0..<max(row.count - (size - 1) * distance, 0) {
          let term = (0..<size).map { row[begin + $0 * distance] }
          if let place = terms[term] { found(place) }
        }
      }
    }
  }

  /// A look-up for each n-gram of each row, skips and lengths.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let distances = Work.sum(min(skips, operands[0].shape.extents.last ?? 1), 1)
    return Work(
      elementOperations: Work.product(
        operands[0].elementCount, distances, maximumLength - minimumLength + 1))
  }

  public static let examples = [
    Example(
      TermFrequencies(
        pool: [2, 3, 5, 4, 5, 6, 7, 8, 6, 7], starts: [0, 4], places: [0, 1, 2, 3, 4, 5, 6],
        minimumLength: 2, maximumLength: 2),
      [Tensor(TensorType(.i32, [12]), numbers: [1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8])],
      gives: [Tensor(TensorType(.f32, [7]), numbers: [0, 0, 0, 0, 1, 1, 1])]),
    Example(
      TermFrequencies(
        pool: [1, 2, 1, 3], starts: [0, 2], places: [0, 2, 1], weights: [0.5, 2, 3],
        maximumLength: 2, skips: 1, countsAll: false),
      [Tensor(TensorType(.i64, [2, 3]), numbers: [1, 2, 3, 1, 1, 1])],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [0.5, 3, 2, 0.5, 0, 0])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPool(_ shape: Shape) -> Self {
    Self(
      id: "bad-term-pool", .malformed,
      "the n-grams of `term_frequencies` of \(shape) do not fit their pool, places and weights")
  }
}
