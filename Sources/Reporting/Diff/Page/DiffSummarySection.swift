/// Whether it is better or worse, by how much, and what changed, in a few words and figures.
struct DiffSummarySection {
  private let difference: Difference

  init(_ difference: Difference) { self.difference = difference }

  var section: PageSection {
    let body: HTMLText = """
      <p class="lead">\(verdict)</p>
      \(figures)\(targets)
      """
    return PageSection(id: "summary", title: "Summary", body: body)
  }

  private var verdict: HTMLText {
    guard difference.differs else { return "No differences." }
    let sentences = [difference.profile.map(latency), difference.graph.map(graph)]
    return .joined(sentences.compactMap { $0 }, " ")
  }

  private func latency(_ diff: ProfileDiff) -> HTMLText {
    guard let figure = diff.totals.first(where: { $0.name == "latencyCycles" }),
      let before = figure.before, let after = figure.after
    else { return "" }
    guard before != after else {
      return "The latency stays at \(DiffFigures.grouped(after)) cycles."
    }
    let change = DiffFigures.relative(before, after)
    return """
      The run is <b class="\(DiffMark.style(figure.name, before, after))">\
      \(after < before ? "faster" : "slower")</b>: \(DiffFigures.grouped(before)) → \
      \(DiffFigures.grouped(after)) cycles\(change.isEmpty ? "" : ", \(change)").
      """
  }

  private func graph(_ diff: GraphDiff) -> HTMLText {
    diff.isEmpty ? "The graph is the same." : "The graph has \(DiffPhrases.plain.summary(diff))."
  }

  /// The totals that one looks for first.
  private var figures: HTMLText {
    guard difference.differs, let diff = difference.profile else { return "" }
    let shown = diff.totals.filter {
      ["latencyMilliseconds", "utilization"].contains($0.name)
        || $0.name.hasPrefix("peakMemoryBytes")
    }
    let items: [HTMLText] = shown.map { figure in
      return """
        <div><dt>\(DiffFigures.title(figure.name))</dt>\
        <dd>\(DiffFigures.text(figure.name, figure.after))</dd><dd class="note">\(note(figure))</dd></div>
        """
    }
    return "<dl class=\"figures\">\(items)</dl>"
  }

  private func note(_ figure: ProfileDiff.Figure) -> HTMLText {
    guard figure.before != figure.after else { return "as before" }
    let change = DiffFigures.relative(figure.before, figure.after)
    let style = DiffMark.style(figure.name, figure.before, figure.after)
    let mark: HTMLText = change.isEmpty ? "" : ", <b class=\"\(style)\">\(change)</b>"
    return "before \(DiffFigures.text(figure.name, figure.before))\(mark)"
  }

  private var targets: HTMLText {
    guard let diff = difference.profile else { return "" }
    return "<p class=\"note\">On \(diff.targets { $0.shortened(to: 60) }).</p>"
  }
}
