/// What makes the page of a profile interactive: choosing layers, the table, tool tips.
enum PageScript {
  static let text: HTMLText = #"""
    const figures = JSON.parse(one("figures").textContent);
    const body = all("#table tbody")[0];
    const rows = all("tr", body);
    const rowOf = [...rows];
    const titles = all("#table thead th");
    const places = new Map(titles.map((title, index) => [title.dataset.key, index]).reverse());
    const titleOf = (key) => places.get(key);
    const cell = (row, key) => row.cells[titleOf(key)].textContent;

    for (const row of all("tr:not([tabindex])", body)) row.tabIndex = -1;

    const table = one("table");
    function drawRows() { table.classList.remove("brief"); }
    for (const kind of ["scroll", "focusin"]) {
      table.parentElement.addEventListener(kind, drawRows, { once: true, passive: true });
    }
    addEventListener("load", () => setTimeout(() => (self.requestIdleCallback ?? setTimeout)(drawRows), 500));

    const marks = rows.map(() => []);
    for (const mark of all("[data-l]")) marks[mark.dataset.l]?.push(mark);
    let chosen = null;

    function choose(layer) {
      if (chosen !== null) {
        for (const mark of marks[chosen]) { mark.classList.remove("on"); mark.removeAttribute("aria-current"); }
      }
      chosen = layer;
      document.body.classList.toggle("choosing", layer !== null);
      one("inspector").hidden = layer === null;
      markBlock();
      if (layer === null) return;
      if (rowOf[layer].matches(".late")) drawRows();
      for (const mark of marks[layer]) {
        mark.classList.add("on");
        if (mark.matches("tr, .node")) { mark.setAttribute("aria-current", "true"); rove(mark); reveal(mark); }
      }
      describe(layer);
    }

    // Within their own boxes, so that the page stays where it is.
    function reveal(item) {
      const box = item.closest(".scroll");
      if (!item.offsetHeight) return;
      const top = item.getBoundingClientRect().top - box.getBoundingClientRect().top;
      const head = item.matches("tr") ? 32 : 4;
      if (top < head) box.scrollTop += top - head;
      else if (top > box.clientHeight - 2 * head - 20) box.scrollTop += top - box.clientHeight + 2 * head + 20;
    }

    function describe(layer) {
      const row = rowOf[layer];
      const target = one("chosen");
      target.replaceChildren();
      const add = (kind, text, style) => {
        const element = document.createElement(kind);
        element.textContent = text;
        if (style) element.className = style;
        target.append(element);
      };
      add("b", layer + "  " + row.cells[1].textContent);
      target.title = row.cells[1].title;
      add("span", cell(row, "operator") + " on " + cell(row, "engine"));
      const share = figures.total ? figures.cycles[layer] / figures.total : 0;
      add("span", grouped(figures.cycles[layer]) + " cycles, " + percent(share));
      if (figures.macs[layer]) {
        add("span", grouped(figures.macs[layer]) + " MACs, utilization " + percent(figures.util[layer]));
      }
      add("span", "bound: " + cell(row, "bound"));
      figures.memory.forEach((bytes, index) => {
        const title = titles[titleOf("memory-" + index)].textContent;
        add("span", title + ": " + grouped(bytes[layer]) + " B");
      });
      if (row.dataset.cut) add("span", "blocks: " + row.dataset.cut);
      if (row.dataset.from) add("span", "from " + row.dataset.from, "long");
      if (row.dataset.host) add("span", "on the host: " + row.dataset.host, "long");
    }

    const pick = (item) => choose(+item.dataset.l);
    listKeys(body, "tr", pick);

    function step(by) {
      const shown = all("tr", body).filter(isShown);
      if (!shown.length) return;
      const at = shown.indexOf(rowOf[chosen]);
      const next = chosen === null ? 0 : (at + by + shown.length) % shown.length;
      choose(+shown[next].dataset.l);
    }
    one("previous").addEventListener("click", () => step(-1));
    one("next").addEventListener("click", () => step(1));
    one("clear").addEventListener("click", () => choose(null));
    document.addEventListener("keydown", (event) => {
      if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      const action = { Escape: () => choose(null), "[": () => step(-1), "]": () => step(1),
        f: () => chosen !== null && zoomToChosen() }[event.key];
      action?.();
    });
    document.addEventListener("click", (event) => {
      if (wasDragged) return;
      const mark = event.target.closest("[data-l]");
      if (mark) choose(mark.matches("tr, .node") || +mark.dataset.l !== chosen ? +mark.dataset.l : null);
    });

    function sort(title) {
      drawRows();
      const key = title.dataset.key;
      const memory = key.startsWith("memory-") ? figures.memory[+key.slice(7)] : null;
      const numbers = key === "index" ? rowOf.map((_, index) => index) : memory ?? figures[key];
      const first = numbers && key !== "index" ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = title.getAttribute("aria-sort") === first ? other : first;
      for (const each of titles) each.removeAttribute("aria-sort");
      title.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const at = titleOf(key);
      const value = (row) => numbers ? numbers[row.dataset.l] : row.cells[at].textContent;
      const keyed = rowOf.map((row, index) => ({ row, index, value: value(row) }));
      keyed.sort((a, b) => {
        // What has no number stands last either way.
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.index - b.index;
        const less = numbers ? a.value - b.value : a.value.localeCompare(b.value, "en", { numeric: true });
        return sign * less || a.index - b.index;
      });
      body.append(...keyed.map((each) => each.row));
    }
    for (const title of titles) title.firstElementChild.addEventListener("click", () => sort(title));

    let searched = null;
    function filter() {
      drawRows();
      searched ??= rowOf.map((row) =>
        [row.cells[1].title, row.cells[1].textContent, cell(row, "operator")].join(" ").toLowerCase());
      const words = one("search").value.toLowerCase().split(" ").filter(Boolean);
      const engine = one("by-engine").value, bound = one("by-bound").value;
      let count = 0, cycles = 0;
      rowOf.forEach((row, layer) => {
        const fits = words.every((word) => searched[layer].includes(word))
          && (!engine || cell(row, "engine") === engine) && (!bound || cell(row, "bound") === bound);
        if (fits) { count += 1; cycles += figures.cycles[layer]; }
        for (const mark of marks[layer]) mark.classList.toggle("out", !fits);
      });
      const shown = all("tr", body).filter(isShown);
      if (shown.length && !shown.some((row) => row.tabIndex === 0)) rove(shown[0]);
      one("count").textContent = count === rows.length ? count + " layers"
        : count + " of " + rows.length + " layers, "
          + percent(figures.total ? cycles / figures.total : 0) + " of the time";
    }
    for (const id of ["search", "by-engine", "by-bound"]) one(id).addEventListener("input", filter);

    const tip = one("tip");
    document.addEventListener("pointermove", (event) => {
      const mark = event.target.closest?.("svg [data-l]");
      tip.hidden = !mark || event.buttons > 0;
      if (tip.hidden) return;
      const layer = +mark.dataset.l;
      const row = rowOf[layer];
      tip.textContent = (mark.dataset.t ? mark.dataset.t + "\n" : "") + layer + "  " + row.cells[1].textContent + "\n"
        + cell(row, "operator") + ", " + grouped(figures.cycles[layer]) + " cycles";
      const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
      const below = event.clientY + 18 + tip.offsetHeight < innerHeight;
      tip.style.left = Math.max(4, left) + "px";
      tip.style.top = (below ? event.clientY + 18 : event.clientY - tip.offsetHeight - 10) + "px";
    });

    // Each point knows its place under every roof.
    const roofs = all("[data-roof]");
    const tones = roofs.map((button) => button.dataset.tone).filter(Boolean);
    function showRoof(chosen) {
      for (const each of roofs) each.setAttribute("aria-pressed", String(each === chosen));
      for (const point of all("circle.point")) {
        const roof = chosen.dataset.roof === "bound" ? point.dataset.own : chosen.dataset.roof;
        const place = point.dataset.places.split(" ")[roof];
        point.toggleAttribute("hidden", !place);
        if (place) point.setAttribute("cx", place);
        point.classList.remove(...tones);
        point.classList.add(tones[roof]);
      }
    }
    for (const button of roofs) button.addEventListener("click", () => showRoof(button));

    """#
}
