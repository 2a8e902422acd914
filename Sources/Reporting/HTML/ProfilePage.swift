import Lowering
import Simulation

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
  public var text: String {
    let sections = sections
    let data: HTMLText = """
      \(inspector)
      <script type="application/json" id="figures">\(content.figures)</script>
      """
    let page = HTMLPage(
      title: title, style: ChartStyle.text, sections: sections,
      main: sections.first { $0.id == "layers" }, footer: footer, attachments: data,
      script: "\(PageScript.text)\(TimeScript.text)\(TreeScript.text)")
    return page.markup.markup
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

  /// By which one finds the very files that the figures are of.
  private var footer: HTMLText {
    let (model, target) = (content.profile.model, content.profile.target)
    let variants: [HTMLText] = [
      target.configuration == target.name ? nil : target.configuration, target.systemConfig,
      target.memoryMode,
      target.activationMemoryBytes.map { "\(Figures.bytes($0)) for activations" },
    ].compactMap { $0 }.map { ", \($0)" }
    return """
      <p>Model \(model.name.shortened(to: 60)) (\(model.format)), SHA-256 \(model.sha256).<br>\
      Target \(target.name.shortened(to: 60))\(variants), SHA-256 \(target.sha256).</p>
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
}
