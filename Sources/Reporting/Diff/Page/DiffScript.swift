/// What makes the page of a difference interactive: filters, and rows that arrow keys move among.
enum DiffScript {
  static let text: HTMLText = #"""
    function mark(row) {
      for (const other of all("tr.on")) { other.classList.remove("on"); other.removeAttribute("aria-current"); }
      row.classList.add("on");
      row.setAttribute("aria-current", "true");
      rove(row);
      row.scrollIntoView({ block: "nearest" });
    }
    for (const table of all("table.rows")) {
      const body = table.tBodies[0];
      listKeys(body, "tr", mark);
      body.addEventListener("click", (event) => mark(event.target.closest("tr")));
    }

    for (const tools of all("[data-filters]")) {
      const [search] = all("input", tools), [kind] = all("select", tools), [count] = all("output", tools);
      const rows = all("tbody tr", one(tools.dataset.filters));
      const searched = rows.map((row) =>
        [row.textContent, ...all("[title]", row).map((each) => each.title)].join(" ").toLowerCase());
      const total = count.textContent;
      const filter = () => {
        const words = search.value.toLowerCase().split(" ").filter(Boolean);
        rows.forEach((row, index) => {
          const fits = words.every((word) => searched[index].includes(word))
            && (!kind.value || row.dataset.kinds.split(" ").includes(kind.value));
          row.classList.toggle("out", !fits);
        });
        const shown = rows.filter(isShown);
        if (shown.length && !shown.some((row) => row.tabIndex === 0)) rove(shown[0]);
        count.textContent = shown.length === rows.length ? total : shown.length + " of " + total;
      };
      search.addEventListener("input", filter);
      kind.addEventListener("input", filter);
    }

    """#
}
