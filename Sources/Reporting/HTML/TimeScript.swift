/// The common time axis of all strips: zooming and moving by buttons, keys, wheel and pointer.
enum TimeScript {
  static let text: HTMLText = #"""
    const strips = all("svg.time");
    const scales = all(".lanes").filter((lanes) => lanes.querySelector("svg.time"))
      .map((lanes) => lanes.querySelector(".ticks"));
    const timeline = one("timeline");
    const shortest = 1 / 4000;
    // The part of the run that is shown, from 0 to 1.
    let view = { from: 0, to: 1 };
    let wasDragged = false;

    function show(from, to) {
      const width = Math.min(1, Math.max(shortest, to - from));
      from = Math.min(1 - width, Math.max(0, from));
      view = { from, to: from + width };
      for (const strip of strips) {
        const box = strip.viewBox.baseVal;
        box.x = from * 1e6;
        box.width = width * 1e6;
      }
      drawScales();
      const ends = [view.from, view.to].map((part) => grouped(part * figures.total));
      one("range").textContent = ends.join(" to ") + " cycles";
    }

    function drawScales() {
      const cycles = (view.to - view.from) * figures.total;
      const rough = Math.max(1, cycles / 8);
      const power = 10 ** Math.floor(Math.log10(rough));
      const distance = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
      const first = Math.ceil(view.from * figures.total / distance) * distance;
      for (const scale of scales) {
        scale.replaceChildren();
        for (let tick = first; tick <= view.to * figures.total; tick += distance) {
          const place = (tick / figures.total - view.from) / (view.to - view.from);
          // A number that would be cut off reads as another.
          if (place > 1 - 60 / Math.max(120, scale.clientWidth)) continue;
          const mark = document.createElement("span");
          mark.style.left = place * 100 + "%";
          mark.textContent = grouped(tick);
          scale.append(mark);
        }
      }
    }

    // `at` is the place that stays where it is, from 0 at the left to 1 at the right.
    function zoom(factor, at = 0.5) {
      const width = Math.min(1, Math.max(shortest, (view.to - view.from) * factor));
      const fixed = view.from + at * (view.to - view.from);
      show(fixed - at * width, fixed + (1 - at) * width);
    }
    function move(part) {
      const way = part * (view.to - view.from);
      show(view.from + way, view.to + way);
    }
    function zoomToChosen() {
      const from = figures.starts[chosen], to = figures.ends[chosen];
      if (from === null || !figures.total) return;
      const margin = Math.max(to - from, figures.total * shortest) * 0.75;
      show((from - margin) / figures.total, (to + margin) / figures.total);
      timeline.scrollIntoView({ block: "nearest" });
    }
    one("focus").addEventListener("click", zoomToChosen);

    const zooms = { in: () => zoom(0.5), out: () => zoom(2), left: () => move(-0.3), right: () => move(0.3),
      all: () => show(0, 1) };
    for (const button of all("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
    const zoomKeys = { "+": "in", "=": "in", "-": "out", ArrowUp: "in", ArrowDown: "out", ArrowLeft: "left",
      ArrowRight: "right", "0": "all" };
    timeline.addEventListener("keydown", (event) => {
      if (event.target !== timeline || event.ctrlKey || event.metaKey) return;
      if (event.key === "Home") show(0, view.to - view.from);
      else if (event.key === "End") show(1 - (view.to - view.from), 1);
      else if (zoomKeys[event.key]) zooms[zoomKeys[event.key]]();
      else return;
      event.preventDefault();
    });

    for (const lanes of new Set(strips.map((strip) => strip.closest(".lanes")))) {
      const place = (event) => {
        const box = lanes.querySelector("svg.time").getBoundingClientRect();
        return { part: (event.clientX - box.left) / box.width, width: box.width };
      };
      lanes.addEventListener("wheel", (event) => {
        // Elsewhere the wheel scrolls the page, as one expects of it.
        if (!event.ctrlKey && document.activeElement !== lanes && !(chosen !== null && event.shiftKey)) return;
        event.preventDefault();
        if (event.shiftKey) move(Math.sign(event.deltaY || event.deltaX) * 0.15);
        else zoom(1.2 ** Math.sign(event.deltaY), Math.min(1, Math.max(0, place(event).part)));
      }, { passive: false });

      let start = null;
      lanes.addEventListener("pointerdown", (event) => {
        wasDragged = false;
        if (event.button === 0 && event.target.closest("svg.time")) start = { x: event.clientX, ...view };
      });
      addEventListener("pointermove", (event) => {
        if (!start) return;
        const way = event.clientX - start.x;
        if (Math.abs(way) > 4) wasDragged = true;
        if (!wasDragged) return;
        lanes.classList.add("dragging");
        const part = way / place(event).width * (start.to - start.from);
        show(start.from - part, start.to - part);
      });
      addEventListener("pointerup", () => {
        start = null;
        lanes.classList.remove("dragging");
        // The click that follows belongs to the movement.
        setTimeout(() => { wasDragged = false; });
      });
    }

    const narrow = matchMedia("(max-width: 600px)");
    if (narrow.matches) drawScales();
    narrow.addEventListener("change", drawScales);

    // On paper the whole run is seen.
    let seen = view;
    addEventListener("beforeprint", () => { seen = view; show(0, 1); });
    addEventListener("afterprint", () => show(seen.from, seen.to));

    """#
}
