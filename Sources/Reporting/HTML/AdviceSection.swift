/// What would make the run shorter, the largest gain first.
struct AdviceSection {
  private let content: PageContent

  init(_ content: PageContent) { self.content = content }

  /// Nil if there is no advice.
  var section: PageSection? {
    guard !content.advice.isEmpty else { return nil }
    let items = content.advice.sorted { $0.gainCycles > $1.gainCycles }.map(item)
    return PageSection(
      id: "advice", title: "Advice", body: "<ol class=\"advice\">\(.lines(items))</ol>")
  }

  private func item(_ advice: ProfileAdvice) -> HTMLText {
    let share = Figures.percent(Double(advice.gainCycles) / content.cycles)
    let layers: HTMLText =
      advice.layers.isEmpty ? "" : "<p class=\"note\">layers \(LayerLinks.list(advice.layers))</p>"
    return """
      <li><div class="gain"><b>−\(share)</b><span>\(Figures.grouped(advice.gainCycles)) cycles</span></div>
      <div><h3>\(advice.title.shortened(to: 200))</h3><p>\(advice.detail.shortened(to: 1000))</p>\(layers)</div></li>
      """
  }
}
