import Foundation
import Lowering
import Simulation
import Support

/// A profile as one page of HTML that needs nothing else: no network, no server, no other file.
///
/// Choosing a layer anywhere shows it everywhere. Without scripts the page is complete, only still.
public struct ProfilePage: Sendable {
  private let content: PageContent

  /// - Parameters:
  ///   - profile: where every figure comes from.
  ///   - program: the program that was profiled.
  ///   - timeline: of that program.
  ///   - accuracy: a further column of the layer table; nil if nothing was measured.
  ///   - advice: what would make the run shorter; nil or empty leaves the section out.
  public init(
    _ profile: Profile, _ program: Program, _ timeline: Timeline, accuracy: LayerAccuracy? = nil,
    advice: [ProfileAdvice]? = nil
  ) {
    content = PageContent(profile, program, timeline, accuracy, advice ?? [])
  }

  /// The whole page; the same for equal profiles.
  public var text: String { page(sections).markup }

  private func page(_ sections: [PageSection]) -> HTMLText {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
    <title>\(title)</title>
    <style>
    \(PageStyle.text)
    \(ChartStyle.text)
    </style>
    </head>
    <body>
    \(bar(sections))
    <main>
    \(.lines(sections.map(\.markup)))
    \(footer)
    </main>
    \(inspector)
    <script type="application/json" id="figures">\(content.figures)</script>
    <script>\(Self.script)</script>
    </body>
    </html>

    """
  }

  private var title: String {
    "\(content.profile.model.name.shortened(to: 60)) on \(content.profile.target.name.shortened(to: 60))"
  }

  /// In the order in which one reads them; those without content are left out.
  private var sections: [PageSection] {
    [
      SummarySection(content).section, AdviceSection(content).section,
      TimelineChart(content).section, LayerTableSection(content).section,
      RooflineChart(content).section, MemoryMapChart(content).section,
      TrafficChart(content).section, GraphSection(content).section,
    ].compactMap { $0 }
  }

  private func bar(_ sections: [PageSection]) -> HTMLText {
    let links: [HTMLText] = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }
    return """
      <header class="bar">
      <a class="skip" href="#layers">Skip to the layer table</a>
      <strong title="\(title)">\(title)</strong>
      <nav aria-label="Sections">\(links)</nav>
      <button type="button" id="theme" class="quiet control" \
      aria-label="Switch between light and dark">Dark</button>
      </header>
      """
  }

  /// By which one finds the very files that the figures are of.
  private var footer: HTMLText {
    let (model, target) = (content.profile.model, content.profile.target)
    let variants: [HTMLText] = [
      target.configuration == target.name ? nil : target.configuration, target.systemConfig,
      target.memoryMode,
      target.activationMemoryBytes.map { "\(Figures.bytes($0)) for activations" },
    ].compactMap { $0 }.map { ", \($0)" }
    return """
      <footer class="note"><p>Model \(model.name.shortened(to: 60)) (\(model.format)), SHA-256 \(model.sha256).<br>\
      Target \(target.name.shortened(to: 60))\(variants), SHA-256 \(target.sha256).</p></footer>
      """
  }

  /// What is known of the chosen layer, at the foot of the window.
  private var inspector: HTMLText {
    """
    <aside id="inspector" aria-label="Chosen layer" hidden>
    <div id="chosen" aria-live="polite"></div>
    <div class="control"><button type="button" id="previous" title="previous layer ([)">Previous</button>\
    <button type="button" id="next" title="next layer (])">Next</button>\
    <button type="button" id="focus" title="show its time in the timeline (f)">Zoom to it</button>\
    <button type="button" id="clear" title="choose no layer (Escape)">Clear</button></div>
    </aside>
    <div id="tip" role="tooltip" hidden></div>
    """
  }

  private static let script: HTMLText = "\(PageScript.text)\(TimeScript.text)\(TreeScript.text)"

  /// Nothing is loaded from anywhere, and no script runs but that of this page, known by its digest.
  private static let policy: String = {
    let digest = Array(script.markup.utf8).withUnsafeBytes(SHA256.hexDigest)
    return "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
      + "script-src 'sha256-\(Self.base64(digest))'"
  }()

  private static func base64(_ hexadecimal: String) -> String {
    let digits = Array(hexadecimal)
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
    return Data(bytes).base64EncodedString()
  }
}

/// A part of the page that the bar at the top leads to.
struct PageSection {
  let id: String
  let title: String
  let body: HTMLText

  var markup: HTMLText {
    """
    <section id="\(id)" aria-labelledby="\(id)-title">
    <h2 id="\(id)-title">\(title)</h2>
    \(body)
    </section>
    """
  }
}
