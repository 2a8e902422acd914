/// The style sheet of differences, beside that of all pages.
enum DiffStyle {
  static let text: HTMLText = """
    :root {
      --before: light-dark(#8795a4, #7d8a99);
      --after: light-dark(#2a6bb0, #5e9fe6);
      --better: light-dark(#156f52, #57cba6);
      --worse: light-dark(#ad4108, #f2955a);
    }
    .better { color: var(--better) } .worse { color: var(--worse) }
    .sides td, .sides th { vertical-align: top }
    .sides .middle { text-align: center }
    .sides.rows :is(.names, .notes) { white-space: normal; overflow-wrap: anywhere }
    .sides .names { min-width: 160px } .sides .notes { min-width: 180px; max-width: 420px }
    .sides small { display: block }
    .sides td:first-child { line-height: 1.75 }
    .sides .unchanged { color: var(--quiet) }
    .pair { min-width: 180px }
    .pair div { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; padding-top: 4px }
    .pair i { height: 10px; width: var(--part); min-width: 1px; border-radius: 1px }
    .pair .before { justify-self: end; background: var(--before) }
    .pair .after { background: var(--after) }
    .scroll .sides thead th { padding: 3px 8px }
    .sides .key { display: inline-block; width: 8px; height: 8px; margin-right: 4px; border-radius: 2px;
      background: var(--tone, var(--quiet)) }
    .mac { --tone: var(--mac) } .output { --tone: var(--output) } .dma { --tone: var(--dma) }
    .host { --tone: var(--host) }

    .tag { padding: 0 5px; border: 1px solid var(--line); border-radius: 3px; font-size: .92em; white-space: nowrap }
    .tag.added { border-color: var(--better); color: var(--better) }
    .tag.removed { border-color: var(--worse); color: var(--worse) }
    .tag:is(.fused, .split, .regrouped) { border-color: var(--memory-2); color: var(--memory-2) }
    tr.added { background: color-mix(in srgb, var(--better) 9%, transparent) }
    tr.removed { background: color-mix(in srgb, var(--worse) 9%, transparent) }
    tr:is(.fused, .split, .regrouped) { background: color-mix(in srgb, var(--memory-2) 8%, transparent) }
    .rows tbody tr { cursor: pointer }
    .rows tbody tr:hover { background: var(--faint) }
    .rows tbody tr.on { background: var(--wash); box-shadow: inset 3px 0 var(--accent) }
    .rows tbody tr:focus-visible { outline-offset: -2px }
    tr.out { display: none }
    @media print {
      tr.out { display: table-row }
      .sides :is(.pair, .names, .notes) { min-width: 60px }
      .sides.rows { font-size: 8px }
      .sides.rows td:first-child { white-space: normal }
    }
    """
}
