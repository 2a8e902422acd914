import GraphIR
import Support
import Tensors

/// How weights are rounded once it is known what they should be.
package enum RoundingSearch: Sendable {
  /// Each to the number nearest to it, with biases alone to make up for errors.
  case nearest
  /// One after the other, with feedback of errors.
  case inTurn
  /// From there on, by changes of one or two weights.
  case descent
}

/// Weights of a layer that make up for what its inputs lost: `Σ (w₀ · x₀ − ŵ · x)²` is made small over columns x that the
/// quantized network gives, and x₀ of the real one.
///
/// With the moments H and D of the columns that is `(w − ŵ) · H · (w − ŵ)ᵀ` and a constant, where `w = w₀ + w₀ · D · H⁻¹`.
struct LayerFit {
  let moments: InputMoments
  /// Whether weights may make up for what the inputs lost, and not for their own rounding alone.
  let movesTargets: Bool
  let search: RoundingSearch
  let workers: Workers
  private var columns: LayerColumns { moments.columns }
  private var rows: Int { columns.rows }

  /// What is stored of weights.
  ///
  /// - Parameter store: stores each as the number nearest to it.
  func stored(_ weights: [Float], _ store: ([Float]) -> StoredWeights) -> StoredWeights {
    let energy = moments.energy
    let groups = (0..<columns.groups).map {
      GroupMoments(moments, group: $0, energy: energy)
    }
    var targets = weights
    if movesTargets {
      for (index, group) in groups.enumerated() { move(&targets, in: index, group) }
    }
    var result = store(targets)
    for (index, group) in groups.enumerated() { round(targets, in: index, group, &result) }
    return result
  }

  private func move(_ weights: inout [Float], in index: Int, _ group: GroupMoments) {
    let elements = columns.elements(of: index)
    let targets = group.targets(elements.map { weights[$0] }, rows: rows, workers)
    for (element, target) in zip(elements, targets) { weights[element] = target }
  }

  private func round(
    _ targets: [Float], in index: Int, _ group: GroupMoments, _ stored: inout StoredWeights
  ) {
    let matrix = group.damped(by: GroupMoments.damping)
    guard let problem = RoundingProblem(matrix, width: columns.width) else { return }
    let elements = columns.elements(of: index, problem.order)
    var weights = stored.problem(elements, rows: rows, targets)
    problem.roundInTurn(&weights, rows: rows, workers)
    if search == .descent { problem.descend(&weights, rows: rows, workers) }
    guard weights.steps.allSatisfy(\.isFinite) else { return }
    for (element, step) in zip(elements, weights.steps) { stored.steps[element] = step }
  }
}

extension LayerColumns {
  /// The places of a group's weights in their tensor, [width][rows].
  ///
  /// - Parameter order: of the columns; nil for the one that they have.
  func elements(of group: Int, _ order: [Int]? = nil) -> [Int] {
    [Int](unsafeUninitializedCapacity: width * rows) { elements, count in
      for column in order ?? Array(0..<width) {
        for row in 0..<rows {
          elements[count] = element(group: group, row: row, column)
          count += 1
        }
      }
    }
  }
}

extension StoredWeights {
  /// Some elements as they are to be rounded.
  ///
  /// - Parameter elements: [width][rows].
  fileprivate func problem(
    _ elements: [Int], rows: Int, _ targets: [Float]
  ) -> RoundingProblem.Weights {
    // But for groups, a row of weights has one scale.
    let own = elements.prefix(isWhole ? rows : elements.count).map { map.scale(of: $0) }
    let bounds = scales.indices.map { self.bounds(scale: $0) ?? (0, 0) }
    func repeated(_ numbers: [Float]) -> [Float] {
      (0..<elements.count / max(1, own.count)).flatMap { _ in numbers }
    }
    return RoundingProblem.Weights(
      targets: elements.map { targets[$0] }, scales: repeated(own.map { scales[$0] }),
      lower: repeated(own.map { bounds[$0].lower }), upper: repeated(own.map { bounds[$0].upper }),
      steps: elements.map { steps[$0] })
  }
}
