/// A difference as one page of HTML that needs nothing else: before on the left, after on the right.
public enum DiffPage {
  /// The whole page; the same for equal differences.
  public static func text(_ difference: Difference) -> String {
    let sections = sections(difference)
    let page = HTMLPage(
      title: title(difference), style: DiffStyle.text, sections: sections,
      main: sections.first { ["layers", "graph"].contains($0.id) }, footer: footer(difference),
      script: DiffScript.text)
    return page.markup.markup
  }

  private static func title(_ difference: Difference) -> String {
    let names = [difference.before.name, difference.after.name].map { $0.shortened(to: 60) }
    return "\(names[0] == names[1] ? names[0] : names.joined(separator: " → ")): differences"
  }

  /// In the order in which one reads them; those without content are left out.
  private static func sections(_ difference: Difference) -> [PageSection] {
    let summary = DiffSummarySection(difference).section
    guard difference.differs else { return [summary] }
    let profile = difference.profile.map { diff in
      [DiffTotalsSection(diff).section, DiffLayersSection(diff, difference.graph).section]
    }
    return [summary] + (profile ?? []).compactMap { $0 }
      + [difference.graph.flatMap { DiffGraphSection($0).section }].compactMap { $0 }
  }

  private static func footer(_ difference: Difference) -> HTMLText {
    let models = [("Before", difference.before), ("After", difference.after)]
    let lines: [HTMLText] = models.map { side, model in
      "\(side): \(model.name.shortened(to: 60)) (\(model.format)), SHA-256 \(model.sha256)."
    }
    return "<p>\(.joined(lines, "<br>"))</p>"
  }
}

extension DiffPhrases {
  /// Plain text, which becomes markup as any other text does.
  static let plain = DiffPhrases(name: { $0.shortened(to: 200) }, text: { $0 })
}

/// A value before and one after, as a page shows them.
enum DiffMark {
  /// The class of a change: whether it is for the better. Work is neither good nor bad.
  static func style(_ name: String, _ before: Double?, _ after: Double?) -> String {
    guard let before, let after, before != after, name != "macs" else { return "same" }
    let growsForTheBetter = name == "utilization" || name.hasPrefix("accuracy")
    return (after > before) == growsForTheBetter ? "better" : "worse"
  }

  /// Two bars that meet in the middle: before to the left, after to the right.
  ///
  /// - Parameter largest: the value whose bar fills its half.
  static func pair(_ before: Double?, _ after: Double?, of largest: Double) -> HTMLText {
    "<td class=\"pair\"><div>\(bar("before", before, largest))\(bar("after", after, largest))</div></td>"
  }

  private static func bar(_ side: String, _ value: Double?, _ largest: Double) -> HTMLText {
    let part = largest > 0 ? min(1, max(0, (value ?? 0) / largest)) * 100 : 0
    return "<i class=\"\(side)\" style=\"--part:\(.number(part))%\"></i>"
  }

  /// What happened, in words and colors.
  static func tags(_ kinds: [String]) -> HTMLText {
    let tags: [HTMLText] = kinds.map { "<span class=\"tag \($0)\">\($0)</span>" }
    return .joined(tags, " ")
  }

  /// What keeps a table to some of its rows: words, and a kind of change.
  static func filters(of table: String, _ kinds: [[String]], _ what: String) -> HTMLText {
    let found = Set(kinds.flatMap { $0 }).sorted()
    let options: [HTMLText] = found.map { "<option>\($0)</option>" }
    return """
      <div class="tools control" data-filters="\(table)">
      <input type="search" placeholder="Filter by name or operator" \
      aria-label="Filter \(what) by name or operator">
      <select aria-label="Filter \(what) by kind of change"><option value="">any change</option>\(options)</select>
      <output aria-live="polite">\(kinds.count) \(what)</output>
      </div>
      """
  }
}
