/// The style sheet of pages: type, colors of both themes, tables, print. Charts have theirs in `ChartStyle`.
enum PageStyle {
  /// Engines have the colors of Okabe and Ito's palette for all kinds of color vision, somewhat calmer.
  static let text: HTMLText = """
    :root {
      color-scheme: light dark;
      --page: light-dark(#fbfbfa, #15171a);
      --card: light-dark(#ffffff, #1b1e22);
      --line: light-dark(#e2e2de, #32363c);
      --faint: light-dark(#f2f2ef, #23272c);
      --ink: light-dark(#1d2125, #e4e6e8);
      --quiet: light-dark(#5c646c, #9ba3ac);
      --accent: light-dark(#ad4108, #f2955a);
      --wash: light-dark(#fbeee6, #38281e);
      --bar: light-dark(#b9c3ce, #4b5866);
      --mac: light-dark(#2a6bb0, #5e9fe6);
      --output: light-dark(#d4931a, #dfa941);
      --input: light-dark(#7db4e0, #9accf0);
      --dma: light-dark(#209272, #45bd98);
      --host: light-dark(#b3609a, #d68bc0);
      --memory-0: light-dark(#55687f, #93a8c2);
      --memory-1: light-dark(#14848f, #4cc0cb);
      --memory-2: light-dark(#83549a, #bd92d2);
      --overhead: light-dark(#a4a8ad, #6f767e);
      --heat: light-dark(#ad4108, #f2955a);
    }
    :root[data-theme=light] { color-scheme: light }
    :root[data-theme=dark] { color-scheme: dark }
    * { box-sizing: border-box }
    [hidden] { display: none !important }
    html { scroll-padding-top: 56px }
    @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    main { max-width: 1240px; margin: 0 auto; padding: 0 24px 96px }
    section { margin-top: 20px; padding: 16px 20px 18px; background: var(--card);
      border: 1px solid var(--line); border-radius: 6px;
      content-visibility: auto; contain-intrinsic-height: auto 640px }
    main.whole > section { content-visibility: visible }
    h2 { margin: 0 0 10px; font-size: 15px; font-weight: 650 }
    h3 { margin: 14px 0 6px; font-size: 13px; font-weight: 650 }
    p { margin: 6px 0; max-width: 120ch }
    small, .note { color: var(--quiet); font-size: .92em }
    kbd { padding: 0 4px; border: 1px solid var(--line); border-radius: 3px; background: var(--faint);
      font: inherit; font-size: 11px }
    .lead { font-size: 1.15em; margin-bottom: 14px; text-wrap: pretty }
    section > :last-child { margin-bottom: 0 }
    .right { text-align: right }
    .number { color: var(--quiet) }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
    .plain { margin: 0; padding: 0; list-style: none }

    .bar:is(header) { position: sticky; top: 0; z-index: 5; display: flex; align-items: center; gap: 20px;
      padding: 0 24px; min-height: 44px; background: var(--card); border-bottom: 1px solid var(--line) }
    header strong { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 650 }
    header nav { display: flex; gap: 2px; margin-left: auto }
    header nav a { padding: 4px 8px; border-radius: 4px; color: var(--quiet); text-decoration: none }
    header nav a:hover { color: var(--ink); background: var(--faint) }
    .skip { position: absolute; left: -999px }
    .skip:focus { left: 24px; padding: 4px 8px; background: var(--card); color: var(--accent) }

    :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
    button, select, input { font: inherit; color: inherit }
    button, select, input[type=search] { padding: 3px 9px; min-height: 28px; background: var(--card);
      border: 1px solid var(--line); border-radius: 4px }
    button { cursor: pointer }
    button:hover { background: var(--faint) }
    button[aria-pressed=true] { border-color: var(--accent); color: var(--accent) }
    input[type=search] { width: 240px }
    button.link { padding: 0; min-height: 0; border: 0; background: none; text-align: left }
    button.link:hover, button.link.on { color: var(--accent) }
    button.link:hover { text-decoration: underline }
    .links button { text-decoration: underline; text-decoration-color: var(--line);
      text-underline-offset: 2px }
    .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin: 0 0 10px }
    .tools output { margin-left: 8px; color: var(--quiet) }

    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 24px;
      margin: 0 0 16px }
    .figures dt { color: var(--quiet); font-size: .92em }
    .figures dd { margin: 0; font-size: 20px; font-weight: 600; letter-spacing: -.01em }
    .figures dd.note { font-size: .92em; font-weight: 400; letter-spacing: 0 }
    .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 0 48px }

    table { border-collapse: collapse; width: 100% }
    th, td { padding: 2px 8px; white-space: nowrap; border-bottom: 1px solid var(--line);
      text-align: left; font-weight: 400 }
    th.right, td.right { text-align: right }
    thead th { color: var(--quiet); font-size: .92em }
    table.small { width: auto; min-width: 50%; margin-bottom: 12px }
    .columns table.small { width: 100% }
    table.small tr > :first-child { padding-left: 0 }
    table.small tbody tr:last-child > * { border-bottom: 0 }
    caption { padding: 10px 0 4px; text-align: left; font-weight: 650 }
    td.bar { min-width: 118px; color: var(--quiet); font-size: .92em }
    td.bar::before { content: ""; display: inline-block; width: var(--part); height: 8px; margin-right: 6px;
      background: var(--bar); border-radius: 1px }
    .scroll { overflow: auto; max-height: 620px; border: 1px solid var(--line); border-radius: 4px }
    .scroll thead th { position: sticky; top: 0; z-index: 1; padding: 0; background: var(--faint) }
    .scroll tfoot :is(td, th) { position: sticky; bottom: 0; background: var(--faint); border-top: 1px solid var(--line);
      border-bottom: 0; font-weight: 600 }
    .sort { width: 100%; padding: 3px 8px; border: 0; border-radius: 0; background: none; text-align: inherit;
      white-space: nowrap }
    [aria-sort] .sort { color: var(--ink); font-weight: 600 }
    [aria-sort=ascending] .sort::after { content: " ↑" }
    [aria-sort=descending] .sort::after { content: " ↓" }
    #table :is(td, th) { padding-left: 6px; padding-right: 6px }
    #table td { text-align: right }
    #table td:is(.left, .keyed, .bar) { text-align: left }
    #table thead th { padding: 0 }
    #table .sort { padding: 3px 6px }
    #table td.bar { min-width: 100px }
    #table tbody tr { cursor: pointer }
    #table tbody tr:hover { background: var(--faint) }
    #table tbody tr.on { background: var(--wash); box-shadow: inset 3px 0 var(--accent) }
    #table tbody tr:focus-visible { outline-offset: -2px }
    #table tr.out { display: none }
    @media screen and (scripting: enabled) {
      #table.brief .late { display: none }
      #table.brief tbody::after { content: ""; display: table-row; height: calc(var(--late) * (1lh + 5px)) }
    }

    .advice { margin: 0; padding: 0; list-style: none }
    .advice li { display: grid; grid-template-columns: 120px 1fr; gap: 16px; padding: 8px 0;
      border-top: 1px solid var(--line) }
    .advice li:first-child { border-top: 0; padding-top: 0 }
    .advice h3 { margin: 0 }
    .advice p { margin: 2px 0 }
    .gain b { display: block; font-size: 18px; color: var(--accent) }
    .gain span { color: var(--quiet); font-size: 12px }

    footer { margin-top: 16px; overflow-wrap: anywhere }
    #inspector { position: fixed; z-index: 6; left: 0; right: 0; bottom: 0; display: flex; align-items: center;
      justify-content: space-between; gap: 24px; padding: 8px 24px; background: var(--card);
      border-top: 2px solid var(--accent); box-shadow: 0 -4px 16px #0002 }
    #inspector .control { display: flex; gap: 6px; flex: none }
    #chosen { min-width: 0; overflow-wrap: anywhere; max-height: 30vh; overflow: auto }
    #chosen b { display: block }
    #chosen span { margin-right: 14px; color: var(--quiet); white-space: nowrap }
    #chosen .long { white-space: normal }
    #tip { position: fixed; z-index: 7; max-width: 420px; padding: 5px 9px; white-space: pre-line;
      overflow-wrap: anywhere; pointer-events: none; background: var(--ink); color: var(--page);
      border-radius: 4px; font-size: 12px }

    @media (max-width: 900px) {
      .bar:is(header) { position: static; flex-wrap: wrap; gap: 4px 12px; padding: 6px 10px }
      header nav { order: 1; flex-wrap: wrap; margin: 0 }
      section { overflow-x: auto }
      main { padding: 0 10px 120px }
      section { padding: 12px }
      .columns { grid-template-columns: 1fr }
      #inspector { flex-direction: column; align-items: stretch; gap: 8px; padding: 8px 10px }
    }
    @media print {
      :root, :root[data-theme] { color-scheme: only light; --page: #fff; --card: #fff }
      @page { margin: 12mm }
      body { font-size: 9.5px; print-color-adjust: exact; -webkit-print-color-adjust: exact }
      .control, header nav, .skip, #inspector, #tip { display: none !important }
      .bar:is(header) { position: static; padding: 0; border: 0; font-size: 16px }
      header strong { white-space: normal }
      main { max-width: none; padding: 0 }
      section { content-visibility: visible; margin: 0; padding: 8px 0; border: 0; border-top: 1px solid var(--line); border-radius: 0 }
      h2, h3, caption { break-after: avoid }
      tr, .lane, .advice li, .node, .figures, svg { break-inside: avoid }
      .lanes { break-inside: avoid }
      .scroll { max-height: none; overflow: visible; border: 0 }
      .scroll thead th, .scroll tfoot :is(td, th) { position: static }
      thead { display: table-header-group }
      tfoot { display: table-row-group }
      th, td { padding: 1px 5px }
      td.bar { min-width: 74px }
      #table { font-size: 8.5px }
      #table :is(td, th), #table .sort { padding: 1px 3px }
      #table td.bar { min-width: 0 }
      #table td.bar::before { display: none }
      #layers { break-before: page }
      #table thead th { padding: 1px 3px }
      .sort { display: contents }
      #table th[scope=row] { white-space: normal; overflow-wrap: anywhere }
      .figures dd { font-size: 14px }
      #table tr.out { display: table-row }
      .columns { gap: 0 24px; grid-template-columns: 1fr 1fr }
    }
    """
}
