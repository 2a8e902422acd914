import Hardware

/// The best blocks for problems on one target, each found once: networks have many layers that are alike.
///
/// A class because all parts of a search share what was found.
final class KnownBlocks {
  private(set) var problems: [TilingProblem] = []
  private let target: TargetDescription
  private var numbers: [TilingProblem: Int] = [:]
  /// For each problem, in the order in which it was asked for: few, which are found faster by looking than by hashing.
  private var found: [[Finding]] = []

  private struct Finding {
    let places: BlockSearch.Places
    let height: Int
    let choice: BlockSearch.Choice?
  }

  init(_ target: TargetDescription) { self.target = target }

  /// The number of a problem, by which it is found faster than by itself.
  func number(of problem: TilingProblem) -> Int {
    if let known = numbers[problem] { return known }
    numbers[problem] = problems.count
    problems.append(problem)
    found.append([])
    return problems.count - 1
  }

  /// The best blocks for a problem by its number; nil if none fits.
  ///
  /// - Parameter height: of blocks; 0 for any.
  func best(_ problem: Int, _ places: BlockSearch.Places, height: Int = 0) -> BlockSearch.Choice? {
    for known in found[problem] where known.height == height && known.places == places {
      return known.choice
    }
    let search = BlockSearch(target: target, problem: problems[problem])
    let choice = search.best(places, heights: height > 0 ? height...height : 0...Int.max)
    found[problem].append(Finding(places: places, height: height, choice: choice))
    return choice
  }
}
