/// Folding of the graph's blocks.
enum TreeScript {
  static let text: HTMLText = #"""
    const tree = one("tree");
    const heads = tree ? all("[data-head]", tree) : [];
    const blocks = new Map(heads.map((head) => [head.dataset.head, []]));
    if (tree) for (const node of all("[data-block]", tree)) blocks.get(node.dataset.block).push(node);
    const members = [...blocks.values()];
    for (const node of tree ? all(".node[data-l]:not([tabindex])", tree) : []) node.tabIndex = -1;

    // Two neighbors that are both folded need no rails between them beside the way straight down.
    function calm(index) {
      const [above, below] = [heads[index], heads[index + 1]];
      if (!above || !below || +below.dataset.head !== +above.dataset.head + 1) return;
      const both = [above, below].every((head) => head.classList.contains("shut"));
      above.classList.toggle("before-shut", both);
      below.classList.toggle("after-shut", both);
    }
    heads.forEach((_, index) => calm(index));

    // Where there is little room, members leave out what their block says already.
    const nameOf = (node) => all(".label", node)[0];
    function shorten(index) {
      if (!matchMedia("(max-width: 600px)").matches) return;
      const scope = nameOf(heads[index]).textContent + "/";
      for (const member of members[index]) {
        const name = nameOf(member), text = name.textContent;
        if (!text.startsWith(scope)) continue;
        name.title ||= text;
        name.textContent = text.slice(scope.length);
      }
    }
    heads.forEach((_, index) => shorten(index));

    // Members of blocks that start folded are text at first; once they are drawn, they are marks like all others.
    function draw(index) {
      const text = heads[index].nextElementSibling;
      if (text?.localName !== "noscript") return;
      text.outerHTML = text.textContent;
      members[index].push(...all(`[data-block="${heads[index].dataset.head}"]`, tree));
      if (heat) members[index].forEach(paint);
      shorten(index);
      for (const mark of members[index].flatMap((member) => [member, ...all("[data-l]", member)])) {
        const layer = +mark.dataset.l;
        marks[layer].push(mark);
        if (mark.matches(".node")) mark.tabIndex = -1;
        mark.classList.toggle("on", layer === chosen);
        mark.classList.toggle("out", rowOf[layer].classList.contains("out"));
      }
    }

    // Where errors are known, layers have the color of their error, or as at first that of their time.
    const heatChoices = all("[data-heat]");
    let heat = 0;
    function paint(node) {
      const level = "heat-" + node.dataset.heats.split(" ")[heat];
      for (const mark of all(".dot, .cost", node)) {
        mark.setAttribute("class", mark.getAttribute("class").replace(/heat-\d/, level));
      }
    }
    for (const button of heatChoices) {
      button.addEventListener("click", () => {
        heat = +button.dataset.heat;
        for (const each of heatChoices) each.setAttribute("aria-pressed", String(each === button));
        all(".heats").forEach((legend, index) => { legend.hidden = index !== heat; });
        all("[data-heats]", tree).forEach(paint);
      });
    }

    function fold(index, shut) {
      if (!shut) draw(index);
      heads[index].classList.toggle("shut", shut);
      calm(index - 1);
      calm(index);
      all(".fold", heads[index])[0].setAttribute("aria-expanded", String(!shut));
      for (const member of members[index]) member.classList.toggle("gone", shut);
      if (shut && members[index].some((member) => member.tabIndex === 0)) {
        // Something that can be seen must be reachable with the tabulator.
        const first = all(".node[data-l]", tree).find((node) => !node.classList.contains("gone"));
        if (first) rove(first);
      }
    }
    function markBlock() {
      for (const head of heads) {
        const holds = chosen !== null && +head.dataset.first <= chosen && chosen <= +head.dataset.last;
        head.classList.toggle("holds", holds);
      }
    }
    // On paper all rows are seen.
    addEventListener("beforeprint", () => heads.forEach((head, index) => {
      draw(index);
      for (const member of members[index]) member.classList.toggle("gone", head.classList.contains("shut"));
    }));
    heads.forEach((head, index) => {
      head.addEventListener("click", () => fold(index, !head.classList.contains("shut")));
      head.addEventListener("keydown", (event) => {
        if (event.key === "ArrowLeft") fold(index, true);
        else if (event.key === "ArrowRight") fold(index, false);
        else return;
        event.preventDefault();
      });
    });
    for (const button of all("[data-tree]")) {
      button.addEventListener("click", () => heads.forEach((_, index) => fold(index, button.dataset.tree === "fold")));
    }
    if (tree) listKeys(tree, ".node[data-l]", pick);

    """#
}
