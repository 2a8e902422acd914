/// The style sheet of charts.
enum ChartStyle {
  static let text: HTMLText = """
    svg { display: block }
    svg path, svg circle { cursor: inherit }
    svg [data-l] { cursor: pointer }
    .lanes { display: grid; gap: 4px; border-radius: 4px; touch-action: pan-y }
    .lane { display: grid; grid-template-columns: 104px minmax(0, 1fr); align-items: center; gap: 10px }
    .lane .name { display: flex; justify-content: space-between; flex-wrap: wrap; line-height: 1.2 }
    .lane:has(.framed) .name { flex-direction: column; align-self: start }
    .strip { width: 100%; background: var(--faint); border-radius: 2px; overflow: hidden }
    .strip.framed { border-bottom: 1px solid var(--line) }
    .strip.time { cursor: grab }
    .lanes.dragging .strip { cursor: grabbing }
    .axis { align-items: start }
    .ticks { position: relative; height: 18px; overflow: hidden; font-size: 11px; color: var(--quiet) }
    .ticks span { position: absolute; top: 0; padding-left: 4px; border-left: 1px solid var(--line);
      white-space: nowrap }
    .share { display: flex; height: 14px; margin: 4px 0 6px; overflow: hidden; border-radius: 3px; gap: 1px;
      background: var(--card) }
    .share i { height: 100% }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; list-style: none;
      font-size: .92em }
    .legend i, .key, .keyed::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 6px; border-radius: 2px }
    .legend span { margin-left: 6px; color: var(--quiet) }
    .legend .line { width: 0; height: 11px; border-left: 2px dashed var(--accent); border-radius: 0 }

    .mac { --tone: var(--mac) } .output { --tone: var(--output) } .input { --tone: var(--input) }
    .dma { --tone: var(--dma) } .host { --tone: var(--host) }
    .memory-0 { --tone: var(--memory-0) } .memory-1 { --tone: var(--memory-1) }
    .memory-2 { --tone: var(--memory-2) }
    .compute { --tone: var(--mac) } .overhead, .none { --tone: var(--overhead) }
    .layers { --tone: var(--quiet) } .utilization { --tone: var(--mac) }
    .key.value, .legend .value, .map path { --tone: var(--memory-0) } .map .input, .key.input { --tone: var(--input) }
    .key.staged, .legend .staged, .map .staged { --tone: var(--output) }
    .key, .keyed::before, .share i, .legend i:not(.line) { background: var(--tone) }
    .legend .reads, .legend .writes { --tone: var(--memory-0) }
    .legend .writes { opacity: .5 }

    .strip path { fill: var(--tone); shape-rendering: crispEdges }
    .strip .odd { fill: color-mix(in oklab, var(--tone) 58%, var(--card)) }
    .layers path { fill: var(--bar) } .layers .odd { fill: color-mix(in oklab, var(--bar) 50%, var(--card)) }
    .strip .write, .strip .writes { fill: color-mix(in oklab, var(--tone) 50%, var(--card)) }
    .strip .zero, .strip .peak { fill: none; stroke: var(--quiet); vector-effect: non-scaling-stroke }
    .strip .peak { stroke: var(--accent); stroke-width: 2; stroke-dasharray: 4 3; pointer-events: none }
    .map path[data-l] { stroke: var(--card); stroke-width: 1; vector-effect: non-scaling-stroke }
    .map.dense path[data-l] { stroke: none }
    .live { --tone: var(--memory-0) }

    .choosing .strip [data-l]:not(.on) { fill-opacity: .32 }
    .strip [data-l].on { fill: var(--accent) }
    .strip [data-l].out, .point.out { fill-opacity: .12 }
    .strip [data-l]:hover { fill: color-mix(in oklab, var(--tone) 80%, var(--ink)) }

    .chart { width: 100%; max-width: 1040px; height: auto }
    .chart text { fill: var(--quiet); font-size: 12px }
    .chart .grid { stroke: var(--line) }
    .chart .peak { stroke: var(--ink); stroke-width: 1.5 }
    .chart .limit { stroke: var(--tone); stroke-width: 1.5 }
    .chart .label { fill: var(--tone, var(--ink)); font-weight: 600; paint-order: stroke; stroke: var(--card);
      stroke-width: 4px }
    .point { fill: color-mix(in srgb, var(--tone) 55%, transparent); stroke: var(--card) }
    .choosing .point:not(.on) { fill-opacity: .35 }
    .point.on { fill: var(--accent); stroke: var(--ink); stroke-width: 2 }

    .heat-0 { --tone: var(--bar) }
    .heat-1 { --tone: color-mix(in oklab, var(--heat) 28%, var(--bar)) }
    .heat-2 { --tone: color-mix(in oklab, var(--heat) 52%, var(--bar)) }
    .heat-3 { --tone: color-mix(in oklab, var(--heat) 76%, var(--bar)) }
    .heat-4 { --tone: var(--heat) }
    .node { display: flex; align-items: center; gap: 8px; height: 22px; padding: 0 8px; white-space: nowrap }
    .node[data-l] { cursor: pointer }
    .node:hover { background: var(--faint) }
    .node.on { background: var(--wash); box-shadow: inset 3px 0 var(--accent) }
    .node.out { opacity: .4 }
    .node:focus-visible { outline-offset: -2px }
    .node > svg { flex: none }
    .node > .number { flex: 0 0 4.6em; text-align: right }
    .node .label { flex: 1 1 20em; min-width: 0; overflow: hidden; text-overflow: ellipsis }
    .node[data-block] .label { padding-left: 16px }
    .node .kind { flex: 0 0 10em; overflow: hidden; text-overflow: ellipsis; color: var(--quiet) }
    .node .from { flex: 0 1 16em; overflow: hidden; color: var(--quiet); font-size: .92em }
    .node .cost { flex: 0 0 90px; height: 8px; border-radius: 1px;
      background: linear-gradient(var(--tone) 0 0) no-repeat 0 / var(--part) }
    .node > .right { flex: 0 0 7em }
    .node.block { font-weight: 600 }
    .node.block :is(.kind, .number) { font-weight: 400 }
    .node .fold { display: flex; align-items: center; gap: 4px; min-height: 0; padding: 0; border: 0; background: none;
      flex: 0 0 4.6em; justify-content: flex-end }
    .fold::before { content: "▾"; color: var(--quiet) }
    .fold[aria-expanded=false]::before { content: "▸" }
    .node .folded, .node.shut .open { display: none }
    .node.shut .folded { display: block }
    .node.gone { display: none }
    .node.shut.holds { background: var(--wash) }
    .rails { width: calc(var(--trunk) + 8px); height: 22px }
    .rails path { fill: none; stroke: var(--quiet); stroke-width: 1.4 }
    .dot { cx: var(--trunk); cy: 11px; r: 4.5px; fill: var(--tone); stroke: var(--card); stroke-width: 1.5 }
    .folded .dot { r: 6px }
    .after-shut .above, .before-shut .below { display: none }
    .heats { margin: 0 0 0 12px }
    .tools .tools { margin: 0 }

    @media (max-width: 600px) {
      .ticks span:nth-child(even) { display: none }
      .node { gap: 6px; padding: 0 4px }
      .node .kind, .node .from, .node > .right { display: none }
      .node > .number, .node .fold { flex-basis: 3.6em }
      .node .cost { flex-basis: 36px }
    }
    @media (scripting: none) {
      #tree noscript { display: contents }
      .node.shut .folded { display: none } .node.shut .open { display: block }
    }
    @media print {
      .chart { max-width: 640px }
      .node.gone { display: flex }
      .node.shut .folded { display: none } .node.shut .open { display: block }
      .fold::before { content: none !important }
      .node { height: auto }
    }
    """
}
