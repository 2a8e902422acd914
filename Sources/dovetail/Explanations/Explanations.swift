import Support

extension Explanation {
  /// One for each id that a diagnostic can have.
  static let all: [Explanation] = [
    files, runs, models, graphText, graphs, shapes, elements, arithmetic,
    targets, programs, control, recurrent,
  ].flatMap { $0 }
}
