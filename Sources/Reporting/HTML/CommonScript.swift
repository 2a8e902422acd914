/// What the scripts of all pages are made of: finding elements, lists that arrow keys move in, themes.
enum CommonScript {
  static let text: HTMLText = #"""
    "use strict";
    const one = (id) => document.getElementById(id);
    const all = (selector, within = document) => [...within.querySelectorAll(selector)];
    const grouped = (number) => Math.round(number).toLocaleString("en-US");
    const percent = (share) => (share * 100).toFixed(1) + " %";

    // Of a list, one item at a time can be reached with the tabulator; arrows move among the others.
    function rove(item) {
      const list = item.parentElement;
      for (const other of all("[tabindex='0']", list)) other.tabIndex = -1;
      item.tabIndex = 0;
    }
    function isShown(item) { return !item.classList.contains("out") && !item.classList.contains("gone"); }
    function listKeys(list, selector, pick) {
      list.addEventListener("keydown", (event) => {
        const item = event.target.closest(selector);
        if (!item || event.target !== item) return;
        const items = all(selector, list).filter((each) => item.matches("tr") ? isShown(each) : each.offsetHeight);
        const at = items.indexOf(item);
        const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1,
          PageDown: Math.min(items.length - 1, at + 15), PageUp: Math.max(0, at - 15) }[event.key];
        if (event.key === "Enter" || event.key === " ") pick(item);
        else if (next === undefined) return;
        else if (items[next]) { pick(items[next]); items[next].focus({ preventScroll: true }); }
        event.preventDefault();
      });
    }

    // Sections out of sight are drawn when they come into view. Who jumps to one needs to know where it is.
    const main = all("main")[0];
    function drawAll() { main.classList.add("whole"); }
    all("header nav")[0].addEventListener("click", drawAll);
    if (location.hash) drawAll();

    const root = document.documentElement;
    const prefersDark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
    function nameTheme() { one("theme").textContent = isDark() ? "Light" : "Dark"; }
    one("theme").addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });
    prefersDark.addEventListener("change", nameTheme);
    nameTheme();

    """#
}
